"""Reads put together for the administrator's pages of models."""

from __future__ import annotations

from collections.abc import Mapping

from parley.accounts.actor import Actor
from parley.catalogue import presenting, queries
from parley.catalogue.listing import Filter, matching, page_of, query_of
from parley.catalogue.marks import default_model
from parley.catalogue.overrides import NOTHING_SAID
from parley.catalogue.pages import Choice, ModelPage, ModelsPage
from parley.connections.queries import all_connections
from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.lib.errors import NotFound
from parley.settings.queries import load
from parley.web.i18n import _


async def models_page(db: Database, admin: Actor, filter: Filter) -> ModelsPage:
    """The table as `filter` shows it. A constant number of reads, and none of an upstream."""
    models, values = await queries.all_models(db), await load(db)
    connections = await all_connections(db)
    new, default = await queries.new_models(db, now_ms()), await default_model(db, admin.id)
    found = matching(models, filter, new)
    shown, filter, pages = page_of(found, filter)
    back = query_of(filter, filter.page)
    return ModelsPage(
        rows=[presenting.row_of(model, values, new, default, back) for model in shown],
        filter=filter,
        query=back,
        found=len(found),
        total=len(models),
        pages=pages,
        previous=query_of(filter, filter.page - 1) if filter.page > 1 else None,
        next=query_of(filter, filter.page + 1) if filter.page < pages else None,
        connections=[Choice("", _("All")), *(Choice(str(row.id), row.name) for row in connections)],
        kinds=presenting.choices(presenting.KIND_LABELS, _("All")),
        shows=presenting.choices(presenting.STATE_LABELS, _("All")),
        access=presenting.choices(presenting.ACCESS_LABELS, _("Leave as it is")),
        failing=presenting.failing_of(connections),
        refreshing=await queries.refreshing(db, now_ms()),
        changed=0,
    )


async def model_page(
    db: Database,
    id: str,
    filter: Filter,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ModelPage:
    """One model, with a refused form (`typed`, `errors`) or as it stands; raises NotFound."""
    model, bare = await queries.model_row(db, id), await queries.model_row(db, id, bare=True)
    if model is None or bare is None:
        raise NotFound(_("There is no model “%(model)s”.", model=id[:100]))
    said = await queries.overrides_of(db, id)
    shown = dict(typed) if typed is not None else presenting.typed_of(said)
    known = _("As is known")
    return ModelPage(
        id=model.id,
        name=model.name,
        connection=model.connection_name,
        typed=shown,
        known=presenting.known_of(bare),
        abilities=presenting.abilities_of(bare, shown),
        kinds=presenting.choices(presenting.KIND_LABELS, known),
        access=presenting.choices(presenting.ACCESS_LABELS, _("As for the whole site")),
        efforts=presenting.choices(presenting.EFFORT_LABELS, _("As the connection says")),
        badges=presenting.badges_of(model, (), ""),
        changed=said != NOTHING_SAID,
        back=query_of(filter, filter.page),
        errors=errors or {},
    )
