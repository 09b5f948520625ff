"""The HTTP edge of order among chats: lists, folders, tags, and what is done to many chats at once."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.accounts.guards import FOR_VISITORS
from parley.chat.access import conversation_for_owner
from parley.chat.organising import assembling, pages, queries, service
from parley.chat.organising.changes import Order, apply
from parley.chat.organising.scripts import Arrangement
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
VERBS = {
    "pin": Arrangement(pinned=True),
    "unpin": Arrangement(pinned=False),
    "archive": Arrangement(archived=True),
    "unarchive": Arrangement(archived=False),
}
STEPS = {"up": -1, "down": 1}


class BatchForm(msgspec.Struct):
    """What to do to which chats; `ids` between commas, `states` as an earlier answer gave them."""

    verb: str = ""
    ids: str = ""
    folder: int = 0
    states: str = ""
    name: str = ""  # of a folder that comes back
    position: int = 0

    @property
    def chats(self) -> list[int]:
        """The ids; raises Invalid."""
        words = [word for word in self.ids.split(",") if word.strip()]
        if not all(re.fullmatch(r"\s*\d{1,19}\s*", word) for word in words):
            raise Invalid(_("This cannot be used here."))
        return [int(word) for word in words]


class PlaceForm(msgspec.Struct):
    """Where a chat should be; what is absent stays. `tagged` says that the tags of the form count."""

    pinned: bool | None = None
    archived: bool | None = None
    folder: int | None = None
    new_folder: str = ""
    tagged: str = ""
    tag: list[str] | str = []
    new_tags: str = ""

    @property
    def tags(self) -> list[str] | None:
        """All that were ticked and typed; None when the form was not about tags."""
        if not self.tagged:
            return None
        ticked = [self.tag] if isinstance(self.tag, str) else self.tag
        return [*ticked, *re.split("[,，、;；]", self.new_tags)]


class FolderForm(msgspec.Struct):
    """A folder's name, or where to move it: up or down."""

    name: str = ""
    move: str = ""


class FolderEnd(msgspec.Struct):
    """What becomes of the chats of a folder: keep or delete."""

    chats: str = "keep"


