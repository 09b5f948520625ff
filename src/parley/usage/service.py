"""What a page, its charts and its file show of what was used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row
from parley.settings.general import TIME_ZONE
from parley.settings.queries import load
from parley.usage import queries, sheets
from parley.usage.asking import Asked
from parley.usage.charts import Options, charts_of
from parley.usage.pages import Choices, Figure, Sheet
from parley.usage.parts import Wish
from parley.usage.presenting import Names, figures, ranking
from parley.usage.presenting import sheets as sheets_by_day
from parley.usage.queries import Sums, Used, Waits
from parley.usage.scripts import SUMS
from parley.usage.spans import Span, zone_of
from parley.web.i18n import _

MOST_PEOPLE = 200  # in a table and a list to choose from

Id = TypeVar("Id", str, int)
Parties = list[tuple[str, Sums, str]]  # name, what they used, address


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that a page shows, before it is words."""

    asked: Asked
    everybody: bool
    path: str  # of the page, for links to others of its kind
    span: Span
    used: Used
    waits: Waits
    people: list[tuple[int, Sums]]
    models: list[str]  # that can be chosen
    names: Names

    def rankings(self) -> dict[str, Parties]:
        """Who and what used most, by the name of the chart; one party alone is no ranking of models."""
        found: dict[str, Parties] = {}
        if self.everybody and not self.asked.user:
            found["people"] = [
                (self.names.person(id), sums, self.path + _with(self.asked, user=id))
                for id, sums in self.people
            ]
        found["models"] = [
            (self.names.model(id), sums, self.path + _with(self.asked, model=id))
            for id, sums in _most_first(self.used.by_model)
        ]
        if self.everybody or len(self.used.by_connection) > 1:
            found["connections"] = [
                (self.names.connection(id), sums, "") for id, sums in _most_first(self.used.by_connection)
            ]
        return found


async def find(db: Database, actor: Actor, asked: Asked, *, everybody: bool, path: str) -> Found:
    """What `actor` used, or with `everybody` what everybody did or one of them; ten small reads at most."""
    span = await span_for(db, actor, asked)
    owner = (asked.user or None) if everybody else actor.id
    wish = Wish(span, owner, asked.model)
    used = await queries.used(db, wish)
    offered = (await queries.used(db, Wish(span, owner))) if asked.model else used
    people = await queries.by_person(db, wish, MOST_PEOPLE) if everybody else []
    models, homes = await queries.names(db)
    owners = {id for id, _sums in people} | ({asked.user} if asked.user else set())
    names = Names(models, homes, await queries.people_named(db, sorted(owners)))
    waits = await queries.waits(db, wish)
    offers = sorted({*offered.by_model, *filter(None, [asked.model])})
    return Found(asked, everybody, path, span, used, waits, people, offers, names)


async def span_for(db: Database, actor: Actor, asked: Asked) -> Span:
    """The days that are asked for, where `actor` lives."""
    zone = zone_of(actor.time_zone or (await load(db))[TIME_ZONE])
    return asked.span(zone, now_ms())


def told(found: Found) -> tuple[list[Figure], list[Sheet]]:
    """The figures and the tables."""
    if not found.used.total.messages:
        return [], []
    titles = {
        "people": (_("People"), _("Person")),
        "models": (_("Models"), _("Model")),
        "connections": (_("Connections"), _("Connection")),
    }
    by_model = {found.names.model(id): waits for id, waits in found.waits.by_model.items()}
    ranked = [
        ranking(key, *titles[key], parties, by_model if key == "models" else None)
        for key, parties in found.rankings().items()
    ]
    return figures(found.used, found.waits), sheets_by_day(found.used, found.waits) + ranked


def drawn(found: Found) -> dict[str, Options]:
    """The options of the charts."""
    ranked = {
        key: [(name, sums) for name, sums, _href in parties] for key, parties in found.rankings().items()
    }
    return charts_of(found.used, found.waits, ranked)


def choices(found: Found) -> tuple[Choices, Choices]:
    """The models and the people one may narrow it to."""
    models = (("", _("Every model")), *((id, found.names.model(id)) for id in found.models))
    ids = [id for id, _sums in found.people]
    if found.asked.user and found.asked.user not in ids:
        ids.append(found.asked.user)
    people = sorted(((str(id), found.names.person(id)) for id in ids), key=lambda each: each[1].casefold())
    return models, (("", _("Everybody")), *people)


async def as_csv(db: Database, actor: Actor, asked: Asked, *, everybody: bool) -> AsyncIterator[bytes]:
    """Everything by day, person, model and connection; a day at a time, so that years take no memory."""
    span = await span_for(db, actor, asked)
    models, homes = await queries.names(db)
    people: dict[int, Row] = {}
    names = Names(models, homes, people)
    who = ["person_id", "person"] if everybody else []
    head = ["day", *who, "model_id", "model", "connection", *SUMS[:6], "cost_usd", "without_price"]
    yield sheets.BOM.encode() + sheets.line(head)
    owner = (asked.user or None) if everybody else actor.id
    async for day, row in queries.rows_of(db, Wish(span, owner, asked.model)):
        if everybody and row["owner"] not in people:
            people |= await queries.people_named(db, [row["owner"]])
        person = [row["owner"], names.person(row["owner"])] if everybody else []
        home = names.connection(row["connection"])
        counts = [row[name] for name in SUMS[:6]]
        dollars, rest = divmod(row["cost_nano"], 10**9)
        model = [row["model"], names.model(row["model"])]
        cost = [f"{dollars}.{rest:09d}", row["unpriced"]]
        yield sheets.line([day.isoformat(), *person, *model, home, *counts, *cost])


def _with(asked: Asked, *, model: str = "", user: int = 0) -> str:
    return Asked(asked.days, asked.first, asked.last, model or asked.model, user or asked.user).query()


def _most_first(parties: dict[Id, Sums]) -> list[tuple[Id, Sums]]:
    return sorted(parties.items(), key=lambda each: (-each[1].tokens, -each[1].messages))
