"""The settings of the site: cards for people, JSON for programs. Administrators only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.admin.settings.assembling import all_cards
from parley.admin.settings.authors import author_of
from parley.admin.settings.pages import CentrePage, SettingCard, SettingsPage, found
from parley.chat.keeping.queries import due
from parley.lib.errors import Invalid, NotFound
from parley.resources import Resources
from parley.settings import mirror, service
from parley.settings.catalogue import CARDS, SETTINGS, Values
from parley.settings.queries import load
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.render import render

PATH = "/admin/settings"
LONGEST_QUERY = 200


@get("/admin")
async def centre(
    request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Response[str]:
    """Everything that is administered, and a search over all settings."""
    return render(request, CentrePage(cards=await all_cards(request, resources)))


@get("/admin/answering")
async def answering(request: AnyRequest, admin: NamedDependency[Actor]) -> Response[Any]:
    """Where settings about answers used to be."""
    return see_other(request, PATH)


class SettingsController(Controller):
    """`/admin/settings` and `/admin/settings/{card}`."""

    path = PATH

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
        saved: FromQuery[bool] = False,
    ) -> Response[str]:
        """All settings, or those in which the words of `q` are found."""
        query = q[:LONGEST_QUERY].strip()
        cards = found(await all_cards(request, resources), query)
        page = SettingsPage(title=_("All settings"), path=PATH, cards=cards, query=query, saved=saved)
        return render(request, page)

    @post()
    async def change(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Keep what was sent, or nothing while one does not fit."""
        return await _changed(request, resources, admin, "")

    @get("/{card:str}")
    async def show(
        self,
        request: AnyRequest,
        card: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        saved: FromQuery[bool] = False,
    ) -> Response[str]:
        """One card."""
        _known(card)
        cards = [each for each in await all_cards(request, resources) if each.key == card]
        return render(request, _page(card, cards, saved=saved))

    @post("/{card:str}")
    async def change_card(
        self,
        request: AnyRequest,
        card: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Keep what was sent from one card."""
        _known(card)
        return await _changed(request, resources, admin, card)


class SystemSettingsController(Controller):
    """`/api/settings/system`."""

    path = "/api/settings/system"

    @get()
    async def index(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Every setting by key, which of them somebody decided, and where each value comes from."""
        return ok(await _settings(resources))

    @put()
    async def change(
        self,
        request: AnyRequest,
        data: JSONBody[dict[str, Any]],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Set what is given; null takes the default again."""
        await service.change(resources, data, author_of(request, admin))
        await mirror.refresh(resources)
        return ok(await _settings(resources))


async def _changed(request: AnyRequest, resources: Resources, admin: Actor, card: str) -> Response[Any]:
    body = await request.form()
    # A switch sends "off" and then, when it is on, "on" under the same name: the last one counts.
    typed = {key: str(value) for key, value in body.multi_items() if key in SETTINGS}
    if "count" in body:
        counted = await due(resources.db, Values(service.checked(typed)[0]))
        cards = await all_cards(request, resources, typed=typed, counted=counted)
        return render(request, _page(card, [each for each in cards if card in ("", each.key)]))
    given: dict[str, object] = {**typed}
    if (reset := str(body.get("reset", ""))) in SETTINGS:
        given[reset] = None
    try:
        await service.change(resources, given, author_of(request, admin))
    except Invalid as error:
        return await refused_card(request, resources, card, error.fields, typed)
    await mirror.refresh(resources)
    path = f"{PATH}/{card}" if card else PATH
    return Redirect(f"{resources.config.root_path}{path}?saved=true", status_code=303)


async def refused_card(
    request: AnyRequest,
    resources: Resources,
    card: str,
    errors: Mapping[str, str],
    typed: Mapping[str, str] | None = None,
    *,
    status: int = 400,
) -> Response[str]:
    """A card ("" for all) once more, with what was typed and what is wrong with it by key."""
    cards = await all_cards(request, resources, typed=typed, errors=errors)
    cards = [each for each in cards if card in ("", each.key)]
    return render(request, _page(card, cards, refused=True), status=status)


def _page(card: str, cards: list[SettingCard], *, saved: bool = False, refused: bool = False) -> SettingsPage:
    title = _(CARDS[card]) if card else _("All settings")
    path = f"{PATH}/{card}" if card else PATH
    return SettingsPage(title=title, path=path, cards=cards, one=bool(card), saved=saved, refused=refused)


def _known(card: str) -> None:
    if card not in CARDS:
        raise NotFound(_("There is nothing here."))


async def _settings(resources: Resources) -> dict[str, Any]:
    values = await load(resources.db)
    return {
        "settings": {setting.key: values[setting] for setting in SETTINGS},
        "decided": sorted(setting.key for setting in SETTINGS if values.is_set(setting.key)),
        "sources": {setting.key: values.source(setting.key) for setting in SETTINGS},
    }
