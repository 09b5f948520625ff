"""What the worker asks chat for: whom to ask for a generation, and where its text goes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from parley.chat import scripts
from parley.chat.asking import asks_of
from parley.chat.attachments import keep_made, pictures_for
from parley.chat.branches.scripts import purge as purge_messages
from parley.chat.describing import describe_new
from parley.chat.questions import candidates, question_of
from parley.chat.tempering import limits_of
from parley.generations.runner import Prepared
from parley.lib.clock import now_ms
from parley.settings.keeping import DELETED_HOURS
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources

MESSAGES_KEPT = 30 * 60 * 1000  # ms in which a deletion can be undone, of messages of a chat that stays

HOUR_MS = 3_600_000

store_answer = scripts.store_answer


async def prepare(resources: Resources, generation: int) -> Prepared:
    """Whom to ask for a generation, and what. Raises AppError when nobody can be asked."""
    values = await load(resources.db)
    question = await question_of(resources, generation, values)
    models = await candidates(resources, question)
    told = await describe_new(resources, models[0], list(question.pictures), values)
    if told is not None:
        question = replace(question, pictures=await pictures_for(resources, question.path))
    asks, passed_over = await asks_of(resources, question, models)
    keep = partial(keep_made, resources, question.row["owner"])
    return Prepared(asks, limits_of(values), keep, (told,) if told else (), passed_over)


async def purge_deleted(resources: Resources) -> int:
    """Really delete what was deleted long enough ago; how many conversations and messages."""
    messages = await resources.db.write(purge_messages, now_ms() - MESSAGES_KEPT)
    hours = (await load(resources.db))[DELETED_HOURS]
    return messages + await resources.db.write(scripts.purge, now_ms() - hours * HOUR_MS)
