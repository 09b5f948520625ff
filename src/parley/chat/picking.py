"""The model picker: who is offered, in which group, and what is said about each. Pure.

A model stands in one group only: the person's favourites, what they used last, routes, then connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from parley.catalogue.marks import Marks, recent
from parley.catalogue.models import ModelRow
from parley.chat import pages, presenting
from parley.chat.measures import short_count
from parley.chat.queries import Trouble
from parley.providers.base import SENTENCES
from parley.web.i18n import N_, _

ALL = 100  # up to so many models are on the page; of more, the first ones and whoever is searched for
FIRST = 30
MOST_FOUND = 60
ROUTE = "route"

# capability -> icon and what it means to a person
ABILITIES = {
    "vision": ("eye", N_("sees pictures")),
    "tools": ("tool", N_("uses tools")),
    "reasoning": ("think", N_("can reason")),
    "image_output": ("image", N_("makes pictures")),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known about the person and this chat. `current` "" takes their default, else the first."""

    current: str = ""
    current_name: str = ""  # for a model that is gone
    default: str = ""
    marks: Marks = field(default_factory=dict)
    troubles: Mapping[int, Trouble] = field(default_factory=dict)  # by connection


def picker(models: Iterable[ModelRow], wish: Wish, search: str = "") -> pages.ModelPicker:
    """What the picker shows; with `search`, only models that have all its words."""
    chosen = current_of(models := list(models), wish)
    offered = {model.id: model for model in models if _is_offered(model) or model.id == chosen}
    words = search.casefold().split()
    found = [model for model in offered.values() if _matches(model, words)] if words else [*offered.values()]
    limit = MOST_FOUND if words else ALL if len(offered) <= ALL else FIRST
    groups, rest = _grouped(found, chosen, wish, limit)
    if chosen and chosen not in offered and not words:
        groups.append(pages.ModelGroup(label=_("Not available"), options=[_gone(chosen, wish)]))
    kept = None
    if chosen and not any(option.current for group in groups for option in group.options):
        kept = _option(offered[chosen], wish, chosen) if chosen in offered else _gone(chosen, wish)
    return pages.ModelPicker(groups=groups, kept=kept, rest=rest, total=len(offered), search=search)


def current_of(models: Sequence[ModelRow], wish: Wish) -> str:
    """The public id the next question goes to; "" when there is none at all.

    A chat's own model stays chosen though it is gone: it is never replaced silently.
    """
    if wish.current:
        return wish.current
    usable = [model.id for model in models if _is_offered(model) and model.available]
    if wish.default in usable:
        return wish.default
    return usable[0] if usable else ""


def _is_offered(model: ModelRow) -> bool:
    return model.available and model.kind in ("chat", "")


def _matches(model: ModelRow, words: Sequence[str]) -> bool:
    name = presenting.model_name(model.id, model.name)
    text = f"{name} {model.connection_name} {model.id} {' '.join(model.tags)}".casefold()
    return all(word in text for word in words)


def _grouped(
    found: Sequence[ModelRow], chosen: str, wish: Wish, limit: int
) -> tuple[list[pages.ModelGroup], int]:
    """The groups, and how many models did not fit; what a person marked or chose always does."""
    by_id = {model.id: model for model in found}
    favourites = [id for id in by_id if wish.marks.get(id, (False, 0))[0]]
    lately = [id for id in recent(wish.marks) if id in by_id and id not in favourites]
    own = {*favourites, *lately}
    rest = [model for model in found if model.id not in own]
    rest.sort(key=lambda model: model.provider != ROUTE)
    fit = [model for n, model in enumerate(rest) if n < limit or model.id == chosen]
    homes: dict[tuple[int, str], pages.ModelGroup] = {}
    for model in fit:
        label = _("Routes") if model.provider == ROUTE else model.connection_name
        group = homes.setdefault((model.connection_id, label), _group(model, label, wish))
        group.options.append(_option(model, wish, chosen))
    marked = [
        pages.ModelGroup(label=label, options=[_option(by_id[id], wish, chosen) for id in ids])
        for label, ids in ((_("Favourites"), favourites), (_("Recent"), lately))
    ]
    return [group for group in (*marked, *homes.values()) if group.options], len(rest) - len(fit)


def _group(model: ModelRow, label: str, wish: Wish) -> pages.ModelGroup:
    trouble = wish.troubles.get(model.connection_id)
    if trouble is None or model.provider == ROUTE:
        return pages.ModelGroup(label=label, options=[])
    return pages.ModelGroup(
        label=label, options=[], trouble=_reason(trouble), since=presenting.moment(trouble.since)
    )


def _option(model: ModelRow, wish: Wish, chosen: str) -> pages.ModelOption:
    trouble = wish.troubles.get(model.connection_id)
    return pages.ModelOption(
        id=model.id,
        name=presenting.model_name(model.id, model.name),
        connection=model.connection_name,
        demo=model.provider == "demo",
        current=model.id == chosen,
        available=model.available,
        favourite=wish.marks.get(model.id, (False, 0))[0],
        abilities=[
            pages.Ability(icon=icon, label=_(label))
            for name, (icon, label) in ABILITIES.items()
            if model.can(name)
        ],
        window=short_count(model.context_window) if model.context_window else "",
        window_tokens=model.context_window,
        reasons=model.can("reasoning"),
        sees=model.can("vision"),
        trouble=_reason(trouble) if trouble else "",
        tags=model.tags,
    )


def _gone(id: str, wish: Wish) -> pages.ModelOption:
    name = wish.current_name or id
    return pages.ModelOption(id=id, name=name, connection="", current=True, available=False)


def _reason(trouble: Trouble) -> str:
    return _(SENTENCES.get(trouble.code, SENTENCES["server"]))
