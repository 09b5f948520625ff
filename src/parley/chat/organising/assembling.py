"""Lists of chats put together for pages. Reads only; a constant number of statements each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request

from parley.accounts.actor import Actor
from parley.chat.access import ConversationRow
from parley.chat.organising import listing, pages, queries
from parley.chat.organising.queries import FolderRow
from parley.chat.organising.scripts import MOST_PINNED, State
from parley.chat.organising.service import MOST_AT_ONCE, written
from parley.lib.clock import now_ms
from parley.lib.errors import NotFound
from parley.settings.catalogue import Values
from parley.settings.titling import BY_MODEL, MODEL
from parley.web.i18n import _, ngettext

if TYPE_CHECKING:
    from parley.resources import Resources

AnyRequest = Request[Any, Any, Any]
PAGE = 50  # chats of a list at first
MOST_ROWS = 500  # chats of the sidebar that are drawn anew at once
MOST_OPEN = 10  # folders whose chats are on the page from the beginning


async def sidebar(
    request: AnyRequest, resources: Resources, actor: Actor, current: int | None, rows: int = PAGE
) -> pages.Sidebar:
    """The list beside every chat; `rows` as many as the reader already had fetched. Two statements."""
    rows = max(PAGE, min(rows, MOST_ROWS))
    folders = await queries.folders_of(resources.db, actor.id)
    known = {folder.id for folder in folders}
    wanted = listing.opened(request.cookies.get("folders", ""), MOST_OPEN)
    opened = [id for id in wanted if id in known]
    found = await queries.sidebar_rows(
        resources.db, actor.id, opened, pinned=MOST_PINNED, folded=PAGE + 1, loose=rows + 1
    )
    loose = [row for row in found if row.place == "loose"]
    folded = [row for row in found if row.place == "folder"]
    return pages.Sidebar(
        pinned=listing.lines((row for row in found if row.place == "pinned"), current),
        shelves=listing.shelves(folders, folded, opened, page=PAGE, current=current),
        groups=listing.grouped(loose[:rows], now=now_ms(), offset=_offset(request), current=current),
        next_cursor=listing.next_cursor(loose, rows),
    )


def standing(
    request: AnyRequest, side: pages.Sidebar, conversation: ConversationRow | None, values: Values
) -> pages.Standing:
    """Where a chat is; one that has not begun, the folder it was asked for in."""
    wanted = str(conversation.folder) if conversation else request.query_params.get("folder", "")
    return pages.Standing(
        folder=next((shelf for shelf in side.shelves if str(shelf.id) == wanted), None),
        pinned=bool(conversation and conversation.pinned_at),
        archived=bool(conversation and conversation.archived_at),
        retitles=values[BY_MODEL] == "on" and bool(values[MODEL] or _titler(conversation)),
    )


async def list_fragment(
    request: AnyRequest, resources: Resources, actor: Actor, before: str, current: int, rows: int = PAGE
) -> pages.SidebarFragment | pages.OlderFragment:
    """The sidebar's list from its top, or what comes after the cursor `before`."""
    if not before:
        return pages.SidebarFragment(sidebar=await sidebar(request, resources, actor, current, rows))
    found = await queries.loose_conversations(
        resources.db, actor.id, limit=PAGE + 1, before=listing.parsed_cursor(before)
    )
    groups = listing.grouped(found[:PAGE], now=now_ms(), offset=_offset(request), current=current)
    older = pages.Sidebar(pinned=[], shelves=[], groups=groups, next_cursor=listing.next_cursor(found, PAGE))
    return pages.OlderFragment(sidebar=older)


async def shelf_fragment(
    resources: Resources, actor: Actor, id: int, before: str, current: int
) -> pages.ShelfFragment:
    """The chats of a folder as the sidebar shows them. Raises NotFound."""
    folder = await own_folder(resources, actor, id)
    found = await queries.conversations_in(
        resources.db,
        actor.id,
        id,
        limit=PAGE + 1,
        before=listing.parsed_cursor(before),
        pinned=False,
    )
    shelf = listing.shelf(folder, found, is_open=True, page=PAGE, current=current)
    return pages.ShelfFragment(shelf=shelf)


async def archive_page(
    request: AnyRequest, resources: Resources, actor: Actor, before: str
) -> pages.ArchivePage:
    """`/chat/archive`."""
    found = await queries.archived_conversations(
        resources.db, actor.id, limit=PAGE + 1, before=listing.parsed_cursor(before)
    )
    return pages.ArchivePage(
        sidebar=await sidebar(request, resources, actor, None),
        rows=listing.lines(found[:PAGE]),
        next_cursor=listing.next_cursor(found, PAGE, by="archived_at"),
    )


async def order_page(
    request: AnyRequest, resources: Resources, actor: Actor, error: str = ""
) -> pages.OrderPage:
    """`/chat/folders`."""
    folders = await queries.folders_of(resources.db, actor.id)
    return pages.OrderPage(
        sidebar=await sidebar(request, resources, actor, None),
        folders=[
            pages.FolderLine(
                id=folder.id,
                name=folder.name,
                count=listing.counted(folder.chats),
                is_first=n == 0,
                is_last=n == len(folders) - 1,
            )
            for n, folder in enumerate(folders)
        ],
        tags=await queries.all_tags(resources.db, actor.id),
        error=error,
    )


