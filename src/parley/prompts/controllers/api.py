"""The JSON API of the prompt library."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from parley.accounts.actor import Actor
from parley.prompts import queries, service
from parley.prompts.access import PromptRow, prompt_for_reader, prompt_for_writer
from parley.resources import Resources
from parley.web.envelope import ok


class NewPrompt(msgspec.Struct):
    """Body of `POST /api/prompts`."""

    command: str
    title: str
    body: str
    shared: bool = False


class PromptChange(msgspec.Struct):
    """Body of `PATCH /api/prompts/{id}`; what is absent stays."""

    command: str | None = None
    title: str | None = None
    body: str | None = None
    shared: bool | None = None


class PromptApiController(Controller):
    """`/api/prompts`."""

    path = "/api/prompts"

    @get()
    async def index(
        self,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
        limit: FromQuery[int] = 50,
    ) -> dict[str, Any]:
        """One's own and the shared ones, by command."""
        rows = await queries.library(
            resources.db, actor.id, search=q.replace("\0", ""), limit=max(1, min(limit, 200))
        )
        return ok({"prompts": [_wire(row) for row in rows]})

    @post()
    async def create(
        self,
        data: JSONBody[NewPrompt],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """A new prompt."""
        wording = service.checked(data.command, data.title, data.body, shared=data.shared)
        id = await service.create(resources, actor, wording)
        return ok({"prompt": _wire(await prompt_for_reader(resources.db, id, actor))})

    @patch("/{id:int}")
    async def update(
        self,
        id: FromPath[int],
        data: JSONBody[PromptChange],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Change what is named."""
        row = await prompt_for_writer(resources.db, id, actor)
        wording = service.checked(
            row.command if data.command is None else data.command,
            row.title if data.title is None else data.title,
            row.body if data.body is None else data.body,
            shared=row.shared if data.shared is None else data.shared,
        )
        await service.change(resources, actor, row, wording)
        return ok({"prompt": _wire(await prompt_for_reader(resources.db, id, actor))})

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Delete it."""
        await service.delete(resources, await prompt_for_writer(resources.db, id, actor))
        return ok({"deleted": True})


def _wire(row: PromptRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "command": row.command,
        "title": row.title,
        "body": row.body,
        "shared": row.shared,
        "author": row.author,
        "version": row.version,
        "updatedAt": row.updated_at,
    }
