"""How chats answer: the panel of one chat, and a person's own defaults."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.accounts.guards import FOR_VISITORS
from parley.chat import pages, preferences, service, tuning
from parley.chat.access import ConversationRow, conversation_for_owner
from parley.chat.assembling import personal_page, tuning_page
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]


class TuningController(Controller):
    """`/chat/{id}/settings`, and `/chat/settings` for a chat that has not begun."""

    path = "/chat"
    opt = FOR_VISITORS

    @get("/settings")
    async def new(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],  # asked for, so that nobody else sees it
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The panel of a new chat."""
        return render(request, await tuning_page(request, resources, None, tuning.typed_of(tuning.Tuning())))

    @post("/settings")
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Begin a chat that answers like this."""
        return await _saved(request, actor, resources, None)

    @get("/{id:int}/settings")
    async def edit(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The panel: a page of its own, or for the page's script only the form."""
        row = await conversation_for_owner(resources.db, id, actor)
        typed = tuning.typed_of(tuning.stored(row.system_prompt, row.sampling, row.reasoning))
        return render(request, await tuning_page(request, resources, id, typed))

    @post("/{id:int}/settings")
    async def update(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Save it and go back to the chat."""
        row = await conversation_for_owner(resources.db, id, actor)
        return await _saved(request, actor, resources, row)

    @post("/{id:int}/reasoning", status_code=204)
    async def reason(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> None:
        """How much the model should think from the next question on."""
        row = await conversation_for_owner(resources.db, id, actor)
        now = tuning.stored("", "", row.reasoning).reasoning
        wanted = tuning.with_effort(now, (await _typed(request)).get("effort", "auto"))
        await service.change(resources, actor, row, tuning=tuning.Change(reasoning=wanted))


class PersonalController(Controller):
    """`/account/chat`."""

    path = "/account/chat"

    @get()
    async def edit(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        saved: FromQuery[bool] = False,
    ) -> Response[Any]:
        """The form."""
        own = await preferences.personal(resources.db, actor.id)
        return render(request, await personal_page(resources, actor, own, saved=saved))

    @post()
    async def update(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Save it."""
        typed = await _typed(request)
        own = preferences.Personal(typed.get("prompt", ""), typed.get("model", ""))
        try:
            await preferences.change_personal(resources, actor, prompt=own.prompt, model=own.default_model)
        except AppError as error:
            name = "prompt" if isinstance(error, Invalid) else "model"
            page = await personal_page(resources, actor, own, errors={name: error.message})
            return render(request, page, status=error.status)
        return see_other(request, "/account/chat?saved=true")


async def _typed(request: AnyRequest) -> dict[str, str]:
    """The fields of a form as they were typed; an absent field and an empty one mean the same."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def _saved(
    request: AnyRequest, actor: Actor, resources: Resources, row: ConversationRow | None
) -> Response[Any]:
    typed = await _typed(request)
    try:
        new = tuning.from_form(typed)
        tuning.checked_prompt(new.system_prompt, await preferences.prompt_limit(resources.db))
    except Invalid as error:
        page: pages.TuningPage = await tuning_page(
            request, resources, row.id if row else None, typed, errors=error.fields
        )
        return render(request, page, status=error.status)
    if row is None:
        row = await conversation_for_owner(resources.db, await service.create(resources, actor), actor)
    change = tuning.Change(new.system_prompt, new.sampling, new.reasoning)
    await service.change(resources, actor, row, tuning=change)
    return see_other(request, f"/chat/{row.id}")
