"""Profile pictures of people and of the assistant: chosen by their owner, seen by everybody signed in."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.files import intake, pictures, scripts, service
from parley.files.pages import FacePage
from parley.files.queries import face_row
from parley.files.receiving import received
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid, NotFound
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
OWN = "/account/avatar"
ASSISTANT = "/admin/assistant"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=31536000, immutable",  # another picture has another id
    "Content-Disposition": "inline",
}


@get("/avatars/{id:int}", opt=FOR_VISITORS)
async def avatar(
    id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Response[bytes]:
    """Somebody's face, for everybody signed in; any other file does not exist here."""
    file = await face_row(resources.db, id)
    if file is None:
        raise NotFound(_("There is nothing here."))
    return Response(await service.read(resources, file), media_type=file.mime, headers=HEADERS)


class OwnFaceController(Controller):
    """`/account/avatar`."""

    path = OWN

    @get()
    async def show(
        self, request: AnyRequest, actor: NamedDependency[Actor], saved: FromQuery[bool] = False
    ) -> Response[str]:
        """The picture, and a form for another."""
        return render(request, _own(actor, saved=saved))

    @post()
    async def change(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Take another picture; the token is in the address, see web/security.py."""
        try:
            await _worn(request, resources, actor.id, scripts.wear)
        except AppError as error:
            return render(request, _own(actor, error=error.message), status=error.status)
        return _seen(resources, OWN)

    @post("/removal")
    async def remove(self, actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Redirect:
        """The first letter of the name again."""
        await resources.db.write(scripts.unwear, actor.id)
        return _seen(resources, OWN)


class AssistantFaceController(Controller):
    """`/admin/assistant`."""

    path = ASSISTANT

    @get()
    async def show(
        self, request: AnyRequest, admin: NamedDependency[Actor], saved: FromQuery[bool] = False
    ) -> Response[str]:
        """The picture beside answers, and a form for another."""
        return render(request, _assistants(admin, saved=saved))

    @post()
    async def change(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Take another picture."""
        try:
            await _worn(request, resources, admin.id, scripts.wear_as_assistant)
        except AppError as error:
            return render(request, _assistants(admin, error=error.message), status=error.status)
        return _seen(resources, ASSISTANT)

    @post("/removal")
    async def remove(self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Redirect:
        """Our mark again."""
        await resources.db.write(scripts.unwear_as_assistant, now_ms())
        return _seen(resources, ASSISTANT)


async def _worn(request: AnyRequest, resources: Resources, owner: int, script: scripts.InsertFile) -> None:
    too_large = Invalid(
        _("This picture is too large. A profile picture may have at most 1 MB."), code="too_large"
    )
    async with received(request, pictures.MOST_FACE_BYTES, too_large) as upload:
        taken = await intake.taken(lambda data: intake.faced(owner, data), upload.read)
    await service.keep(resources, taken, script)


def _own(actor: Actor, *, saved: bool = False, error: str = "") -> FacePage:
    return FacePage(
        title=_("Profile picture"),
        lead=_("Seen by everybody who is signed in here."),
        path=OWN,
        face=actor.avatar,
        initial=actor.username[:1].upper(),
        saved=saved,
        error=error,
    )


def _assistants(admin: Actor, *, saved: bool = False, error: str = "") -> FacePage:
    return FacePage(
        title=_("Picture of the assistant"),
        lead=_("Stands beside every answer, for everybody."),
        path=ASSISTANT,
        face=admin.assistant_avatar,
        initial="",
        saved=saved,
        error=error,
    )


def _seen(resources: Resources, path: str) -> Redirect:
    return Redirect(f"{resources.config.root_path}{path}?saved=true", status_code=303)


ROUTES: tuple[ControllerRouterHandler, ...] = (avatar, OwnFaceController, AssistantFaceController)
