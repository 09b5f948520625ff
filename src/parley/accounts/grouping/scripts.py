"""Transactions about groups, as scripts for both engines. Each leaves its line in the audit log."""

from __future__ import annotations

from parley.accounts.people.deciding import Officer
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one

MOST = 200  # groups of one site


def create(name: str, key: str, officer: Officer, now: int) -> Script[str]:
    """A new group: "done", "taken" name, or "full"."""
    counted = yield "SELECT COUNT(*) AS n FROM user_group", ()
    if counted[0]["n"] >= MOST:
        return "full"
    rows = yield (
        "INSERT INTO user_group (name, name_key, created_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name_key) DO NOTHING RETURNING id",
        (name, key, now),
    )
    if not rows:
        return "taken"
    yield from _note(officer, "group.created", rows[0]["id"], now, after={"name": name})
    return "done"


def rename(group: int, name: str, key: str, officer: Officer, now: int) -> Script[str]:
    """Another name: "done", "taken" by another group, or "unknown"."""
    was = one((yield "SELECT name FROM user_group WHERE id = ?", (group,)))
    if was is None:
        return "unknown"
    rows = yield (
        "UPDATE user_group SET name = ?, name_key = ? WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM user_group o WHERE o.name_key = ? AND o.id <> ?) RETURNING id",
        (name, key, group, key, group),
    )
    if not rows:
        return "taken"
    yield from _note(officer, "group.renamed", group, now, before={"name": was["name"]}, after={"name": name})
    return "done"


def delete(group: int, officer: Officer, now: int) -> Script[bool]:
    """Dissolve a group; its people stay, in none. False when there is no such."""
    rows = yield "DELETE FROM user_group WHERE id = ? RETURNING name", (group,)
    if not rows:
        return False
    yield from _note(officer, "group.deleted", group, now, before={"name": rows[0]["name"]})
    return True


def _note(
    officer: Officer, act: str, group: int, now: int, *, before: Row | None = None, after: Row | None = None
) -> Script[None]:
    yield from record(
        Entry(
            act=act,
            subject=f"group {group}",
            actor=officer.id,
            actor_name=officer.name,
            address=officer.address,
            before=before,
            after=after,
        ),
        now,
    )
