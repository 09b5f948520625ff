"""Addresses of files: taking one in, handing it out to its owner."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.files import pictures, service
from parley.files.access import file_for_owner
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _

AnyRequest = Request[Any, Any, Any]
BODY = pictures.MOST_BYTES + 1_000_000  # what surrounds the file in the body is small
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

    @post(status_code=201, request_max_body_size=BODY)
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Keep one picture until a message takes it; answers JSON."""
        return await _taken_in(request, actor, resources)

    @get("/{id:int}")
    async def show(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        size: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The picture as it was stored, or a small one (`?size=thumb`)."""
        file = await file_for_owner(resources.db, id, actor)
        if size == "thumb":
            body, mime = await service.read_thumb(resources, file)
        else:
            body, mime = await service.read(resources, file), file.mime
        name = f'inline; filename="picture-{id}.{ENDINGS.get(mime, "bin")}"'
        return Response(body, media_type=mime, headers={**HEADERS, "Content-Disposition": name})


class FileApiController(Controller):
    """`/api/files`, for programs."""

    path = "/api/files"

    @post(status_code=201, request_max_body_size=BODY, opt={"uploads": True})
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Keep one picture: multipart, in the field `file`."""
        return await _taken_in(request, actor, resources)


async def _taken_in(request: AnyRequest, actor: Actor, resources: Resources) -> dict[str, Any]:
    file = await _sent(request)
    try:
        kept = await service.take_in(resources, actor.id, partial(_bytes_of, file))
    finally:
        await file.close()
    return ok(
        {
            "file": {
                "id": kept.file,
                "width": kept.width,
                "height": kept.height,
                "mime": kept.mime,
                "size": kept.size,
            }
        }
    )


async def _sent(request: AnyRequest) -> UploadFile:
    """The one file of a multipart body; its name and the type it claims are of no interest."""
    try:
        files = [each for each in (await request.form()).getall("file", []) if isinstance(each, UploadFile)]
    except HTTPException as error:
        if error.status_code == 413:
            raise pictures.too_large() from error
        raise
    if len(files) != 1:
        for file in files:
            await file.close()
        raise Invalid(_("Send one picture at a time, as multipart/form-data in the field “file”."))
    return files[0]


def _bytes_of(file: UploadFile) -> bytes:
    """Read off the disk, in a thread."""
    file.file.seek(0)
    return file.file.read()


ROUTES: tuple[ControllerRouterHandler, ...] = (FileController, FileApiController)
