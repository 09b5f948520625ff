"""Asking a model for a title: which one, with which keys, and no more than a title needs."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from parley.catalogue.models import ModelRow
from parley.catalogue.policy import may_use
from parley.chat.titling import queries, wording
from parley.connections.credentials import Credential, open_connection
from parley.connections.queries import connection_row
from parley.lib.http import Patience
from parley.providers.base import Prompt, ProviderError, TextDelta, Turn
from parley.providers.sampling import AS_THE_MODEL_LIKES, Reasoning
from parley.routes.service import resolve
from parley.settings import catalogue, titling

if TYPE_CHECKING:
    from parley.resources import Resources

WITHIN = 45.0  # seconds for one title


class NoTitle(Exception):
    """Nobody can be asked, and nobody could later."""


async def title_for(resources: Resources, conversation: int, values: catalogue.Values) -> tuple[int, str]:
    """Whose chat it is, and its title. Raises NoTitle, AppError."""
    begun = await queries.beginning(resources.db, conversation)
    if begun is None or values[titling.BY_MODEL] != "on":
        raise NoTitle
    longest = values[titling.LONGEST]
    model = await _model(resources, begun, values)
    connection = await connection_row(resources.db, model.connection_id)
    if connection is None:
        raise NoTitle
    # A title needs no thinking, and thinking is paid for.
    reasoning = Reasoning(mode="off") if model.can("reasoning") else AS_THE_MODEL_LIKES
    question = wording.asked(begun.question, begun.answer, longest)
    prompt = Prompt(model.raw_id, (Turn("user", question),), reasoning=reasoning)
    keys = await open_connection(resources, connection, Patience(total=WITHIN))
    title = wording.title_of(await _said(keys, prompt), longest)
    if not title:
        raise ProviderError.of("empty")
    return begun.owner, title


async def _model(resources: Resources, begun: queries.Beginning, values: catalogue.Values) -> ModelRow:
    """Who is asked: the one the site chose, else what the chat's own stands for and its owner may use."""
    chosen = values[titling.MODEL]
    models = await resolve(resources, chosen or begun.model)
    for model in models:
        if model.provider != "demo" and (chosen or may_use(model, begun.role, values)):
            return model
    raise NoTitle


async def _said(keys: tuple[Credential, ...], prompt: Prompt) -> str:
    """What the first key that answers says, no more of it than a title needs. Raises ProviderError."""
    failure: ProviderError | None = None
    for key in keys:
        try:
            return await _words(key.provider, prompt)
        except ProviderError as error:
            failure = failure or error
    raise failure or NoTitle


async def _words(provider: Any, prompt: Prompt) -> str:
    said = ""
    async with aclosing(provider.stream(prompt)) as facts:
        async for fact in facts:
            if isinstance(fact, TextDelta):
                said = (said + fact.text)[: wording.MOST_HEARD]
            if len(said) == wording.MOST_HEARD or len(wording.without_thinking(said)) > wording.MOST_SAID:
                break
    return said
