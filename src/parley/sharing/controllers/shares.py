"""Making links, seeing one's own, taking them back."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.chat.access import ConversationRow, conversation_for_owner, message_for_owner
from parley.chat.attachments import ids_of
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.sharing import exports, pages, presenting, queries, reading, service
from parley.sharing.document import MessageEntry
from parley.sharing.readable import AnyRequest
from parley.sharing.service import Wish
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.render import render

SCOPES = ("all", "live", "some")


class ShareForm(msgspec.Struct):
    """What the dialog sends; a box that is not ticked sends nothing."""

    scope: str = "all"
    share_title: str = ""
    share_days: str = "7"
    show_reasoning: str = ""
    show_models: str = ""
    show_files: str = ""
    messages: list[str] | str = ""

    @property
    def wish(self) -> Wish:
        """What the service wants to know; raises Invalid."""
        if self.scope not in SCOPES or not self.share_days.isdecimal():
            raise Invalid(_("This cannot be used here."))
        return Wish(
            title=self.share_title.replace("\0", ""),
            messages=ids_of(self.messages) if self.scope == "some" else None,
            live=self.scope == "live",
            days=int(self.share_days[:4]),
            reasoning=bool(self.show_reasoning),
            models=bool(self.show_models),
            files=bool(self.show_files),
        )


class ChatShareController(Controller):
    """`/chat/{id}/share`: the dialog of a chat."""

    path = "/chat/{id:int}/share"

    @get()
    async def new(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """What to show, to choose."""
        row = await conversation_for_owner(resources.db, id, actor)
        kind = pages.SharePanel if _is_part(request) else pages.SharePage
        return render(request, await _panel(request, resources, actor, row, 0, kind))

    @post(status_code=200)
    async def create(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[ShareForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Make the link."""
        row = await conversation_for_owner(resources.db, id, actor)
        made = await service.share(resources, actor, row, data.wish)
        if not _is_part(request):
            return see_other(request, f"/account/shares?made={made.id}")
        return render(request, pages.SharedPanel(share=_line(request, made)))


class MessageShareController(Controller):
    """`/messages/{id}/share`: the same dialog from the menu of one message, its turn ticked."""

    path = "/messages/{id:int}/share"

    @get()
    async def new(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """What to show, to choose."""
        message = await message_for_owner(resources.db, id, actor)
        row = await conversation_for_owner(resources.db, message.conversation, actor)
        kind = pages.SharePanel if _is_part(request) else pages.SharePage
        return render(request, await _panel(request, resources, actor, row, id, kind))


class OwnShareController(Controller):
    """`/account/shares`."""

    path = "/account/shares"

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int] = 0,
        made: FromQuery[int] = 0,
    ) -> Response[str]:
        """My links, the newest first."""
        found = await queries.own_shares(
            resources.db, actor.id, before=before or None, limit=queries.PAGE + 1
        )
        rows = found[: queries.PAGE]
        page = pages.SharesPage(
            shares=[_line(request, row) for row in rows],
            made=made,
            older=f"/account/shares?before={rows[-1].id}" if len(found) > len(rows) else "",
            first=not before,
        )
        return render(request, page)

    @post("/{id:int}/revocation")
    async def revoke(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Take a link back."""
        await service.revoke(resources, actor, id)
        return see_other(request, "/account/shares")


async def _panel(
    request: AnyRequest,
    resources: Resources,
    actor: Actor,
    row: ConversationRow,
    message: int,
    kind: type[pages.SharePanel],
) -> pages.SharePanel:
    path = await reading.path_ids(resources.db, row.id)
    end = min(len(path), path.index(message) + reading.PIECE // 2) if message in path else len(path)
    offered = path[max(0, end - reading.PIECE) : end]
    messages = await reading.messages_by_id(resources.db, offered)
    ticked = _turn_of(messages, message)
    shares = await queries.own_shares(resources.db, actor.id, conversation=row.id, limit=10)
    return kind(
        id=row.id,
        title=row.title,
        scope="some" if ticked else "all",
        choices=[presenting.choice(each, each.id in ticked) for each in messages],
        cut=len(path) > len(offered),
        has_files=await exports.has_files(resources, row.id),
        shares=[_line(request, each) for each in shares],
    )


def _turn_of(messages: list[MessageEntry], message: int) -> set[str]:
    """The message and what belongs to it: the question before an answer, the answer behind a question."""
    for at, each in enumerate(messages):
        if each.id == str(message):
            pair = messages[at : at + 2] if each.role == "user" else messages[max(0, at - 1) : at + 1]
            return {each.id} | ({one.id for one in pair} if len({one.role for one in pair}) == 2 else set())
    return set()


def _line(request: AnyRequest, row: queries.OwnShare) -> pages.ShareLine:
    return presenting.share_line(row, perimeter_of(request).origin(request.scope), now_ms())


def _is_part(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"