async def folder_page(
    request: AnyRequest, resources: Resources, actor: Actor, id: int, before: str = "", error: str = ""
) -> pages.FolderPage:
    """`/chat/folders/{id}`. Raises NotFound."""
    folder = await own_folder(resources, actor, id)
    found = await queries.conversations_in(
        resources.db, actor.id, id, limit=PAGE + 1, before=listing.parsed_cursor(before)
    )
    return pages.FolderPage(
        sidebar=await sidebar(request, resources, actor, None),
        id=folder.id,
        name=folder.name,
        rows=listing.lines(found[:PAGE]),
        next_cursor=listing.next_cursor(found, PAGE),
        error=error,
    )


async def folder_fragment(resources: Resources, actor: Actor, id: int) -> pages.FolderFragment:
    """What changes a folder, as a dialog. Raises NotFound."""
    folder = await own_folder(resources, actor, id)
    return pages.FolderFragment(id=folder.id, name=folder.name)


async def tag_page(
    request: AnyRequest, resources: Resources, actor: Actor, tag: str, before: str
) -> pages.TagPage:
    """`/chat/tags?tag=`."""
    tag = tag.replace("\0", "")
    found = await queries.tagged_conversations(
        resources.db, actor.id, tag, limit=PAGE + 1, before=listing.parsed_cursor(before)
    )
    return pages.TagPage(
        sidebar=await sidebar(request, resources, actor, None),
        tag=tag,
        rows=listing.lines(found[:PAGE]),
        next_cursor=listing.next_cursor(found, PAGE),
    )


async def place_page(
    resources: Resources, actor: Actor, conversation: ConversationRow, *, panel: bool
) -> pages.PlacePage:
    """`/chat/{id}/place`: a page, or the form as a dialog."""
    mine = await queries.tags_of(resources.db, conversation.id)
    known = await queries.all_tags(resources.db, actor.id)
    page = pages.PlaceFragment if panel else pages.PlacePage
    return page(
        id=conversation.id,
        title=conversation.title or _("New chat"),
        folder=str(conversation.folder or 0),
        folders=await folder_choices(resources, actor),
        tags=[
            pages.TagChoice(name=name, chosen=name in mine) for name in dict.fromkeys([*mine, *known[:30]])
        ],
    )


async def folder_choices(resources: Resources, actor: Actor) -> pages.Choices:
    """No folder, and every folder."""
    folders = await queries.folders_of(resources.db, actor.id)
    return [("0", _("No folder")), *((str(folder.id), folder.name) for folder in folders)]


async def own_folder(resources: Resources, actor: Actor, id: int) -> FolderRow:
    """A folder of the actor's; raises NotFound."""
    folder = await queries.folder_of(resources.db, actor.id, id) if 0 < id < 2**63 else None
    if folder is None:
        raise NotFound(_("This folder does not exist or is not yours."))
    return folder


def arranged(verb: str, states: list[State]) -> pages.ArrangedFragment:
    """What a verb did to so many chats, and how to undo it."""
    undo = {"verb": "put-back", "states": written(states)} if states else {}
    return pages.ArrangedFragment(says=done(verb, len(states)), undo=undo)


def deleted(ids: list[int]) -> pages.ArrangedFragment:
    """The same for a deletion."""
    undo = {"verb": "restore", "ids": ",".join(map(str, ids))} if ids else {}
    return pages.ArrangedFragment(says=done("delete", len(ids)), undo=undo)


def folder_deleted(folder: FolderRow, chats: list[int]) -> pages.ArrangedFragment:
    """What the end of a folder did; with more chats than a verb takes it cannot be undone."""
    undo = {
        "verb": "bring-back",
        "name": folder.name,
        "position": str(folder.position),
        "ids": ",".join(map(str, chats)),
    }
    return pages.ArrangedFragment(says=_("Folder deleted."), undo=undo if len(chats) <= MOST_AT_ONCE else {})


def placed(states: list[State]) -> pages.ArrangedFragment:
    """The same for the form of folder and tags."""
    return arranged("move", states) if states else pages.ArrangedFragment(says=_("Saved."), undo={})


def done(verb: str, n: int) -> str:
    """What was done to `n` chats, as a sentence."""
    if not n:
        return _("Nothing had to change.")
    match verb:
        case "pin":
            return ngettext("%(n)s chat pinned.", "%(n)s chats pinned.", n)
        case "unpin":
            return ngettext("%(n)s chat unpinned.", "%(n)s chats unpinned.", n)
        case "archive":
            return ngettext("%(n)s chat archived.", "%(n)s chats archived.", n)
        case "unarchive":
            return ngettext(
                "%(n)s chat taken out of the archive.", "%(n)s chats taken out of the archive.", n
            )
        case "delete":
            return ngettext("%(n)s chat deleted.", "%(n)s chats deleted.", n)
    return ngettext("%(n)s chat moved.", "%(n)s chats moved.", n)


def _offset(request: AnyRequest) -> int:
    """The reader's minutes east of UTC as the page's script wrote them into a cookie; 0 when unknown."""
    value = request.cookies.get("tz", "0")
    try:
        return max(-14 * 60, min(14 * 60, int(value)))
    except ValueError:
        return 0


def _titler(conversation: ConversationRow | None) -> str:
    """The model that would make a title where the site chose none; "" for the demo, which makes none."""
    model = conversation.model if conversation else ""
    return "" if model == "demo" else model
