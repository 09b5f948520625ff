"""The JSON API of models: for everybody who may use them, and for administrators who decide about them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from parley.accounts.actor import Actor
from parley.catalogue import marks, queries, service, wire
from parley.catalogue.models import ModelRow
from parley.connections.queries import all_connections
from parley.lib.errors import NotFound
from parley.resources import Resources
from parley.settings.queries import load
from parley.web.envelope import ok
from parley.web.i18n import _

OVERRIDE = "/override"  # ends of addresses: ids of models hold slashes, so an address ends with the id
FAVOURITE = "/favourite"


class Bulk(msgspec.Struct):
    """One change of many models."""

    ids: list[str]
    change: dict[str, Any]


class Choice(msgspec.Struct):
    """A model by its public id; "" takes the choice back."""

    model: Annotated[str, msgspec.Meta(max_length=300)]


class Refresh(msgspec.Struct):
    """Which connection to ask for its models; none means all."""

    connection: int | None = None


class ModelApiController(Controller):
    """`/api/models`. Ids are sent as they are or percent-encoded: `3:openai/gpt-5:free`."""

    path = "/api/models"

    @get()
    async def index(
        self,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        all: FromQuery[bool] = False,
    ) -> dict[str, Any]:
        """The models that can be used now; what a new chat should use comes first.

        `all` gives administrators hidden ones too, and those that are gone or turned off.
        """
        return ok({"models": await _listed(resources, actor, everything=all and actor.is_admin)})

    @post("/bulk", status_code=200)
    async def change_many(
        self, data: JSONBody[Bulk], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """The same change for many models, all or none."""
        await service.change_models(resources, data.ids, data.change)
        return ok({"changed": len(set(data.ids))})

    @post("/refresh", status_code=202)
    async def refresh(
        self, data: JSONBody[Refresh], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Begin to ask the upstreams for their models; the ids of the connections under way."""
        ids = [row.id for row in await all_connections(resources.db) if data.connection in (None, row.id)]
        if not ids:
            raise NotFound(_("There is no such connection."))
        return ok({"refreshing": await service.refresh(resources, ids)})

    @put("/default")
    async def choose(
        self, data: JSONBody[Choice], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """The model the caller's new chats begin with."""
        await marks.set_default(resources, actor, data.model)
        return ok({"default": data.model})

    @patch("/{id:path}")
    async def update(
        self,
        id: FromPath[Path],
        data: JSONBody[dict[str, Any]],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Say something about a model; null takes it back."""
        model = await _known(resources, _id_of(id))
        await service.change_models(resources, [model.id], data)
        return ok({"model": await _shown(resources, model)})

    @put("/{id:path}")
    async def mark(
        self, id: FromPath[Path], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """`…/favourite`: make a model the caller's favourite."""
        await marks.set_favourite(resources, actor, _id_of(id, FAVOURITE), True)
        return ok({"favourite": True})

    @delete("/{id:path}", status_code=200)
    async def forget(
        self, id: FromPath[Path], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """`…/favourite`: not a favourite any more. `…/override`: take back what was said about a model."""
        if id.as_posix().endswith(FAVOURITE):
            await marks.set_favourite(resources, actor, _id_of(id, FAVOURITE), False)
            return ok({"favourite": False})
        if not actor.is_admin:
            raise _nothing()
        model = await _known(resources, _id_of(id, OVERRIDE))
        await service.reset_models(resources, [model.id])
        return ok({"model": await _shown(resources, model)})


async def _listed(resources: Resources, actor: Actor, *, everything: bool) -> list[dict[str, Any]]:
    db = resources.db
    rows = await queries.all_models(db) if everything else await queries.usable(db, actor)
    mine, default = await marks.marks(db, actor.id), await marks.default_model(db, actor.id)
    values = await load(db)
    listed = []
    for row in rows:
        if row.available or everything:
            more = wire.decided(row, values) if actor.is_admin else {}
            listed.append(wire.model(row, mine.get(row.id, (False, 0)), default) | more)
    return listed


async def _shown(resources: Resources, before: ModelRow) -> dict[str, Any] | None:
    """A model after a change; None when the change was to forget it."""
    row = await queries.model_row(resources.db, before.id)
    if row is None:
        return None
    said = wire.said(await queries.overrides_of(resources.db, row.id))
    return wire.model(row) | wire.decided(row, await load(resources.db)) | {"override": said}


async def _known(resources: Resources, id: str) -> ModelRow:
    row = await queries.model_row(resources.db, id)
    if row is None:
        raise _nothing()
    return row


def _id_of(path: Path, end: str = "") -> str:
    """The public id in an address that ends with `end`; raises NotFound for other addresses."""
    text = path.as_posix().removeprefix("/")
    if not text.endswith(end) or "\0" in text:
        raise _nothing()
    return text.removesuffix(end) if end else text


def _nothing() -> NotFound:
    return NotFound(_("There is nothing here."))
