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
    offered = [model for model in models if _is_offered(model) or model.id == chosen]
    options = {model.id: _option(model, wish, chosen) for model in offered}
    if chosen and chosen not in options:
        options[chosen] = _gone(chosen, wish)
    words = search.casefold().split()
    shown = {id for id in options if _matches(id, options[id], words)}
    groups, rest = _grouped(offered, options, shown, wish, limit=MOST_FOUND if words else _limit(offered))
    lost = chosen and not any(option.current for group in groups for option in group.options)
    kept = options[chosen] if lost else None
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


def _limit(offered: Sequence[ModelRow]) -> int:
    return ALL if len(offered) <= ALL else FIRST


def _matches(id: str, option: pages.ModelOption, words: Sequence[str]) -> bool:
    text = f"{option.name} {option.connection} {id} {' '.join(option.tags)}".casefold()
    return all(word in text for word in words)


def _grouped(
    offered: Sequence[ModelRow],
    options: Mapping[str, pages.ModelOption],
    shown: set[str],
    wish: Wish,
    *,
    limit: int,
) -> tuple[list[pages.ModelGroup], int]:
    """The groups, and how many models did not fit; what a person marked or chose always does."""
    left = {model.id: model for model in offered if model.id in shown}
    favourites = [id for id in left if options[id].favourite]
    lately = [id for id in recent(wish.marks) if id in left and id not in favourites]
    strangers = [id for id in shown if id not in left]
    rest = [model for id, model in left.items() if id not in (*favourites, *lately)]
    rest.sort(key=lambda model: model.provider != ROUTE)
    fit = [model for n, model in enumerate(rest) if n < limit or options[model.id].current]
    homes: dict[tuple[int, str], pages.ModelGroup] = {}
    for model in fit:
        label = _("Routes") if model.provider == ROUTE else model.connection_name
        group = homes.setdefault((model.connection_id, label), _group(model, label, wish))
        group.options.append(options[model.id])
    groups = [
        pages.ModelGroup(label=_("Favourites"), options=[options[id] for id in favourites]),
        pages.ModelGroup(label=_("Recent"), options=[options[id] for id in lately]),
        *homes.values(),
        pages.ModelGroup(label=_("Not available"), options=[options[id] for id in strangers]),
    ]
    return [group for group in groups if group.options], len(rest) - len(fit)


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
