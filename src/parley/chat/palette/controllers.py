"""The palette and the list of keys."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat.palette.keys import keys
from parley.chat.palette.offering import offers
from parley.chat.palette.pages import KeyGroup, KeysFragment, KeysPage, OffersFragment, PaletteFragment
from parley.chat.palette.queries import chats_titled
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render

LONGEST = 200  # characters of what is looked for


class PaletteController(Controller):
    """`/f/palette`, `/f/keys` and `/keys`."""

    opt = FOR_VISITORS

    @get("/f/palette")
    async def palette(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str | None] = None,
    ) -> Response[str]:
        """The dialog; with `q` only the lines that fit it."""
        typed = " ".join((q or "").replace("\0", " ").split())[:LONGEST]
        rows = await chats_titled(resources.db, actor.id, typed)
        groups = offers(
            typed, [(row["id"], row["title"]) for row in rows], admin=actor.is_admin, visitor=actor.is_visitor
        )
        page = PaletteFragment if q is None else OffersFragment
        return render(request, page(groups=groups))

    @get("/f/keys")
    async def keys_part(
        self, request: Request[Any, Any, Any], actor: NamedDependency[Actor]
    ) -> Response[str]:
        """The list as a dialog."""
        return render(request, KeysFragment(groups=_groups(actor)))

    @get("/keys")
    async def keys_page(
        self, request: Request[Any, Any, Any], actor: NamedDependency[Actor]
    ) -> Response[str]:
        """The list as a page."""
        return render(request, KeysPage(groups=_groups(actor)))


def _groups(actor: Actor) -> list[KeyGroup]:
    return [
        KeyGroup(label=_(heading), keys=[(caps.split(), _(does)) for caps, does in group])
        for heading, group in keys(actor.habits.enter)
    ]
