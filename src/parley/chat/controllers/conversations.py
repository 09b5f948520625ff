"""Pages of conversations and what changes them as a whole."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat import service
from parley.chat.access import conversation_for_owner
from parley.chat.assembling import chat_page, turns_fragment
from parley.chat.organising import listing, queries
from parley.chat.organising.assembling import list_fragment
from parley.chat.organising.pages import ConversationRowFragment
from parley.chat.pages import RulerFragment
from parley.chat.windows import landmarks
from parley.generations.follow import Follower
from parley.resources import Resources
from parley.web.render import render


class TitleForm(msgspec.Struct):
    """Body of a rename."""

    title: str = ""


class ConversationController(Controller):
    """`/chat` and `/chat/{id}`."""

    path = "/chat"
    opt = FOR_VISITORS

    @get()
    async def new(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[str]:
        """A new chat: greeting, starters, composer."""
        return render(request, await chat_page(request, resources, follower, actor, None))

    @get("/{id:int}")
    async def show(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
        at: FromQuery[int] = 0,
    ) -> Response[str]:
        """A conversation as far as it is stored, or around message `at`; a running answer goes on."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        return render(request, await chat_page(request, resources, follower, actor, conversation, at))

    @patch("/{id:int}")
    async def update(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        data: URLEncodedBody[TitleForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Rename it."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        await service.change(resources, actor, conversation, title=data.title)
        row = await queries.listed_conversation(resources.db, actor.id, id)
        shown = request.headers.get("hx-current-url", "").rstrip("/").endswith(f"/chat/{id}")
        fragment = ConversationRowFragment(row=listing.conversation_row(row, current=shown))
        return render(request, fragment)

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Put it out of sight; the page offers Undo. An empty answer removes the row."""
        await service.delete(resources, actor, await conversation_for_owner(resources.db, id, actor))
        return Response("", media_type="text/html")

    @post("/{id:int}/deletion", status_code=303)
    async def destroy_by_form(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """The same without JavaScript."""
        await service.delete(resources, actor, await conversation_for_owner(resources.db, id, actor))
        return Redirect(resources.config.root_path + "/chat", status_code=303)

    @post("/{id:int}/restoration", status_code=204)
    async def restore(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> None:
        """Undo a deletion."""
        await service.restore(resources, actor, id)


class ConversationListController(Controller):
    """`/f/chat/…`: parts of the page by themselves."""

    path = "/f/chat"
    opt = FOR_VISITORS

    @get("/list")
    async def index(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[str] = "",
        current: FromQuery[int] = 0,
        rows: FromQuery[int] = 0,
    ) -> Response[str]:
        """The sidebar's list from its top with at least so many rows, or the rows after `before`."""
        return render(request, await list_fragment(request, resources, actor, before, current, rows))

    @get("/{id:int}/ruler")
    async def ruler(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Questions all over a long chat, to jump to."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        marks = await landmarks(resources.db, conversation)
        fragment = RulerFragment(conversation_id=conversation.id, landmarks=marks)
        return render(request, fragment)

    @get("/{id:int}/turns")
    async def turns(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
        before: FromQuery[int] = 0,
        after: FromQuery[int] = 0,
    ) -> Response[str]:
        """The turns above message `before`, or those after message `after`."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        fragment = await turns_fragment(resources, follower, conversation, before, after)
        return render(request, fragment)
