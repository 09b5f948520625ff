"""Titles by a model: asked for in the background, stored unless the owner was faster."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import structlog

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.catalogue.policy import may_use
from parley.chat.organising.service import tell_of
from parley.chat.titling import queries, scripts, wording
from parley.connections.credentials import Credential, open_connection
from parley.connections.queries import connection_row
from parley.lib.clock import now_ms
from parley.lib.errors import AppError
from parley.lib.http import Patience
from parley.providers.base import Prompt, ProviderError, TextDelta, Turn
from parley.providers.sampling import AS_THE_MODEL_LIKES, Reasoning
from parley.routes.service import resolve
from parley.settings import titling
from parley.settings.catalogue import Values
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

WITHIN = 45.0  # seconds for one title
LEASE = 90_000  # ms; longer than all keys of a connection together may take
AGAIN_AFTER = 5_000  # ms


class NoTitle(Exception):
    """Nobody can be asked, and nobody could later."""


async def ask_for(resources: Resources, actor: Actor, conversation: int) -> None:
    """Have a new title made soon. Raises NotFound."""
    await resources.db.write(scripts.ask_for, conversation, actor.id, now_ms())


async def make_due(resources: Resources) -> int:
    """Make the titles that are due, a few at a time; how many chats were looked at."""
    waiting = await queries.due(resources.db, now_ms())
    if not waiting:
        return 0
    values = await load(resources.db)
    async with asyncio.TaskGroup() as group:
        for each in waiting[:4]:
            group.create_task(_make(resources, each, values))
    return len(waiting)


async def tidy(resources: Resources) -> None:
    """Stop waiting where nothing will come."""
    await resources.db.write_relaxed(scripts.tidy, now_ms())


async def _make(resources: Resources, due: queries.Due, values: Values) -> None:
    """One title from claim to news. Never raises: a title is not worth more than the answers."""
    lease = now_ms() + LEASE
    try:
        attempt = await resources.db.write_relaxed(scripts.claim, due.id, due.due, lease)
        if attempt is None:
            return
        try:
            async with asyncio.timeout(WITHIN):
                owner, title = await _title(resources, due.id, values)
        except (NoTitle, AppError, TimeoutError) as error:
            last = isinstance(error, NoTitle) or attempt >= scripts.MOST_TRIES
            again = None if last else now_ms() + AGAIN_AFTER
            await resources.db.write_relaxed(scripts.let_go, due.id, lease, again)
            code = getattr(error, "code", type(error).__name__)
            log.info("no title made", conversation=due.id, attempt=attempt, code=code)
            return
        if await resources.db.write_relaxed(scripts.store, due.id, lease, title):
            tell_of(resources, owner, "titled", [due.id], title)
    except Exception as error:  # the database may be away; the lease runs out and it is due again
        log.warning("title not made", conversation=due.id, error=type(error).__name__)


async def _title(resources: Resources, conversation: int, values: Values) -> tuple[int, str]:
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


async def _model(resources: Resources, begun: queries.Beginning, values: Values) -> ModelRow:
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
                said += fact.text
            if len(wording.without_thinking(said)) > wording.MOST_SAID:
                break
    return said
