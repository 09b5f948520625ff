"""The JSON API of models, for everybody who may use them."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.di import NamedDependency

from parley.accounts.actor import Actor
from parley.catalogue import queries, wire
from parley.resources import Resources
from parley.web.envelope import ok


@get("/api/models")
async def list_models(actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> dict[str, Any]:
    """The models that can be used now; what a new chat should use comes first."""
    rows = await queries.usable(resources.db, actor)
    return ok({"models": [wire.model(row) for row in rows if row.available]})
