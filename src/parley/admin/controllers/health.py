"""Questions machines ask: is the process alive, can it serve, is everything well."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Response, get
from litestar.di import NamedDependency

from parley.admin.health import database_answers, look
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.lifecycle import shutting_down


@get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False)
def alive() -> str:
    """The process runs and its loop turns."""
    return "ok"


@get("/readyz", media_type=MediaType.TEXT)
async def ready(resources: NamedDependency[Resources]) -> Response[str]:
    """200 while requests should be sent here: the database answers and the process is not stopping.

    Not asked: Redis and the worker. Without them people can still read and send.
    """
    if shutting_down.is_set():
        return Response("stopping", status_code=503)
    if not await database_answers(resources.db):
        return Response("the database does not answer", status_code=503)
    return Response("ready")


@get("/api/settings/health")
async def health(resources: NamedDependency[Resources]) -> Response[dict[str, Any]]:
    """200 when everything works, else 503; `status` says whether people can still work (degraded)."""
    found = await look(resources)
    status = 200 if found.status == "healthy" else 503
    return Response(ok(found.as_json()), status_code=status, headers={"Cache-Control": "no-store"})
