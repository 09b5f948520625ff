"""The model picker: searching it, and what a person marks in it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from parley.accounts.actor import Actor
from parley.accounts.entering import below_root, see_other
from parley.accounts.guards import FOR_VISITORS
from parley.catalogue.marks import set_default, set_favourite
from parley.chat import pages, queries, service
from parley.chat.access import conversation_for_owner
from parley.chat.assembling import model_picker
from parley.chat.gauge import gauge
from parley.resources import Resources
from parley.web.render import render
from parley.web.targets import safe_target

LONGEST_SEARCH = 200


class MarkForm(msgspec.Struct):
    """Which button was pressed; its value is a model's public id."""

    star: str = ""
    unstar: str = ""
    default: str = ""
    next: str = ""


class ModelForm(msgspec.Struct):
    """Body of a choice in the model picker."""

    model: str = ""


class PickerController(Controller):
    """`/f/models`."""

    path = "/f/models"
    opt = FOR_VISITORS

    @get()
    async def index(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
        current: FromQuery[str] = "",
    ) -> Response[str]:
        """The list of the picker, of models that have all words of `q`; `current` stays chosen."""
        return render(request, await model_picker(resources, actor, current[:300], search=q[:LONGEST_SEARCH]))

    @post("/marks")
    async def mark(
        self,
        request: Request[Any, Any, Any],
        data: URLEncodedBody[MarkForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """A favourite more or less, or another default of new chats."""
        if data.star or data.unstar:
            await set_favourite(resources, actor, data.star or data.unstar, bool(data.star))
        else:
            await set_default(resources, actor, data.default)
        if request.headers.get("hx-request") == "true":
            return Response(None, status_code=204)
        return see_other(request, below_root(request, safe_target(data.next, "/chat")))


class ChatModelController(Controller):
    """`/chat/{id}/model`."""

    path = "/chat"
    opt = FOR_VISITORS

    @post("/{id:int}/model", status_code=200)
    async def choose(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        data: URLEncodedBody[ModelForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Use another model from the next question on; answers with the gauge for it."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        await service.change(resources, actor, conversation, model=data.model)
        path = await queries.path_to(resources.db, conversation.leaf)
        chosen = (await model_picker(resources, actor, data.model)).current
        window = chosen.window_tokens if chosen else None
        return render(request, pages.GaugeFragment(gauge=gauge(path, window)))
