"""The JSON API of links and exports; on the wire conversations are sessions."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.chat.access import conversation_for_owner
from parley.chat.controllers.api import Id, id_of
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.sharing import exports, queries, reading, service
from parley.sharing.controllers.downloads import streamed
from parley.sharing.document import iso
from parley.sharing.naming import attachment, file_stem
from parley.sharing.queries import OwnShare
from parley.sharing.readable import AnyRequest
from parley.sharing.service import Wish
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of


class NewLink(msgspec.Struct):
    """Body of `POST /api/shares`. `messageIds` absent shows the chosen path; `expiresInDays` 0: never."""

    sessionId: Id
    messageIds: list[Id] | None = None
    title: str = ""
    live: bool = False
    expiresInDays: int = 7
    reasoning: bool = False
    models: bool = True
    files: bool = False

    @property
    def wish(self) -> Wish:
        """What the service wants to know; raises Invalid."""
        return Wish(
            title=self.title.replace("\0", ""),
            messages=None if self.messageIds is None else [id_of(each) for each in self.messageIds],
            live=self.live,
            days=self.expiresInDays,
            reasoning=self.reasoning,
            models=self.models,
            files=self.files,
        )


class ShareApiController(Controller):
    """`/api/shares`."""

    path = "/api/shares"

    @post()
    async def create(
        self,
        request: AnyRequest,
        data: JSONBody[NewLink],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Make a link."""
        row = await conversation_for_owner(resources.db, id_of(data.sessionId), actor)
        return ok({"share": _wire(request, await service.share(resources, actor, row, data.wish))})

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int] = 0,
        limit: FromQuery[int] = 50,
    ) -> dict[str, Any]:
        """My links, the newest first; `before` is the id of the last one had."""
        rows = await queries.own_shares(
            resources.db, actor.id, before=before or None, limit=max(1, min(limit, 200))
        )
        return ok({"shares": [_wire(request, row) for row in rows]})

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Take a link back."""
        await service.revoke(resources, actor, id)
        return ok({"revoked": True})


class SessionExportController(Controller):
    """`/api/sessions/{id}/export`."""

    path = "/api/sessions/{id:int}/export"

    @get()
    async def show(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        format: FromQuery[str] = "json",
    ) -> Stream:
        """The document itself, without an envelope: `json` with every branch, `md` the chosen path."""
        await conversation_for_owner(resources.db, id, actor)
        if format not in ("json", "md"):
            raise Invalid(_("An export is “json” or “md”."), code="format")
        head = await reading.head_of(resources.db, actor.id, id)
        make = exports.as_json if format == "json" else exports.as_markdown
        name = attachment(file_stem(head.title, f"chat {id}"), format)
        return streamed(make(resources, head), format, name)


def _wire(request: AnyRequest, row: OwnShare) -> dict[str, Any]:
    return {
        "id": row.id,
        "sessionId": row.conversation,
        "title": row.title,
        "url": f"{perimeter_of(request).origin(request.scope)}/s/{row.token}",
        "live": row.live,
        "views": row.views,
        "viewedAt": iso(row.viewed_at) or None,
        "createdAt": iso(row.created_at),
        "expiresAt": iso(row.expires_at) or None,
    }
