"""The settings of the site: a page for people, JSON for programs. Administrators only."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.admin.pages import AnsweringPage, cards_of
from parley.catalogue.queries import all_models
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.settings import service
from parley.settings.catalogue import SETTINGS
from parley.settings.queries import load
from parley.web.envelope import ok
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/answering"


class AnsweringController(Controller):
    """`/admin/answering`: how questions are answered."""

    path = PAGE

    @get()
    async def show(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        saved: FromQuery[str] = "",
    ) -> Response[str]:
        """Every setting about answers."""
        cards = cards_of(await load(resources.db), await all_models(resources.db))
        return render(request, AnsweringPage(cards=cards, saved=bool(saved)))

    @post()
    async def change(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Keep them all, or none while one does not fit."""
        body = await request.form()
        typed = {key: str(value) for key, value in body.items() if key in SETTINGS}
        try:
            await service.change(resources, typed)
        except Invalid as error:
            models = await all_models(resources.db)
            cards = cards_of(await load(resources.db), models, typed=typed, errors=error.fields)
            return render(request, AnsweringPage(cards=cards, refused=True), status=400)
        return Redirect(f"{resources.config.root_path}{PAGE}?saved=1", status_code=303)


class SystemSettingsController(Controller):
    """`/api/settings/system`."""

    path = "/api/settings/system"

    @get()
    async def index(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Every setting by key, and which of them somebody decided."""
        return ok(await _settings(resources))

    @put()
    async def change(
        self,
        data: JSONBody[dict[str, Any]],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Set what is given; null takes the default again."""
        await service.change(resources, data)
        return ok(await _settings(resources))


async def _settings(resources: Resources) -> dict[str, Any]:
    values = await load(resources.db)
    return {
        "settings": {setting.key: values[setting] for setting in SETTINGS},
        "decided": sorted(setting.key for setting in SETTINGS if values.is_set(setting.key)),
    }
