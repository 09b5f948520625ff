"""Transactions about settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Script
from parley.settings.branding import MARK


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes settings, for the history and the audit log."""

    id: int | None = None
    name: str = ""
    address: str = ""


NOBODY = Author()


def store(
    values: Mapping[str, object], unset: tuple[str, ...], now: int, by: Author = NOBODY
) -> Script[tuple[str, ...]]:
    """Keep these values and forget the keys in `unset`: they take their defaults again.

    What changes is noted in the history and the audit log (call it last in a transaction); the keys of that.
    """
    wanted = {key: msgspec.json.encode(value).decode() for key, value in values.items()} | dict.fromkeys(
        unset, ""
    )
    if not wanted:
        return ()
    places = ", ".join("?" * len(wanted))
    rows = yield f"SELECT key, value FROM setting WHERE key IN ({places})", tuple(wanted)  # noqa: S608
    before = {row["key"]: row["value"] for row in rows}
    changed = tuple(sorted(key for key, value in wanted.items() if before.get(key, "") != value))
    for key in changed:
        yield from _put(key, wanted[key], now)
        yield (
            "INSERT INTO setting_history (key, before, after, at, actor, actor_name)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key, before.get(key, ""), wanted[key], now, by.id, by.name[:40]),
        )
    if changed:
        entry = Entry(
            act="setting.changed",
            subject=f"setting {changed[0]}" if len(changed) == 1 else f"{len(changed)} settings",
            actor=by.id,
            actor_name=by.name,
            address=by.address,
            before={key: _plain(before.get(key, "")) for key in changed},
            after={key: _plain(wanted[key]) for key in changed},
        )
        yield from record(entry, now)
    return changed


def forget_history(before: int, limit: int = 500) -> Script[int]:
    """Forget changes from before that time; how many."""
    rows = yield (
        "DELETE FROM setting_history WHERE id IN"
        " (SELECT id FROM setting_history WHERE at < ? ORDER BY id LIMIT ?) RETURNING id",
        (before, limit),
    )
    return len(rows)


def keep_mark(mark: str, files: Mapping[str, bytes], now: int) -> Script[None]:
    """Keep the pictures of a mark; until a setting names it, `forget_marks` may take them again."""
    for name, data in files.items():
        yield (
            "INSERT INTO site_mark (name, mark, data, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at",
            (name, mark, data, now),
        )


def forget_marks(used: str, before: int) -> Script[int]:
    """Forget pictures from before that time but those of the mark `used` and of marks the history names.

    Call it after `forget_history`; how many went.
    """
    rows = yield (
        "DELETE FROM site_mark WHERE created_at < ? AND mark <> ? AND NOT EXISTS"
        " (SELECT 1 FROM setting_history h WHERE h.key = ?"
        " AND (h.before = '\"' || site_mark.mark || '\"' OR h.after = '\"' || site_mark.mark || '\"'))"
        " RETURNING name",
        (before, used, MARK.key),
    )
    return len(rows)


def _put(key: str, value: str, now: int) -> Script[None]:
    if not value:
        yield "DELETE FROM setting WHERE key = ?", (key,)
        return
    yield (
        "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        (key, value, now),
    )


def _plain(value: str) -> object:
    return msgspec.json.decode(value) if value else None
