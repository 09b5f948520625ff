"""Questions and answers: sending, asking again, going on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat import pages, service
from parley.chat.access import conversation_for_owner, message_for_owner
from parley.chat.assembling import chat_page, exchange
from parley.chat.attachments import ids_of
from parley.chat.scripts import Accepted
from parley.chat.turns import turn_of
from parley.generations.follow import Follower
from parley.resources import Resources
from parley.web.render import render


class QuestionForm(msgspec.Struct):
    """What the composer sends; its script makes `client_message_id` so that a retry is recognised."""

    text: str = ""
    client_message_id: str = ""
    model: str = ""
    files: list[str] | str = ""  # ids, the field repeated or the ids between commas
    effort: str = ""
    temporary: str = ""  # "1" in a new chat that goes with its page
    folder: str = ""  # of a new chat
    after: str = ""  # the last message on the page
    trace: list[str] | str = ""  # "0" and, when the switch is on, "1"; nothing without a switch

    @property
    def asked(self) -> service.Asked:
        """What the service wants to know."""
        id = self.client_message_id or uuid4().hex
        return service.Asked(
            self.text,
            id,
            self.model,
            ids_of(self.files),
            self.effort,
            self.temporary == "1",
            folder=id_or_none(self.folder),
            after=id_or_none(self.after),
            trace=("1" in self.trace) if self.trace else None,
        )


def id_or_none(text: str) -> int | None:
    """An id as a form carries it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class AgainForm(msgspec.Struct):
    """Body of a retry; another model may be named, and what the answer should be like."""

    model: str = ""
    wish: str = ""  # shorter, longer, chinese or english


Question = URLEncodedBody[QuestionForm]


# Outside the controller: in Litestar 2.25 two controllers cannot share the address /chat (OPTIONS twice).
@post("/chat", status_code=200, opt=FOR_VISITORS)
async def start_conversation(
    request: Request[Any, Any, Any],
    data: Question,
    actor: NamedDependency[Actor],
    resources: NamedDependency[Resources],
    follower: NamedDependency[Follower],
) -> Response[Any]:
    """The first message of a new conversation: htmx receives its page and address."""
    accepted = await service.ask(resources, actor, None, data.asked)
    if not _is_htmx(request):
        return _to_conversation(resources, accepted)
    conversation = await conversation_for_owner(resources.db, accepted.conversation, actor)
    page = await chat_page(request, resources, follower, actor, conversation)
    address = f"{resources.config.root_path}/chat/{accepted.conversation}"
    return render(request, page, headers={"HX-Push-Url": address})


class TurnController(Controller):
    """Sending a message into a conversation."""

    path = "/chat"
    opt = FOR_VISITORS

    @post("/{id:int}/turns", status_code=200)
    async def create(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        data: Question,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """A further message: the question as stored and the place where its answer grows."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        accepted = await service.ask(resources, actor, conversation, data.asked)
        if not _is_htmx(request):
            return _to_conversation(resources, accepted)
        return render(request, await exchange(resources, follower, accepted))


class MessageController(Controller):
    """Another try at an answer, or its continuation."""

    path = "/messages"
    opt = FOR_VISITORS

    @post("/{id:int}/regenerations", status_code=200)
    async def regenerate(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        data: URLEncodedBody[AgainForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """A new answer in the place of the old one, which is kept."""
        message = await message_for_owner(resources.db, id, actor)
        accepted = await service.answer_again(resources, actor, message, data.model, data.wish)
        return await _answer(request, resources, follower, accepted)

    @post("/{id:int}/continuation", status_code=200)
    async def continue_(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
    ) -> Response[Any]:
        """Go on where the answer broke off."""
        message = await message_for_owner(resources.db, id, actor)
        accepted = await service.go_on(resources, actor, message)
        return await _answer(request, resources, follower, accepted)


async def _answer(
    request: Request[Any, Any, Any], resources: Resources, follower: Follower, accepted: Accepted
) -> Response[Any]:
    if not _is_htmx(request):
        return _to_conversation(resources, accepted)
    turn = await turn_of(resources, follower, accepted.answer)
    return render(request, pages.AnswerFragment(turn=turn))


def _is_htmx(request: Request[Any, Any, Any]) -> bool:
    return request.headers.get("hx-request") == "true"


def _to_conversation(resources: Resources, accepted: Accepted) -> Redirect:
    return Redirect(f"{resources.config.root_path}/chat/{accepted.conversation}", status_code=303)
