"""Doors: prompts loaded through the actor. Unknown and forbidden are the same 404."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.actor import Actor
from parley.lib.db import LARGEST_ID, Database, one
from parley.lib.errors import NotFound
from parley.web.i18n import _

COLUMNS = "p.id, p.owner, p.shared, p.command, p.title, p.body, p.version, p.updated_at, u.username AS author"


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt somebody may read; its owner, and for a shared one an administrator, may change it."""

    id: int
    owner: int
    shared: bool
    command: str
    title: str
    body: str
    version: int
    updated_at: int
    author: str


async def prompt_for_reader(db: Database, id: int, actor: Actor) -> PromptRow:
    """One's own prompt or a shared one; raises NotFound."""
    row = None
    if 0 < id <= LARGEST_ID:
        row = one(
            await db.fetch(
                f"SELECT {COLUMNS} FROM prompt p JOIN user_account u ON u.id = p.owner"  # noqa: S608
                " WHERE p.id = ? AND p.deleted_at IS NULL AND (p.owner = ? OR p.shared = TRUE)",
                id,
                actor.id,
            )
        )
    if row is None:
        raise gone()
    return PromptRow(**{**row, "shared": bool(row["shared"])})


async def prompt_for_writer(db: Database, id: int, actor: Actor) -> PromptRow:
    """A prompt the actor may change; raises NotFound."""
    prompt = await prompt_for_reader(db, id, actor)
    if not may_change(prompt, actor):
        raise gone()
    return prompt


def may_change(prompt: PromptRow, actor: Actor) -> bool:
    """Its owner may; so may administrators once everybody sees it."""
    return prompt.owner == actor.id or (prompt.shared and actor.is_admin)


def gone() -> NotFound:
    """What anybody hears of a prompt that is not theirs to see."""
    return NotFound(_("This prompt does not exist or is not yours."))
