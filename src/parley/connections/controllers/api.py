"""The JSON API: connections for administrators, models for everybody who may use them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from parley.accounts.actor import Actor
from parley.connections import moving, queries, service, transfer, wire
from parley.connections.access import connection_for_admin
from parley.connections.service import ConnectionChange, NewConnection
from parley.resources import Resources
from parley.web.envelope import ok

MODELS_SOON = 1.0  # seconds a program waits for the first list of models; pages never do


class Passphrase(msgspec.Struct):
    """What seals the keys in an export."""

    passphrase: str


class Import(msgspec.Struct):
    """A file of connections, as JSON or as its text."""

    file: dict[str, Any] | str
    passphrase: str = ""


class ConnectionApiController(Controller):
    """`/api/connections`; for everybody but administrators it does not exist."""

    path = "/api/connections"

    @post()
    async def create(
        self,
        data: JSONBody[NewConnection],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """A new connection; its models are looked for at once."""
        id, looking = await service.create(resources, data)
        await asyncio.wait({looking}, timeout=MODELS_SOON)
        return ok({"connection": wire.connection(await connection_for_admin(resources.db, id, admin))})

    @get()
    async def index(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Every connection."""
        rows = await queries.all_connections(resources.db)
        return ok({"connections": [wire.connection(row) for row in rows]})

    @get("/{id:int}")
    async def show(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """One connection."""
        return ok({"connection": wire.connection(await connection_for_admin(resources.db, id, admin))})

    @patch("/{id:int}")
    async def update(
        self,
        id: FromPath[int],
        data: JSONBody[ConnectionChange],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Change it; another address or provider forgets the key unless a new one comes with it."""
        looking = await service.update(resources, await connection_for_admin(resources.db, id, admin), data)
        if looking is not None:
            await asyncio.wait({looking}, timeout=MODELS_SOON)
        return ok({"connection": wire.connection(await connection_for_admin(resources.db, id, admin))})

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Delete it with its key and models."""
        await service.remove(resources, await connection_for_admin(resources.db, id, admin))
        return ok({"deleted": True})

    @post("/{id:int}/verify", status_code=200)
    async def verify(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Ask the upstream now, at most 35 s; an upstream that fails is a result, not an error."""
        row = await connection_for_admin(resources.db, id, admin)
        return ok(wire.found(await service.verify(resources, row.id)))

    @get("/export")
    async def export(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[bytes]:
        """Every connection as a file, without keys."""
        return Response(await moving.export(resources), media_type="application/json")

    @post("/export", status_code=200)
    async def export_sealed(
        self, data: JSONBody[Passphrase], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[bytes]:
        """The same with the keys, sealed by a passphrase."""
        passphrase = transfer.checked_passphrase(data.passphrase)
        return Response(await moving.export(resources, passphrase), media_type="application/json")

    @post("/import", status_code=200)
    async def take_in(
        self, data: JSONBody[Import], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Merge a file by provider, address and name; what became of each of its connections."""
        text = data.file if isinstance(data.file, str) else msgspec.json.encode(data.file)
        return ok({"connections": wire.outcomes(await moving.take_in(resources, text, data.passphrase))})

    @post("/verify", status_code=200)
    async def verify_unsaved(
        self,
        data: JSONBody[NewConnection],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """The same for what a form holds; nothing is stored."""
        return ok(wire.found(await service.verify_unsaved(resources, data)))
