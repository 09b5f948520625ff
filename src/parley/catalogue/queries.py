"""Reads of the catalogue. Nothing here ever waits for an upstream."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.catalogue import merging
from parley.catalogue.merging import Home
from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import Overrides
from parley.catalogue.policy import may_use
from parley.lib.db import Database, Row
from parley.settings.queries import load

__all__ = ["all_models", "is_offered", "may_use", "model_row", "overrides_of", "usable"]

NEW_MS = 7 * 24 * 60 * 60 * 1_000
SETTLED_MS = 60 * 60 * 1_000  # what came within an hour came with the connection

_HOMES = (
    "SELECT c.id, c.name, c.provider, c.enabled, c.prefix, c.tags, c.defaults, c.failing_since"
    " FROM connection c "
)
_MODELS = "SELECT m.connection, m.public_id, m.raw_id, m.name, m.found, m.overrides, m.gone_at FROM model m "


async def all_models(db: Database) -> list[ModelRow]:
    """Every model, those that cannot be used marked; what a new chat should use comes first.

    That is: real connections before the demo, and within both what can chat before what cannot. Two reads.
    """
    homes = {row["id"]: _home(row) for row in await db.fetch(_HOMES)}
    rows = await db.fetch(_MODELS + "ORDER BY m.connection, m.id")
    # A connection that was made between the two reads has its models in the next one.
    models = [_model(homes[row["connection"]], row) for row in rows if row["connection"] in homes]
    models.sort(key=lambda model: (model.provider == "demo", model.kind != "chat"))
    return models


async def usable(db: Database, actor: Actor) -> list[ModelRow]:
    """What `actor` may choose now or sees as turned off, in the order of `all_models`."""
    values = await load(db)
    return [
        model for model in await all_models(db) if not model.hidden and may_use(model, actor.role, values)
    ]


async def model_row(db: Database, public_id: str, *, bare: bool = False) -> ModelRow | None:
    """One model by its public id, whoever may use it; `bare` is as if nothing were said about it."""
    rows = [] if "\0" in public_id else await db.fetch(_MODELS + "WHERE m.public_id = ?", public_id)
    if not rows:
        return None
    homes = await db.fetch(_HOMES + "WHERE c.id = ?", rows[0]["connection"])
    row = {**rows[0], "overrides": "{}"} if bare else rows[0]
    return _model(_home(homes[0]), row) if homes else None


async def new_models(db: Database, now: int) -> set[str]:
    """The public ids of models that their upstreams added in the last 7 days."""
    rows = await db.fetch(
        "SELECT m.public_id FROM model m JOIN connection c ON c.id = m.connection"
        " WHERE m.created_at > ? AND m.created_at > c.created_at + ?",
        now - NEW_MS,
        SETTLED_MS,
    )
    return {row["public_id"] for row in rows}


async def refreshing(db: Database, now: int) -> list[str]:
    """The names of the connections that are being asked for their models."""
    rows = await db.fetch("SELECT name FROM connection WHERE enabled AND refresh_until > ? ORDER BY id", now)
    return [row["name"] for row in rows]


async def is_offered(db: Database, actor: Actor, public_id: str) -> bool:
    """Whether `actor` finds this model, or a route, among what they may choose."""
    kind, _colon, slug = public_id.partition(":")
    if kind == "route" and "\0" not in slug:  # routes stand above this domain; to exist is enough
        return bool(await db.fetch("SELECT 1 AS one FROM route WHERE slug = ? AND enabled", slug))
    model = await model_row(db, public_id)
    return model is not None and not model.hidden and may_use(model, actor.role, await load(db))


async def overrides_of(db: Database, public_id: str) -> Overrides:
    """What an administrator says about a model; nothing for one that is not there."""
    rows = await db.fetch("SELECT overrides FROM model WHERE public_id = ?", public_id)
    return merging.stored_overrides(rows[0]["overrides"] if rows else "")


def _home(row: Row) -> Home:
    return merging.home(
        row["id"],
        row["name"],
        row["provider"],
        bool(row["enabled"]),
        row["prefix"],
        (row["tags"], row["defaults"]),
        row["failing_since"],
    )


def _model(home: Home, row: Row) -> ModelRow:
    return merging.model(
        home, row["public_id"], row["raw_id"], row["name"], row["found"], row["overrides"], row["gone_at"]
    )
