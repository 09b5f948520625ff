"""How the pages behave for somebody: what sends, how dense, what is said and shown."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import service
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.habits import DENSITY, ENTER, Habits, typed_habits
from parley.accounts.pages import HabitsPage
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render

PATH = "/account/preferences"


class HabitsController(Controller):
    """`/account/preferences`. Theme and language are saved at `/preferences`, without an account too."""

    path = PATH

    @get()
    async def edit(
        self, request: AnyRequest, actor: NamedDependency[Actor], saved: FromQuery[bool] = False
    ) -> Response[Any]:
        """The form."""
        return render(request, _page(actor.habits, saved=saved))

    @post()
    async def update(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Save it; the page that follows behaves like that already."""
        form = await request.form()
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        try:
            habits = msgspec.structs.replace(typed_habits(typed), theme=actor.habits.theme)
        except Invalid as error:
            return render(request, _page(actor.habits, error=error.message), status=error.status)
        await service.set_habits(resources, actor, habits)
        return see_other(request, f"{PATH}?saved=true")


def _page(habits: Habits, *, saved: bool = False, error: str = "") -> HabitsPage:
    def shown(choices: tuple[tuple[str, str, str], ...]) -> list[tuple[str, str, str]]:
        return [(value, _(label), _(more) if more else "") for value, label, more in choices]

    return HabitsPage(habits=habits, enter=shown(ENTER), density=shown(DENSITY), saved=saved, error=error)
