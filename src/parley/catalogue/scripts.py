"""Transactions about models; each is one verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from parley.catalogue.merging import stored_overrides
from parley.catalogue.overrides import Overrides
from parley.lib.db import Database, Many, Script


def row_lock(db: Database) -> str:
    """What makes a SELECT hold its rows. SQLite's writing transactions already exclude each other."""
    return " FOR UPDATE" if db.kind == "postgres" else ""


def override(ids: Sequence[str], change: Callable[[Overrides], Overrides], lock: str) -> Script[list[str]]:
    """Change what an administrator says about these models, all or none; the ids nobody knows.

    A model that is gone upstream and about which nothing is said any more is forgotten.
    """
    marks = ", ".join("?" * len(ids))
    rows = yield (
        f"SELECT id, public_id, overrides FROM model WHERE public_id IN ({marks}) ORDER BY id{lock}",  # noqa: S608
        tuple(ids),
    )
    known = {row["public_id"] for row in rows}
    missing = [id for id in ids if id not in known]
    if missing:
        return missing
    changed = []
    for row in rows:
        text = msgspec.json.encode(change(stored_overrides(row["overrides"]))).decode()
        if text != row["overrides"]:
            changed.append((text, row["id"]))
    if changed:
        yield Many("UPDATE model SET overrides = ? WHERE id = ?", changed)
        yield Many(
            "DELETE FROM model WHERE id = ? AND gone_at IS NOT NULL AND overrides = '{}'",
            [(id,) for _text, id in changed],
        )
    return []


def claim_refresh(ids: Sequence[int], now: int, until: int) -> Script[list[int]]:
    """Take the refresh of these connections until `until`; those that nobody else is refreshing."""
    taken = []
    for id in ids:
        rows = yield (
            "UPDATE connection SET refresh_until = ?"
            " WHERE id = ? AND enabled AND refresh_until <= ? RETURNING id",
            (until, id, now),
        )
        taken += [row["id"] for row in rows]
    return taken


def end_refresh(id: int, until: int) -> Script[None]:
    """Let go of a refresh that was taken until `until`."""
    yield "UPDATE connection SET refresh_until = 0 WHERE id = ? AND refresh_until = ?", (id, until)


def mark_favourite(owner: int, model: str, favourite: bool) -> Script[None]:
    """Mark a model as a person's favourite, or not any more."""
    yield (
        "INSERT INTO model_mark (owner, model, favourite) VALUES (?, ?, ?)"
        " ON CONFLICT (owner, model) DO UPDATE SET favourite = excluded.favourite",
        (owner, model, favourite),
    )


def mark_used(owner: int, model: str, now: int) -> Script[None]:
    """A person asked a model; a piece of the transaction that stores the question."""
    yield (
        "INSERT INTO model_mark (owner, model, used_at) VALUES (?, ?, ?)"
        " ON CONFLICT (owner, model) DO UPDATE SET used_at = excluded.used_at",
        (owner, model, now),
    )


def set_default(owner: int, model: str) -> Script[None]:
    """The model a person's new chats begin with; "" takes the first that can be used."""
    yield "UPDATE user_account SET default_model = ? WHERE id = ?", (model, owner)
