"""The JSON API of conversations; on the wire they are called sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.accounts.guards import provide_actor
from parley.chat import queries, service, tuning, wire
from parley.chat.access import conversation_for_owner, generation_for_owner
from parley.chat.attachments import MOST_IN_JSON, files_of_messages, files_sent
from parley.chat.branches.variants import variants_of
from parley.chat.organising import changes
from parley.chat.organising.queries import listed_conversation, recent_conversations, tags_of
from parley.chat.streaming import api_events, last_seen, stream_response, watched, while_allowed
from parley.files.access import FileRow
from parley.generations.follow import Follower
from parley.lib.db import Database
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _

Id = int | str  # opaque to clients; some send them back as strings


class NewSession(msgspec.Struct):
    """Body of `POST /api/sessions`."""

    title: str | None = None
    modelId: str | None = None


class SessionChange(msgspec.Struct):
    """Body of `PATCH /api/sessions/{id}`; what is absent stays."""

    title: str | None = None
    modelId: str | None = None
    systemPrompt: str | None = None
    sampling: dict[str, Any] | None = None  # replaces all of it; {} leaves everything to the model
    reasoning: dict[str, Any] | None = None  # mode ("", on, off), effort, budget; replaces all of it
    pinned: bool | None = None
    archived: bool | None = None
    folder: Id | msgspec.UnsetType | None = msgspec.UNSET  # null takes it out of its folder
    tags: list[str] | None = None  # replaces them all

    @property
    def order(self) -> changes.Order:
        """Where it should be; raises Invalid."""
        folder = None if isinstance(self.folder, msgspec.UnsetType) else id_of(self.folder or 0)
        return changes.Order(self.pinned, self.archived, folder, self.tags)

    @property
    def tuning(self) -> tuning.Change:
        """Checked; raises Invalid with a sentence for each field that does not fit."""
        return tuning.Change(
            self.systemPrompt,
            None if self.sampling is None else tuning.sampling_of(self.sampling),
            None if self.reasoning is None else tuning.reasoning_of(self.reasoning),
        )


class SentImage(msgspec.Struct):
    """A picture inside a request; what `mime` claims is not believed."""

    data: str  # base64, with or without the beginning of a data: address
    mime: str = ""


class StreamRequest(msgspec.Struct):
    """Body of `POST /api/chat/stream`."""

    sessionId: Id
    content: str
    clientMessageId: str
    modelId: str | None = None
    files: list[Id] = []  # of POST /api/files
    images: list[SentImage] = []
    traceEnabled: bool | None = None  # absent leaves it to the site


class CancelRequest(msgspec.Struct):
    """Body of `POST /api/chat/stream/cancel`."""

    generationId: Id


def id_of(value: Id) -> int:
    """An id as a client sent it; raises Invalid."""
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,19}", value):
        raise Invalid(_("An id has to be a number as the API gave it out."))
    return int(value)


async def only_known(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Before a large body is read: whoever is nobody here is sent away."""
    await provide_actor(Request(connection.scope))


class SessionApiController(Controller):
    """`/api/sessions`."""

    path = "/api/sessions"

    @post()
    async def create(
        self, data: JSONBody[NewSession], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """An empty session."""
        id = await service.create(resources, actor, title=data.title or "", model=data.modelId or "")
        return await _session(resources.db, actor, id)

    @get()
    async def index(
        self,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        limit: FromQuery[int] = 50,
    ) -> dict[str, Any]:
        """The newest sessions, at most 200."""
        rows = await recent_conversations(resources.db, actor.id, limit=max(1, min(limit, 200)))
        return ok({"sessions": [wire.session(row) for row in rows]})

    @patch("/{id:int}")
    async def update(
        self,
        id: FromPath[int],
        data: JSONBody[SessionChange],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Rename it, choose another model for its next question, say how it answers or where it is."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        order = data.order
        await service.change(
            resources, actor, conversation, title=data.title, model=data.modelId, tuning=data.tuning
        )
        await changes.apply(resources, actor, id, order)
        return await _session(resources.db, actor, id)

    @get("/{id:int}")
    async def show(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """A session with how it answers: `systemPrompt`, `sampling`, `reasoning`."""
        await conversation_for_owner(resources.db, id, actor)
        return await _session(resources.db, actor, id)

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Delete it; what runs in it is stopped."""
        await service.delete(resources, actor, await conversation_for_owner(resources.db, id, actor))
        return ok({"deleted": True})

    @get("/{id:int}/messages")
    async def messages(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        limit: FromQuery[int] = 200,
    ) -> dict[str, Any]:
        """The last messages of the chosen path, oldest first; a running answer as far as it is stored.

        `siblings` are the ids of all versions of a message, itself among them.
        """
        conversation = await conversation_for_owner(resources.db, id, actor)
        path = await queries.path_to(resources.db, conversation.leaf, limit=max(1, min(limit, 1000)))
        files = await files_of_messages(resources.db, [row.id for row in path])
        variants = await variants_of(resources.db, path)
        told = [await _message(resources.db, row, files.get(row.id, [])) for row in path]
        for message in told:
            message["siblings"] = list(variants[message["id"]].ids)
        return ok({"messages": told})


class StreamApiController(Controller):
    """`/api/chat/stream` and the streams of single generations."""

    path = "/api"

    @post("/chat/stream", status_code=200, request_max_body_size=MOST_IN_JSON, guards=[only_known])
    async def create(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[StreamRequest],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Stream:
        """Ask, and follow the answer; the same clientMessageId attaches to the same answer."""
        conversation = await conversation_for_owner(resources.db, id_of(data.sessionId), actor)
        files = await files_sent(
            resources, actor, [id_of(each) for each in data.files], [each.data for each in data.images]
        )
        asked = service.Asked(
            data.content, data.clientMessageId, data.modelId or "", files, trace=data.traceEnabled
        )
        accepted = await service.ask(resources, actor, conversation, asked)
        row = await generation_for_owner(resources.db, accepted.generation, actor)
        events = partial(api_events, follower, row, last_seen(request, 0))
        return stream_response(watched(while_allowed(events, actor, resources), row, resources))

    @post("/chat/stream/cancel", status_code=200)
    async def cancel(
        self,
        data: JSONBody[CancelRequest],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Stop it from any device; what was written stays."""
        row = await generation_for_owner(resources.db, id_of(data.generationId), actor)
        await service.stop(resources, actor, row)
        return ok({"generationId": row.id, "stopping": True})

    @get("/generations/{id:int}/stream")
    async def show(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
        after: FromQuery[int] = 0,
    ) -> Stream:
        """Follow it from `Last-Event-ID` (or `?after=`) on."""
        row = await generation_for_owner(resources.db, id, actor)
        events = partial(api_events, follower, row, last_seen(request, after))
        return stream_response(watched(while_allowed(events, actor, resources), row, resources))


async def _session(db: Database, actor: Actor, id: int) -> dict[str, Any]:
    row = await listed_conversation(db, actor.id, id)
    door = await conversation_for_owner(db, id, actor)
    tuned = tuning.stored(door.system_prompt, door.sampling, door.reasoning)
    return ok({"session": wire.session(row) | {"tags": await tags_of(db, id)} | wire.tuned(tuned)})


async def _message(db: Database, row: queries.PathMessage, files: Sequence[FileRow]) -> dict[str, Any]:
    text, reasoning = row.text, row.reasoning
    if row.is_open and row.generation is not None:  # at most one in a conversation
        more_text, more_reasoning = await queries.streamed_so_far(db, row.generation)
        text, reasoning = text + more_text, reasoning + more_reasoning
    return wire.message(row, text, reasoning, files)
