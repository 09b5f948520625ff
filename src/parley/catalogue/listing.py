"""Which models an administrator looks at: the filter in the address of the page. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from parley.catalogue.models import ModelRow

PER_PAGE = 100
KINDS = ("chat", "embedding", "image", "other")
SHOWS = ("hidden", "new", "gone", "changed")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown; empty is everything. `page` begins at 1."""

    q: str = ""
    connection: int = 0
    kind: str = ""
    show: str = ""
    page: int = 1


def filter_of(query: Mapping[str, str]) -> Filter:
    """The filter of a query; what cannot be used counts as not said."""
    return Filter(
        q=query.get("q", "").strip()[:100],
        connection=_number(query.get("connection", "")),
        kind=query.get("kind", "") if query.get("kind") in KINDS else "",
        show=query.get("show", "") if query.get("show") in SHOWS else "",
        page=max(1, _number(query.get("page", ""))),
    )


def filter_of_text(text: str) -> Filter:
    """The filter of a query as it stands in an address."""
    return filter_of(dict(parse_qsl(text[:500])))


def query_of(filter: Filter, page: int = 1) -> str:
    """The query that shows `page` of `filter`; "" for the first page of everything."""
    values = {"q": filter.q, "connection": filter.connection, "kind": filter.kind, "show": filter.show}
    asked = {name: value for name, value in values.items() if value}
    return urlencode({**asked, **({"page": page} if page > 1 else {})})


def matching(models: Sequence[ModelRow], filter: Filter, new: Collection[str]) -> list[ModelRow]:
    """The models a filter lets through; `new` are the public ids that came lately."""
    words = filter.q.lower().split()
    return [
        model
        for model in models
        if (not filter.connection or model.connection_id == filter.connection)
        and (not filter.kind or model.kind == filter.kind)
        and (not filter.show or filter.show in states(model, new))
        and _holds(model, words)
    ]


def states(model: ModelRow, new: Collection[str]) -> set[str]:
    """The words of SHOWS that fit a model."""
    found = {
        "hidden": model.hidden,
        "new": model.id in new,
        "gone": model.gone_at is not None,
        "changed": is_changed(model),
    }
    return {name for name, fits in found.items() if fits}


def is_changed(model: ModelRow) -> bool:
    """Whether an administrator said something about what it is, who may use it, or what replaces it."""
    said = model.hidden or model.access_user or model.access_visitor or model.fallbacks
    return bool(said) or "override" in model.sources.values()


def page_of(models: Sequence[ModelRow], filter: Filter) -> tuple[Sequence[ModelRow], Filter, int]:
    """The models of one page, the filter with a page that exists, and how many pages there are."""
    pages = max(1, -(-len(models) // PER_PAGE))
    page = min(filter.page, pages)
    return models[(page - 1) * PER_PAGE : page * PER_PAGE], replace(filter, page=page), pages


def _holds(model: ModelRow, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = " ".join((model.name, model.id, model.connection_name, *model.tags)).lower()
    return all(word in text for word in words)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
