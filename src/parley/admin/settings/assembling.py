"""Pages of the settings centre put together. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from parley.accounts.entering import AnyRequest
from parley.admin.settings.letting import visitors_notes
from parley.admin.settings.notes import notes_of
from parley.admin.settings.pages import SettingCard, cards_of
from parley.catalogue.queries import all_models
from parley.chat.keeping.queries import Due, due
from parley.resources import Resources
from parley.settings.queries import load


async def all_cards(
    request: AnyRequest,
    resources: Resources,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    counted: Due | None = None,
) -> list[SettingCard]:
    """Every card with what it tells; a constant number of queries."""
    values = await load(resources.db)
    cards = cards_of(values, await all_models(resources.db), typed=typed, errors=errors)
    config = resources.config
    notes = notes_of(request, config, values, counted or await due(resources.db, values))
    notes["visitors"] = await visitors_notes(resources.db, values)
    return [replace(card, notes=notes.get(card.key, ())) for card in cards]
