"""Pictures for models that cannot see: described in words by one that can."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parley.catalogue.models import ModelRow
from parley.chat.attachments import pictures_of_messages
from parley.chat.seeing import is_blind
from parley.connections import credentials, queries
from parley.files import access, scripts, service
from parley.generations.taking import clean
from parley.lib.errors import AppError
from parley.lib.http import Patience
from parley.providers.base import Finished, Prompt, ProviderError, TextDelta, Turn
from parley.routes.service import resolve
from parley.settings import answering, catalogue
from parley.web.i18n import N_

if TYPE_CHECKING:
    from parley.resources import Resources

WITHIN = 120.0  # seconds for one description
LONGEST = 6_000  # characters of one description
AT_ONCE = 3
MOST_NEW = 16  # pictures described for one answer, newest first; a chat may have hundreds
QUESTION = (
    "Describe this picture for somebody who cannot see it and will be asked about it: what it shows, every"
    " readable word exactly as written, numbers, colours, and where things are. Plain text, no introduction."
)
DESCRIBED = N_("The pictures were described by another model because this one cannot see.")


async def describe_new(
    resources: Resources, model: ModelRow, questions: Sequence[int], values: catalogue.Values
) -> dict[str, Any] | None:
    """Before `model` answers: have the pictures of these messages described, if it cannot see.

    Each picture is described once and for all its questions. Returns what readers should be told, None
    when there is nothing to say. Raises ProviderError, NotFound, Conflict when the describing fails.
    """
    if not is_blind(model) or not values[answering.VISION_MODEL]:
        return None
    rows = await pictures_of_messages(resources.db, questions)
    pictures = [row for message in sorted(rows, reverse=True) for row in rows[message] if not row.is_expired]
    if not pictures:
        return None
    new = list({row.id: row for row in pictures if not row.description}.values())[:MOST_NEW]
    seer = (await resolve(resources, values[answering.VISION_MODEL], needs=frozenset({"vision"})))[0]
    if new:
        describing = _Describing(resources, seer, await _credentials(resources, seer))
        await describing.all(new)
    return {"code": "described", "text": DESCRIBED, "count": len(pictures), "model": seer.name}


async def _credentials(resources: Resources, seer: ModelRow) -> Sequence[credentials.Credential]:
    connection = await queries.connection_row(resources.db, seer.connection_id)
    if connection is None:
        raise ProviderError.of("model_not_found", f"({seer.name})")
    return await credentials.open_connection(resources, connection, Patience(total=WITHIN))


class _Describing:
    """One model that looks at pictures."""

    def __init__(self, resources: Resources, seer: ModelRow, keys: Sequence[credentials.Credential]) -> None:
        self._resources = resources
        self._seer = seer
        self._keys = keys
        self._room = asyncio.Semaphore(AT_ONCE)

    async def all(self, pictures: Sequence[access.FileRow]) -> None:
        """Describe and store each; the first failure ends them all."""
        try:
            async with asyncio.TaskGroup() as group:
                for row in pictures:
                    group.create_task(self._one(row))
        except ExceptionGroup as failures:
            first = failures.exceptions[0]
            if isinstance(first, AppError):
                raise first from None
            raise

    async def _one(self, row: access.FileRow) -> None:
        async with self._room:
            image = (await service.load_images(self._resources, [row.id]))[0]
            turns = (Turn("user", QUESTION, images=(image,)),)
            text = await self._asked(Prompt(self._seer.raw_id, turns))
        text = clean(text).strip()[:LONGEST]
        await self._resources.db.write(scripts.describe, row.id, text, self._seer.id)

    async def _asked(self, prompt: Prompt) -> str:
        """The words of the first key that answers."""
        failure: ProviderError | None = None
        for credential in self._keys:
            try:
                return await _words(credential, prompt)
            except ProviderError as error:
                failure = failure or error
        assert failure is not None, "a connection has at least one way to ask"
        # Behind the sentence, so that it is still found in the catalogues.
        raise ProviderError(f"{failure.message} ({self._seer.name})", code=failure.code)


async def _words(credential: credentials.Credential, prompt: Prompt) -> str:
    said: list[str] = []
    ended = False
    try:
        async with asyncio.timeout(WITHIN):
            async for fact in credential.provider.stream(prompt):
                if isinstance(fact, TextDelta):
                    said.append(fact.text)
                ended = ended or isinstance(fact, Finished)
    except TimeoutError as error:
        raise ProviderError.of("timeout") from error
    if not ended or not "".join(said).strip():
        raise ProviderError.of("incomplete")
    return "".join(said)
