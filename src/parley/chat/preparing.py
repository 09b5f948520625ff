"""From a queued generation to whom is asked and what: models, keys, limits, context."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from parley.catalogue.models import ModelRow
from parley.catalogue.policy import may_use
from parley.catalogue.queries import model_row
from parley.chat import prompting
from parley.chat.attachments import pictures_for
from parley.chat.queries import PathMessage, path_to
from parley.connections.credentials import open_connection
from parley.connections.queries import ConnectionRow, connection_row
from parley.generations.runner import Ask, Key
from parley.generations.tags import KNOWN, Pairs
from parley.generations.taking import Limits
from parley.lib.clock import local_now
from parley.lib.db import Row
from parley.lib.errors import AppError, Conflict, NotFound
from parley.lib.http import Patience
from parley.providers.base import Prompt
from parley.providers.sampling import Reasoning, Sampling
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
    """What one generation is about; `row` is the generation with its conversation and owner."""

    row: Row
    path: list[PathMessage]
    pictures: prompting.Pictures
    values: Values

    @property
    def system(self) -> str:
        """The system prompt that counts: the conversation's, else the person's, else the site's."""
        row = self.row
        chosen = row["system_prompt"] or row["personal_prompt"] or self.values[answering.SYSTEM_PROMPT]
        return prompting.filled(chosen, now=local_now(), user=row["username"])


async def question_of(resources: Resources, generation: int, values: Values) -> Question:
    """Everything about a generation but the models. Raises NotFound when it was deleted."""
    rows = await resources.db.fetch(
        "SELECT g.model, g.prefix, g.owner, m.parent, c.system_prompt, c.sampling, c.reasoning,"
        " u.username, u.role, u.personal_prompt FROM generation g JOIN message m ON m.id = g.message"
        " JOIN conversation c ON c.id = m.conversation JOIN user_account u ON u.id = c.owner WHERE g.id = ?",
        generation,
    )
    if not rows:
        raise NotFound(_("The message of this answer was deleted."))
    path = await path_to(resources.db, rows[0]["parent"], limit=LONGEST_PATH)
    return Question(rows[0], path, await pictures_for(resources, path), values)


async def candidates(resources: Resources, question: Question) -> list[ModelRow]:
    """The chosen model (or what its route says) and the fallbacks, as far as the owner may use them now.

    Raises NotFound, Conflict for a chosen model that is gone, off or not for this person.
    """
    needs = frozenset({"vision"}) if question.pictures else frozenset[str]()
    models = await resolve(resources, question.row["model"], needs=needs)
    wanted = dict.fromkeys(id for model in models for id in model.fallbacks)
    named = {model.id for model in models}
    for id in wanted:
        fallback = await model_row(resources.db, id) if id not in named else None
        if fallback is not None:
            models.append(fallback)
    role = question.row["role"]
    allowed = [model for model in models if may_use(model, role, question.values)]
    chosen = question.row["model"]  # of a route, any target that is allowed will do
    if not allowed or (models[0].id == chosen and allowed[0] is not models[0]):
        raise NotFound(
            _("You may not use the model “%(model)s”. Choose another one.", model=models[0].name),
            code="model_not_found",
        )
    return allowed[:MOST_MODELS]


async def asks_of(
    resources: Resources, question: Question, models: list[ModelRow], patience: Patience
) -> tuple[Ask, ...]:
    """One ask for each model whose connection can be opened; raises the first refusal when none can."""
    asks: list[Ask] = []
    refusal: AppError | None = None
    for model in models:
        try:
            asks.append(await _ask(resources, question, model, patience))
        except AppError as error:
            refusal = refusal or error
    if not asks:
        assert refusal is not None, "there is at least one model"
        raise refusal
    return tuple(asks)


def patience_of(values: Values) -> Patience:
    """How long one request may take."""
    return Patience(
        connect=values[answering.CONNECT_SECONDS],
        headers=values[answering.HEADERS_SECONDS],
        idle=max(values[answering.IDLE_SECONDS], 0.1),
        total=values[answering.TOTAL_SECONDS],
    )


def limits_of(values: Values) -> Limits:
    """How long to wait for facts: a model that thinks in silence may do so in the middle, too."""
    first = values[answering.FIRST_TOKEN_SECONDS]
    return Limits(first_fact=first, next_fact=max(first, values[answering.IDLE_SECONDS]))


async def _ask(resources: Resources, question: Question, model: ModelRow, patience: Patience) -> Ask:
    connection = await connection_row(resources.db, model.connection_id)
    if connection is None or model.gone_at is not None:
        raise Conflict(
            _("The provider does not offer “%(model)s” any more. Choose another model.", model=model.name),
            code="model_not_found",
        )
    credentials = await open_connection(resources, connection, patience)
    prompt, tokens, left_out = _prompt(question, model)
    return Ask(
        model=model.id,
        name=model.name,
        connection=connection.id,
        connection_name=connection.name,
        # A changed connection deserves a fresh start: its breaker goes by when it was changed.
        keys=tuple(Key(f"{each.id}@{connection.updated_at}", each.provider) for each in credentials),
        prompt=prompt,
        prices=model.prices,
        tags=tags_of(connection, question.values),
        prompt_tokens=tokens,
        left_out=left_out,
    )


def _prompt(question: Question, model: ModelRow) -> tuple[Prompt, int, int]:
    values = question.values
    window = model.context_window or values[answering.DEFAULT_WINDOW]
    sampling = _sampling(question, model)
    found = prompting.built(
        question.path,
        window=window,
        keep_free=sampling.max_tokens or min(model.max_output or window, prompting.ANSWER_ROOM),
        system=question.system,
        prefix=question.row["prefix"],
        pictures=question.pictures if model.can("vision") else blind(question.pictures),
    )
    room = prompting.room(window=window, max_output=model.max_output, prompt_tokens=found.tokens)
    prompt = Prompt(
        model.raw_id,
        found.turns,
        sampling=prompting.clamped(sampling, room),
        reasoning=_reasoning(question, model),
        context_window=window,
        room=room,
    )
    return prompt, found.tokens, found.left_out


def blind(pictures: prompting.Pictures) -> prompting.Pictures:
    """Pictures for a model that cannot see: their descriptions, and themselves where there is none."""
    return {
        message: [replace(each, image=None) if each.description else each for each in those]
        for message, those in pictures.items()
    }


def tags_of(connection: ConnectionRow, values: Values) -> Pairs:
    """Between which tags reasoning stands in the text: the connection's own rule, else the site's."""
    own = connection.options.reasoningTags
    mode, pair = own.mode, (own.open, own.close)
    if mode == "default":
        mode, pair = values[answering.TAGS], (values[answering.TAG_OPEN], values[answering.TAG_CLOSE])
    if mode == "custom" and all(pair):
        return (pair,)
    return () if mode == "off" else KNOWN


def _sampling(question: Question, model: ModelRow) -> Sampling:
    values = question.values
    site = Sampling(
        temperature=values[answering.TEMPERATURE],
        top_p=values[answering.TOP_P],
        max_tokens=values[answering.MAX_TOKENS],
    )
    own = msgspec.json.decode(question.row["sampling"], type=Sampling)
    return own.over(model.sampling).over(site)


def _reasoning(question: Question, model: ModelRow) -> Reasoning:
    effort = question.values[answering.EFFORT]
    site = Reasoning(mode="off") if effort == "off" else Reasoning(effort=effort)
    own = msgspec.json.decode(question.row["reasoning"], type=Reasoning)
    return own.over(model.reasoning).over(site)
