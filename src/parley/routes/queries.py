"""Reads of routes, and of everything a person can choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.catalogue.policy import may_use
from parley.catalogue.queries import all_models
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row, one
from parley.routes.rules import Rule, Verdict, judged
from parley.settings.queries import load

PREFIX = "route:"
PROVIDER = "route"

_COLUMNS = "SELECT id, slug, name, enabled, rules, created_at, updated_at FROM route "
_decode = msgspec.json.Decoder(tuple[Rule, ...]).decode


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route; `public_id` is what chats name it by."""

    id: int
    slug: str
    name: str
    enabled: bool
    rules: tuple[Rule, ...]
    created_at: int
    updated_at: int

    @property
    def public_id(self) -> str:
        """As a model's."""
        return PREFIX + self.slug


async def all_routes(db: Database) -> list[RouteRow]:
    """Every route by name."""
    return [_route(row) for row in await db.fetch(_COLUMNS + "ORDER BY name, id")]


async def route_row(db: Database, id: int) -> RouteRow | None:
    """One route."""
    row = one(await db.fetch(_COLUMNS + "WHERE id = ?", id))
    return _route(row) if row else None


async def route_named(db: Database, public_id: str) -> RouteRow | None:
    """The route behind a public id."""
    if not public_id.startswith(PREFIX):
        return None
    row = one(await db.fetch(_COLUMNS + "WHERE slug = ?", public_id.removeprefix(PREFIX)))
    return _route(row) if row else None


async def choices(db: Database, actor: Actor) -> list[ModelRow]:
    """What `actor` may choose as the model of a chat; see `choices_of`."""
    return await choices_of(db, actor.role)


async def choices_of(db: Database, role: str) -> list[ModelRow]:
    """What somebody of `role` may choose as the model of a chat: models, then routes; constant queries.

    The first that can be used is what a new chat takes, so a route has to be chosen. A route is offered to
    whoever may use a model that it can lead to. Hidden models are left out.
    """
    models = await all_models(db)
    values = await load(db)
    mine = {model.id: model for model in models if may_use(model, role, values)}
    routes = [offered(route, mine) for route in await all_routes(db) if route.enabled]
    return [*(model for model in mine.values() if not model.hidden), *(row for row in routes if row)]


async def verdicts_on(
    db: Database, route: RouteRow, *, now: datetime, needs: frozenset[str] = frozenset()
) -> list[Verdict]:
    """What speaks for and against each rule of a route at a time."""
    models = {model.id: model for model in await all_models(db)}
    return judged(route.rules, models, now=now, needs=needs)


def offered(route: RouteRow, models: Mapping[str, ModelRow]) -> ModelRow | None:
    """A route as a model to choose; None when it leads to none of `models`.

    It shows what the target that would win now can do, and everything any of its targets can see.
    """
    targets = [models[rule.target] for rule in route.rules if rule.target in models]
    if not targets:
        return None
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    verdicts = judged(route.rules, models, now=now, needs=frozenset())
    winner = next((models[verdict.rule.target] for verdict in verdicts if verdict.applies), None)
    shown = winner or targets[0]
    able = {word for target in targets for word in target.capabilities}
    return replace(
        shown,
        id=route.public_id,
        name=route.name,
        connection_id=0,
        connection_name="",
        provider=PROVIDER,
        raw_id=route.slug,
        available=any(target.available for target in targets),
        capabilities=tuple(sorted(able)),
        failing_since=None,
        gone_at=None,
        hidden=False,
        fallbacks=(),
    )


def _route(row: Row) -> RouteRow:
    return RouteRow(**{**row, "enabled": bool(row["enabled"]), "rules": _decode(row["rules"])})