class OrderController(Controller):
    """`/chat/archive`, `/chat/tags`, `/chat/batches`, `/chat/{id}/place`."""

    path = "/chat"
    opt = FOR_VISITORS

    @get("/archive")
    async def archive(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[str] = "",
    ) -> Response[str]:
        """What was put away, the last first."""
        return render(request, await assembling.archive_page(request, resources, actor, before))

    @get("/tags")
    async def tagged(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        tag: FromQuery[str] = "",
        before: FromQuery[str] = "",
    ) -> Response[str]:
        """The chats with a tag. It is no part of the path: it may hold any character."""
        return render(request, await assembling.tag_page(request, resources, actor, tag, before))

    @post("/batches", status_code=200)
    async def batch(
        self,
        request: AnyRequest,
        data: URLEncodedBody[BatchForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """One verb for up to 500 chats, or its undoing; ids of other people count as not there."""
        fragment = await _done(resources, actor, data)
        if _is_htmx(request):
            return render(request, fragment)
        return see_other(request, "/chat/archive" if data.verb == "unarchive" else "/chat")

    @get("/{id:int}/place")
    async def place(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        panel: FromQuery[bool] = False,
    ) -> Response[str]:
        """The form for folder and tags: a page of its own, or a dialog."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        return render(request, await assembling.place_page(resources, actor, conversation, panel=panel))

    @post("/{id:int}/place", status_code=200)
    async def put(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[PlaceForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Pin, archive, move to a folder that may be new, tag."""
        await conversation_for_owner(resources.db, id, actor)
        folder = data.folder
        if data.new_folder.strip():
            folder = await service.create_folder(resources, actor, data.new_folder)
        order = Order(data.pinned, data.archived, folder, data.tags)
        moved = await apply(resources, actor, id, order)
        if _is_htmx(request):
            return render(request, assembling.placed(moved))
        return see_other(request, f"/chat/{id}")


class FolderController(Controller):
    """`/chat/folders`."""

    path = "/chat/folders"
    opt = FOR_VISITORS

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        panel: FromQuery[bool] = False,
    ) -> Response[str]:
        """All folders and tags; as a dialog only the form of a new folder."""
        if panel:
            return render(request, pages.NewFolderFragment())
        return render(request, await assembling.order_page(request, resources, actor))

    @post(status_code=200)
    async def create(
        self,
        request: AnyRequest,
        data: URLEncodedBody[FolderForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """A new folder."""
        try:
            await service.create_folder(resources, actor, data.name)
        except Invalid as error:
            if _is_htmx(request):
                raise
            page = await assembling.order_page(request, resources, actor, error.message)
            return render(request, page, status=400)
        return _changed(request)

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[str] = "",
        panel: FromQuery[bool] = False,
    ) -> Response[str]:
        """Its chats, its name and how to be rid of it; as a dialog without the chats."""
        if panel:
            return render(request, await assembling.folder_fragment(resources, actor, id))
        return render(request, await assembling.folder_page(request, resources, actor, id, before))

    @post("/{id:int}", status_code=200)
    async def update(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[FolderForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Another name, or another place in the list."""
        await assembling.own_folder(resources, actor, id)
        if data.move in STEPS:
            await service.move_folder(resources, actor, id, STEPS[data.move])
            return _changed(request)
        try:
            await service.rename_folder(resources, actor, id, data.name)
        except Invalid as error:
            if _is_htmx(request):
                raise
            page = await assembling.folder_page(request, resources, actor, id, error=error.message)
            return render(request, page, status=400)
        return _changed(request)

    @post("/{id:int}/deletion", status_code=200)
    async def destroy(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: URLEncodedBody[FolderEnd],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Remove it; its chats are kept unless the form says otherwise."""
        folder = await assembling.own_folder(resources, actor, id)
        chats = await service.delete_folder(resources, actor, id, with_chats=data.chats == "delete")
        if _is_htmx(request):
            return render(request, assembling.folder_deleted(folder, chats))
        return _changed(request)


class OrderFragmentController(Controller):
    """`/f/chat/folders/{id}`, `/f/chat/selection`."""

    path = "/f/chat"
    opt = FOR_VISITORS

    @get("/folders/{id:int}")
    async def shelf(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[str] = "",
        current: FromQuery[int] = 0,
    ) -> Response[str]:
        """The chats of a folder of the sidebar, or those after `before`."""
        return render(request, await assembling.shelf_fragment(resources, actor, id, before, current))

    @get("/selection")
    async def selection(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """What can be done to the chats that are being chosen."""
        folders = await assembling.folder_choices(resources, actor)
        return render(request, pages.SelectionFragment(folders=folders))


class FolderApiController(Controller):
    """`/api/folders`."""

    path = "/api/folders"

    @get()
    async def index(
        self, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """All folders in their order; `chats` counts to 100."""
        folders = await queries.folders_of(resources.db, actor.id)
        return ok({"folders": [{"id": each.id, "name": each.name, "chats": each.chats} for each in folders]})


async def _done(resources: Resources, actor: Actor, data: BatchForm) -> pages.ArrangedFragment:
    match data.verb:
        case "put-back":
            n = len(await service.put_back(resources, actor, service.read(data.states)))
            return pages.ArrangedFragment(says=assembling.done("move", n), undo={})
        case "restore":
            n = len(await service.restore(resources, actor, data.chats))
            return pages.ArrangedFragment(says=assembling.done("move", n), undo={})
        case "bring-back":
            await service.bring_back_folder(resources, actor, data.name, data.position, data.chats)
            return pages.ArrangedFragment(says=_("Saved."), undo={})
        case "delete":
            return assembling.deleted(await service.delete(resources, actor, data.chats))
        case "move":
            wanted = Arrangement(folder=data.folder)
        case verb if verb in VERBS:
            wanted = VERBS[verb]
        case _:
            raise Invalid(_("This cannot be used here."))
    return assembling.arranged(data.verb, await service.arrange(resources, actor, data.chats, wanted))


def _changed(request: AnyRequest) -> Response[Any]:
    """The page's script looks at the list by itself; without it the list of folders is next."""
    if _is_htmx(request):
        return Response("", media_type="text/html")
    return see_other(request, "/chat/folders")


def _is_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"
