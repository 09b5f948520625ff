"""What the worker asks chat for: the prompt of a generation, and where its text goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.chat import scripts
from parley.chat.prompting import turns_of
from parley.chat.queries import path_to
from parley.connections.service import provider_for
from parley.generations.runner import Prepared
from parley.lib.clock import now_ms
from parley.lib.db import one
from parley.lib.errors import NotFound
from parley.providers.base import Prompt

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_PATH = 1000  # messages looked at for a prompt; far more than any window holds
KEPT_AFTER_DELETION = 60 * 60 * 1000  # ms in which a deletion can be undone

store_answer = scripts.store_answer


async def prepare(resources: Resources, generation: int) -> Prepared:
    """The provider and the prompt of a generation. Raises AppError when its model is gone."""
    row = one(
        await resources.db.fetch(
            "SELECT g.model, g.prefix, m.parent FROM generation g JOIN message m ON m.id = g.message"
            " WHERE g.id = ?",
            generation,
        )
    )
    if row is None:
        raise NotFound("The message of this answer was deleted.")
    provider, raw_id = await provider_for(resources, row["model"])
    path = await path_to(resources.db, row["parent"], limit=LONGEST_PATH)
    return Prepared(provider, Prompt(raw_id, turns_of(path, prefix=row["prefix"])))


async def purge_deleted(resources: Resources) -> int:
    """Really delete what was deleted long enough ago; how many conversations."""
    return await resources.db.write(scripts.purge, now_ms() - KEPT_AFTER_DELETION)
