"""Addresses of files: taking one in, handing it out to its owner."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.files import intake, pictures, service
from parley.files.access import FileRow, file_for_owner
from parley.files.faces import ROUTES as FACE_ROUTES
from parley.files.labels import note_of
from parley.files.names import disposition
from parley.files.receiving import received
from parley.lib.errors import NotFound
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _

AnyRequest = Request[Any, Any, Any]
ENDINGS = {pictures.JPEG: "jpg", pictures.PNG: "png"}
# A file is never a document of ours: no script of it runs, nothing of it is loaded, no type is guessed.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=31536000, immutable",
}


class FileController(Controller):
    """`/files`, for the pages."""

    path = "/files"

    @post(status_code=201)
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Keep one file until a message takes it; answers JSON."""
        return await _taken_in(request, actor, resources)

    @get("/{id:int}", opt=FOR_VISITORS)
    async def show(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        size: FromQuery[str] = "",
    ) -> Response[bytes] | Stream:
        """A picture to look at, or a small one (`?size=thumb`); any other file only to be saved."""
        file = await file_for_owner(resources.db, id, actor)
        if file.is_expired:
            raise NotFound(_("This file expired and was removed."), code="expired")
        if not file.is_picture:
            return await _download(resources, file)
        if size == "thumb":
            body, mime = await service.read_thumb(resources, file)
        else:
            body, mime = await service.read(resources, file), file.mime
        name = file.name or f"picture-{id}.{ENDINGS.get(mime, 'bin')}"
        headers = {**HEADERS, "Content-Disposition": disposition("inline", name)}
        return Response(body, media_type=mime, headers=headers)


class FileApiController(Controller):
    """`/api/files`, for programs."""

    path = "/api/files"

    @post(status_code=201, opt={"uploads": True})
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Keep one picture or document: multipart, in the field `file`."""
        return await _taken_in(request, actor, resources)


async def _taken_in(request: AnyRequest, actor: Actor, resources: Resources) -> dict[str, Any]:
    limits = await service.limits(resources)
    async with received(request, limits.most, intake.too_large(limits)) as upload:
        kept = await service.take_in(resources, actor.id, upload.read, upload.name, limits)
    return ok(
        {
            "file": {
                "id": kept.id,
                "width": kept.width,
                "height": kept.height,
                "mime": kept.mime,
                "size": kept.size,
                "name": kept.name,
                "pages": kept.pages,
                "characters": kept.characters,
                "charactersUsed": kept.characters_used,
                "note": note_of(kept),
            }
        }
    )


async def _download(resources: Resources, file: FileRow) -> Stream:
    """Whatever the bytes are, a browser saves them and does not look."""
    pieces = service.parts(resources, file)
    first = await anext(pieces, b"")  # what is gone is said before the answer begins

    async def whole() -> Any:
        yield first
        async for piece in pieces:
            yield piece

    headers = {
        **HEADERS,
        "Content-Disposition": disposition("attachment", file.name or "file"),
        "Content-Length": str(file.size),
    }
    return Stream(whole(), media_type=file.mime, headers=headers)


ROUTES: tuple[ControllerRouterHandler, ...] = (FileController, FileApiController, *FACE_ROUTES)
