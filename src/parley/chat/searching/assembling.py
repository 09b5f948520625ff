"""The search page put together. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from parley.accounts.actor import Actor
from parley.chat.access import conversation_for_owner
from parley.chat.presenting import model_name
from parley.chat.searching import changes, pages, presenting, queries
from parley.chat.searching.filters import Filters, filters_of, place_of
from parley.chat.searching.service import Found, search
from parley.lib.db import Database
from parley.resources import Resources
from parley.routes.queries import choices
from parley.search.asking import Wanted, wanted
from parley.web.i18n import _

NAMES = ("q", "from", "to", "role", "model", "folder", "pinned", "tag", "chat")
LONGEST = 400  # characters of one of them


def given(parameters: Mapping[str, str]) -> dict[str, str]:
    """What an address asks for, as it was typed but no longer than a page should repeat."""
    values = {name: parameters.get(name, "").replace("\0", "")[:LONGEST] for name in NAMES}
    return {name: value for name, value in values.items() if value}


async def looked_up(
    db: Database, actor: Actor, parameters: Mapping[str, str], offset: int
) -> tuple[Wanted, Filters, Found]:
    """The question read, and a page of what was found. Raises Invalid."""
    asked = wanted(parameters.get("q", ""))
    filters = filters_of(parameters, offset)
    before = place_of(parameters.get("before", ""))
    found = await search(db, actor.id, asked, filters, before) if asked.terms else Found()
    return asked, filters, found


async def results(
    resources: Resources, actor: Actor, parameters: Mapping[str, str], offset: int
) -> pages.MoreResults:
    """The part of the page that changes as one types, or the results after `before`."""
    names = await _names(resources.db, actor)
    whole = pages.Results(**await _results(resources.db, actor, parameters, offset, names))
    if not whole.continued:
        return whole
    return pages.MoreResults(groups=whole.groups, next_href=whole.next_href, continued=True)


async def search_page(
    resources: Resources, actor: Actor, parameters: Mapping[str, str], offset: int
) -> pages.SearchPage:
    """The whole page; a constant number of statements beside those of the search."""
    db, names = resources.db, await _names(resources.db, actor)
    models, folders = await queries.choices_of(db, actor.id)
    common = await _results(db, actor, parameters, offset, names)
    chat = filters_of(parameters, offset).chat
    return pages.SearchPage(
        **common,
        typed={name: "" for name in NAMES} | given(parameters),
        roles=presenting.roles(),
        models=[("", _("Any model")), *((id, model_name(id, names.get(id, id))) for id in models)],
        folders=[("", _("Any folder")), *((str(id), name) for id, name in folders)],
        chat_title=(await conversation_for_owner(db, chat, actor)).title if chat else "",
    )


async def _results(
    db: Database, actor: Actor, parameters: Mapping[str, str], offset: int, names: Mapping[str, str]
) -> dict[str, Any]:
    asked, filters, found = await looked_up(db, actor, parameters, offset)
    typed = given(parameters)
    here = presenting.address(typed)
    # Marks are looked for in whole texts, which may be long: not in the loop.
    groups = await asyncio.to_thread(
        presenting.groups, found, asked, filters, names, presenting.address(typed, "chat")
    )
    return {
        "query": parameters.get("q", "").strip()[:LONGEST],
        "groups": groups,
        "summary": presenting.summary(found) if asked.terms else "",
        "next_href": f"{here}&before={found.next}" if found.next is not None else "",
        "narrowed": filters != Filters(),
        "plain_href": presenting.address({"q": typed.get("q", "")}),
        "behind": await changes.is_behind(db),
        "continued": bool(parameters.get("before")),
    }


async def _names(db: Database, actor: Actor) -> dict[str, str]:
    return {model.id: model.name for model in await choices(db, actor)}
