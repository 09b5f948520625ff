"""A question and the models that may answer it -> what each of them is asked, with which keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from parley.catalogue.models import ModelRow
from parley.chat import prompting
from parley.chat.questions import Question
from parley.chat.seeing import seen_by
from parley.chat.tempering import patience_of, reasoning_of, sampling_of, tags_of
from parley.connections.credentials import open_connection
from parley.connections.queries import connection_row
from parley.generations.runner import Ask, Key
from parley.lib.errors import AppError, Conflict
from parley.providers.base import Prompt
from parley.settings.answering import DEFAULT_WINDOW
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources


PassedOver = tuple[str, str] | None


async def asks_of(
    resources: Resources, question: Question, models: list[ModelRow]
) -> tuple[tuple[Ask, ...], PassedOver]:
    """One ask for each model whose connection can be opened; raises the first refusal when none can.

    Also, when the first model is not among them, its name and the code of its refusal.
    """
    asks: list[Ask] = []
    refusals: list[AppError] = []
    passed_over: PassedOver = None
    for model in models:
        try:
            asks.append(await _ask(resources, question, model))
        except AppError as error:
            refusals.append(error)
            if model is models[0]:
                passed_over = (model.name, error.code)
    if not asks:
        raise refusals[0]
    return tuple(asks), passed_over


async def _ask(resources: Resources, question: Question, model: ModelRow) -> Ask:
    connection = await connection_row(resources.db, model.connection_id)
    if connection is None or model.gone_at is not None:
        raise Conflict(
            _("The provider does not offer “%(model)s” any more. Choose another model.", model=model.name),
            code="model_not_found",
        )
    credentials = await open_connection(resources, connection, patience_of(question.values))
    # To count the tokens of a long chat takes a tenth of a second; other answers flow meanwhile.
    prompt, found = await asyncio.to_thread(_prompt, question, model)
    return Ask(
        model=model.id,
        name=model.name,
        connection=connection.id,
        connection_name=connection.name,
        # A changed connection deserves a fresh start: its breaker goes by when it was changed.
        keys=tuple(Key(f"{each.id}@{connection.updated_at}", each.provider) for each in credentials),
        prompt=prompt,
        prices=model.prices,
        tags=tags_of(connection.options.reasoningTags, question.values),
        prompt_tokens=found.tokens,
        left_out=found.left_out + question.older,
        cut_files=found.cut_files,
    )


def _prompt(question: Question, model: ModelRow) -> tuple[Prompt, prompting.Built]:
    window = model.context_window or question.values[DEFAULT_WINDOW]
    sampling = sampling_of(question.row["sampling"], model, question.values)
    found = prompting.built(
        question.path,
        window=window,
        keep_free=sampling.max_tokens or min(model.max_output or window, prompting.ANSWER_ROOM),
        system=question.system,
        prefix=question.row["prefix"],
        pictures=seen_by(model, question.pictures),
        documents=question.documents,
    )
    room = prompting.room(window=window, max_output=model.max_output, prompt_tokens=found.tokens)
    prompt = Prompt(
        model.raw_id,
        found.turns,
        sampling=prompting.clamped(sampling, room),
        reasoning=reasoning_of(question.row["reasoning"], model, question.values),
        context_window=window,
        room=room,
    )
    return prompt, found
