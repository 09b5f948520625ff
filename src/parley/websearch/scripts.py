"""Transactions about engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Script


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key as it is stored."""

    text: str
    hint: str


Seal = Callable[[int], SealedKey]  # for a row: what is sealed is bound to it


def set_up(
    name: str, address: str, seal: Seal | None, entry: Entry, now: int, *, forget: bool = False
) -> Script[bool]:
    """Keep the address of an engine and, with `seal`, its key; whether anything changed.

    Without a new one the key stays, unless the address becomes another or it is to be forgotten. What was
    known about searches begins anew.
    """
    yield (
        "INSERT INTO web_engine (name, address, updated_at) VALUES (?, '', ?) ON CONFLICT (name) DO NOTHING",
        (name, now),
    )
    before = (yield ("SELECT id, address, sealed, hint FROM web_engine WHERE name = ?", (name,)))[0]
    key = SealedKey(before["sealed"], before["hint"]) if before["sealed"] else None
    if seal is not None:
        key = seal(before["id"])
    elif forget or before["address"] != address:
        key = None
    had = before["sealed"] is not None
    if seal is None and before["address"] == address and had == (key is not None):
        return False
    yield (
        "UPDATE web_engine SET address = ?, sealed = ?, hint = ?, tried_at = NULL, worked_at = NULL,"
        " failing_since = NULL, fault = '', latency_ms = NULL,"
        " updated_at = CASE WHEN updated_at >= ? THEN updated_at + 1 ELSE ? END WHERE id = ?",
        (address, key.text if key else None, key.hint if key else "", now, now, before["id"]),
    )
    yield from record(_told(entry, (before["address"], had), (address, key is not None), seal), now)
    return True


def remember(id: int, updated_at: int, fault: str, latency_ms: int, now: int) -> Script[None]:
    """How a search went ("" is well), unless the engine was changed meanwhile."""
    if fault:
        yield (
            "UPDATE web_engine SET tried_at = ?, fault = ?, latency_ms = ?,"
            " failing_since = COALESCE(failing_since, ?) WHERE id = ? AND updated_at = ?",
            (now, fault, latency_ms, now, id, updated_at),
        )
    else:
        yield (
            "UPDATE web_engine SET tried_at = ?, worked_at = ?, fault = '', latency_ms = ?,"
            " failing_since = NULL WHERE id = ? AND updated_at = ?",
            (now, now, latency_ms, id, updated_at),
        )


def _told(entry: Entry, before: tuple[str, bool], after: tuple[str, bool], seal: Seal | None) -> Entry:
    """What the audit log hears: hosts, and that there is a key."""
    if seal is not None:
        act = "websearch.key_changed"
    elif before[1] and not after[1]:
        act = "websearch.key_removed"
    else:
        act = "websearch.address_changed"
    said = [{"host": urlsplit(address).hostname or "", "key": had} for address, had in (before, after)]
    return replace(entry, act=act, before=said[0], after=said[1])
