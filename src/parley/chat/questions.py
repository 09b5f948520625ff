"""What one generation is about, and which models may answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.catalogue.models import ModelRow
from parley.catalogue.policy import may_use
from parley.catalogue.queries import all_models
from parley.chat.attachments import documents_for, pictures_for
from parley.chat.prompting import Documents, Pictures, filled, instructed
from parley.chat.queries import PathMessage, length_of_path, path_to
from parley.lib.clock import local_now
from parley.lib.db import Row
from parley.lib.errors import Conflict, NotFound
from parley.routes.service import resolve
from parley.settings import answering
from parley.settings.catalogue import Values
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_PATH = 1000  # messages looked at for a prompt; far more than any window holds
MOST_MODELS = 6  # the chosen one and its fallbacks


@dataclass(frozen=True, slots=True)
class Question:
    """`row` is the generation with its conversation and owner, `path` the last messages that lead to it."""

    row: Row
    path: list[PathMessage]
    pictures: Pictures
    values: Values
    older: int = 0  # messages before those of `path`
    documents: Documents = field(default_factory=dict)

    @property
    def system(self) -> str:
        """The system prompt that counts: the conversation's, else the person's, else the site's."""
        row = self.row
        chosen = row["system_prompt"] or row["personal_prompt"] or self.values[answering.SYSTEM_PROMPT]
        return filled(chosen, now=local_now(), user=row["username"])


async def question_of(resources: Resources, generation: int, values: Values) -> Question:
    """Everything about a generation but the models. Raises NotFound when it was deleted."""
    rows = await resources.db.fetch(
        "SELECT g.model, g.prefix, g.owner, m.parent, m.instruction, c.system_prompt, c.sampling,"
        " c.reasoning, u.username, u.role, u.personal_prompt"
        " FROM generation g JOIN message m ON m.id = g.message"
        " JOIN conversation c ON c.id = m.conversation JOIN user_account u ON u.id = c.owner WHERE g.id = ?",
        generation,
    )
    if not rows:
        raise NotFound(_("The message of this answer was deleted."))
    path = await path_to(resources.db, rows[0]["parent"], limit=LONGEST_PATH)
    path = instructed(path, rows[0]["instruction"])
    before = path[0].parent if path else None
    older = await length_of_path(resources.db, before) if before is not None else 0
    pictures, documents = await pictures_for(resources, path), await documents_for(resources, path)
    return Question(rows[0], path, pictures, values, older, documents)


async def candidates(resources: Resources, question: Question) -> list[ModelRow]:
    """The chosen model (or what its route says) and the fallbacks, as far as the owner may use them now.

    Raises NotFound, Conflict for a chosen model that is gone, off or not for this person.
    """
    models = await _resolved(resources, question)
    named = {model.id for model in models}
    further = dict.fromkeys(id for model in models for id in model.fallbacks if id not in named)
    if further:
        known = {model.id: model for model in await all_models(resources.db)}
        models += [known[id] for id in further if id in known]
    role = question.row["role"]
    allowed = [model for model in models if may_use(model, role, question.values)]
    chosen = question.row["model"]  # of a route, any target that is allowed will do
    if not allowed or (models[0].id == chosen and allowed[0] is not models[0]):
        raise NotFound(
            _(
                "You may not use the model “%(model)s”. Choose another one.",
                model=_named(question, models[0]),
            ),
            code="model_not_found",
        )
    return allowed[:MOST_MODELS]


def _named(question: Question, first: ModelRow) -> str:
    """What the person chose; a route does not tell where it leads."""
    chosen: str = question.row["model"]
    return first.name if first.id == chosen else chosen


async def _resolved(resources: Resources, question: Question) -> list[ModelRow]:
    """What the chosen id stands for; pictures go to who is known to see.

    Where a route leads to nobody of that kind it is as with a model chosen by itself: one that may see is
    sent the pictures, a blind one words.
    """
    needs = frozenset({"vision"}) if question.pictures else frozenset[str]()
    try:
        return await resolve(resources, question.row["model"], needs=needs)
    except Conflict:
        if not needs:
            raise
        return await resolve(resources, question.row["model"])
