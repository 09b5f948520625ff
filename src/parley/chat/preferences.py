"""What a person wants of all their chats, and what one chat wants: reads and verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.catalogue.marks import default_model, set_default
from parley.chat import scripts
from parley.chat.tuning import checked_prompt
from parley.lib.db import Database
from parley.settings.answering import PROMPT_LIMIT
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources


@dataclass(frozen=True, slots=True)
class Personal:
    """A person's own defaults; "" takes the site's."""

    prompt: str
    default_model: str  # public id


async def personal(db: Database, owner: int) -> Personal:
    """What the person chose."""
    rows = await db.fetch("SELECT personal_prompt FROM user_account WHERE id = ?", owner)
    return Personal(rows[0]["personal_prompt"] if rows else "", await default_model(db, owner))


async def prompt_limit(db: Database) -> int:
    """How many characters a system prompt may have."""
    return (await load(db))[PROMPT_LIMIT]


async def change_personal(
    resources: Resources, actor: Actor, *, prompt: str | None = None, model: str | None = None
) -> Personal:
    """Change them, None leaves what is there; raises Invalid for a long prompt, NotFound for the model."""
    if prompt is not None:
        prompt = checked_prompt(prompt, await prompt_limit(resources.db))
    if model is not None:
        await set_default(resources, actor, model)
    if prompt is not None:
        await resources.db.write(scripts.change_personal_prompt, actor.id, prompt)
    return await personal(resources.db, actor.id)
