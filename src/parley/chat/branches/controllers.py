"""The HTTP edge of versions: what can be done with a single message."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat.access import conversation_for_owner, message_for_owner
from parley.chat.assembling import exchange
from parley.chat.branches import assembling, service
from parley.chat.pages import ActionsFragment
from parley.chat.turns import turn_of
from parley.generations.follow import Follower
from parley.resources import Resources
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]


class EditForm(msgspec.Struct):
    """Body of an edit; its script makes `client_message_id` so that a retry is recognised."""

    text: str = ""
    client_message_id: str = ""
    model: str = ""


class RatingForm(msgspec.Struct):
    """Body of a rating; "0" withdraws it."""

    value: str = ""
    comment: str = ""

    @property
    def number(self) -> int:
        """1, -1 or 0; 2, which nothing accepts, for anything else."""
        return {"1": 1, "-1": -1, "0": 0}.get(self.value, 2)


class VersionController(Controller):
    """`/messages/{id}`: choosing, editing, branching off, deleting."""

    path = "/messages"
    opt = FOR_VISITORS

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Everything that can be done with it; the content of a menu for the chat page."""
        message = await message_for_owner(resources.db, id, actor)
        return render(request, await assembling.menu_page(resources, message, menu=_is_htmx(request)))

    @get("/{id:int}/models")
    async def models(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
    ) -> Response[str]:
        """Who else may answer."""
        message = await message_for_owner(resources.db, id, actor)
        page = await assembling.models_page(resources, actor, message, q[:100], menu=_is_htmx(request))
        return render(request, page)

    @post("/{id:int}/choice", status_code=200)
    async def choose(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """Follow this version: it and what follows it."""
        message = await message_for_owner(resources.db, id, actor)
        await service.choose(resources, actor, message)
        if not _is_htmx(request):
            return _to_chat(resources, message.conversation, message.id)
        fragment = await assembling.from_here(resources, follower, message.conversation, id)
        return render(request, fragment)

    @get("/{id:int}/edit")
    async def edit(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The question in a form."""
        message = await message_for_owner(resources.db, id, actor, role="user")
        return render(request, assembling.edit_page(message, inline=_is_htmx(request)))

    @post("/{id:int}/edits", status_code=200)
    async def create(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[EditForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """Another version of a question, and an answer to it."""
        message = await message_for_owner(resources.db, id, actor, role="user")
        client_id = data.client_message_id or uuid4().hex
        accepted = await service.edit(resources, actor, message, data.text, client_id, data.model)
        if not _is_htmx(request):
            return _to_chat(resources, accepted.conversation)
        return render(request, await exchange(resources, follower, accepted))

    @post("/{id:int}/fork", status_code=303)
    async def fork(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """A new conversation with everything up to here."""
        message = await message_for_owner(resources.db, id, actor)
        return _to_chat(resources, await service.fork(resources, actor, message))

    @post("/{id:int}/deletion", status_code=200)
    async def destroy(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """Put it and what follows it out of sight: what takes its place, with the words of the toast."""
        message = await message_for_owner(resources.db, id, actor)
        removed = await service.remove(resources, actor, message)
        if not _is_htmx(request):
            return _to_chat(resources, message.conversation)
        conversation = await conversation_for_owner(resources.db, message.conversation, actor)
        page = await assembling.after_removal(resources, follower, conversation, message, removed)
        return render(request, page)

    @post("/{id:int}/restoration", status_code=204)
    async def restore(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> None:
        """Undo a deletion."""
        message = await message_for_owner(resources.db, id, actor, deleted=True)
        await service.restore(resources, actor, message)


class RatingController(Controller):
    """`/messages/{id}/rating`: what the owner thinks of an answer."""

    path = "/messages/{id:int}/rating"
    opt = FOR_VISITORS

    @get()
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The rating in a form."""
        message = await message_for_owner(resources.db, id, actor, role="assistant")
        page = await assembling.rating_page(resources, actor, message, panel=_is_htmx(request))
        return render(request, page)

    @put()
    async def replace(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[RatingForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[str]:
        """Keep a rating; the end of the turn as it is now."""
        message = await message_for_owner(resources.db, id, actor, role="assistant")
        await service.rate(resources, actor, message, data.number, data.comment)
        return render(request, ActionsFragment(turn=await turn_of(resources, follower, id)))

    @delete(status_code=200)
    async def withdraw(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[str]:
        """Withdraw it."""
        message = await message_for_owner(resources.db, id, actor, role="assistant")
        await service.rate(resources, actor, message, 0, "")
        return render(request, ActionsFragment(turn=await turn_of(resources, follower, id)))

    @post(status_code=303)
    async def replace_by_form(
        self,
        id: FromPath[int],
        data: URLEncodedBody[RatingForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Redirect:
        """The same without JavaScript."""
        message = await message_for_owner(resources.db, id, actor, role="assistant")
        await service.rate(resources, actor, message, data.number, data.comment)
        return _to_chat(resources, message.conversation, id)


@get(["/messages/{id:int}/why", "/f/messages/{id:int}/why"], opt=FOR_VISITORS)
async def why(
    request: AnyRequest,
    id: FromPath[int],
    actor: NamedDependency[Actor],
    resources: NamedDependency[Resources],
) -> Response[str]:
    """What is known of how an answer came about; for its owner only."""
    message = await message_for_owner(resources.db, id, actor, role="assistant")
    panel = _is_htmx(request) or request.scope["path"].startswith("/f/")
    return render(request, await assembling.why_page(resources, actor, message, panel=panel))


def _is_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"


def _to_chat(resources: Resources, conversation: int, message: int | None = None) -> Redirect:
    place = f"#m{message}" if message is not None else ""
    return Redirect(f"{resources.config.root_path}/chat/{conversation}{place}", status_code=303)
