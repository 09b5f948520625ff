"""The statements of each verb. Every change of words leaves the words before it as a version."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Script, one
from parley.lib.errors import Conflict, Invalid
from parley.web.i18n import _

MOST_VERSIONS = 50  # of one prompt; the oldest go
MOST_PROMPTS = 1000  # of one person


@dataclass(frozen=True, slots=True)
class Wording:
    """What a prompt says, and who may see it."""

    command: str
    title: str
    body: str
    shared: bool


def create(owner: int, wording: Wording, now: int) -> Script[int]:
    """A new prompt; raises Invalid when another of the owner's has its command, Conflict for too many."""
    rows = yield (
        "INSERT INTO prompt (owner, shared, command, title, body, created_at, updated_at)"
        " SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM prompt WHERE owner = ?"
        " AND deleted_at IS NULL) < ?"
        " ON CONFLICT (owner, command) WHERE deleted_at IS NULL DO NOTHING RETURNING id",
        (
            owner,
            wording.shared,
            wording.command,
            wording.title,
            wording.body,
            now,
            now,
            owner,
            MOST_PROMPTS,
        ),
    )
    if not rows:
        yield from _refuse_taken(owner, wording.command, 0)
        raise Conflict(_("You have %(most)d prompts. Delete one first.", most=MOST_PROMPTS))
    id = int(rows[0]["id"])
    yield from _keep_version(id, 1, wording.title, wording.body, owner, now)
    return id


def change(prompt: int, owner: int, author: int, wording: Wording, now: int) -> Script[bool]:
    """Say it differently; other words make a version. False when it is gone; raises Invalid like `create`."""
    yield from _refuse_taken(owner, wording.command, prompt)
    rows = yield (
        "UPDATE prompt SET shared = ?, command = ?, version = version + (CASE WHEN title = ? AND body = ?"
        " THEN 0 ELSE 1 END), title = ?, body = ?, updated_at = ?"
        " WHERE id = ? AND deleted_at IS NULL RETURNING version",
        (
            wording.shared,
            wording.command,
            wording.title,
            wording.body,
            wording.title,
            wording.body,
            now,
            prompt,
        ),
    )
    if not rows:
        return False
    yield from _keep_version(prompt, rows[0]["version"], wording.title, wording.body, author, now)
    return True


def delete(prompt: int, now: int) -> Script[bool]:
    """Put it out of sight; `restore` brings it back."""
    rows = yield (
        "UPDATE prompt SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL RETURNING id",
        (now, prompt),
    )
    return bool(rows)


def restore(prompt: int, actor: int) -> Script[bool]:
    """Undo one's own deletion; False when there is none. Raises Invalid when the command was taken since."""
    row = one(
        (
            yield (
                "SELECT owner, command FROM prompt WHERE id = ? AND owner = ? AND deleted_at IS NOT NULL",
                (prompt, actor),
            )
        )
    )
    if row is None:
        return False
    yield from _refuse_taken(row["owner"], row["command"], prompt)
    yield "UPDATE prompt SET deleted_at = NULL WHERE id = ?", (prompt,)
    return True


def purge(before: int) -> Script[int]:
    """Forget what was deleted before that time; how many."""
    rows = yield "DELETE FROM prompt WHERE deleted_at < ? RETURNING id", (before,)
    return len(rows)


def _keep_version(prompt: int, number: int, title: str, body: str, author: int, now: int) -> Script[None]:
    yield (
        "INSERT INTO prompt_version (prompt, number, title, body, author, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (prompt, number) DO NOTHING",
        (prompt, number, title, body, author, now),
    )
    yield "DELETE FROM prompt_version WHERE prompt = ? AND number <= ?", (prompt, number - MOST_VERSIONS)


def _refuse_taken(owner: int, command: str, but: int) -> Script[None]:
    rows = yield (
        "SELECT id FROM prompt WHERE owner = ? AND command = ? AND deleted_at IS NULL AND id <> ?",
        (owner, command, but),
    )
    if rows:
        text = _("Another prompt has the command /%(command)s already.", command=command)
        raise Invalid(text, code="command_taken", fields={"command": text})
