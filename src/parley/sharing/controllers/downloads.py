"""Downloads: one conversation, some of them, everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.chat.access import conversation_for_owner
from parley.chat.attachments import ids_of
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.resources import Resources
from parley.sharing import exports, pages, queries, readable, reading, texts
from parley.sharing.document import Document, iso
from parley.sharing.naming import attachment, file_stem
from parley.sharing.readable import AnyRequest
from parley.web.i18n import _, ngettext
from parley.web.render import render

MOST = 500  # conversations in one download that is not everything
TYPES = {
    "md": "text/markdown",
    "txt": "text/plain",
    "json": "application/json; charset=utf-8",
    "html": "text/html",
    "zip": "application/zip",
}


class Selected(msgspec.Struct):
    """Which conversations: the field repeated, or the ids between commas."""

    ids: list[str] | str = ""


class ExportController(Controller):
    """`/chat/{id}/export.*` and the page to print."""

    path = "/chat"

    @get([f"/{{id:int}}/export.{ending}" for ending in TYPES])
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Stream:
        """One conversation as a file: the chosen path as text, all of it as JSON or ZIP."""
        await conversation_for_owner(resources.db, id, actor)
        head = await reading.head_of(resources.db, actor.id, id)
        ending = request.scope["path"].rpartition(".")[2]
        body = _body(request, resources, head, ending)
        return streamed(body, ending, attachment(file_stem(head.title, f"chat {id}"), ending))

    @get("/{id:int}/print")
    async def paper(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Stream:
        """The page to print; the browser makes a PDF of it with the reader's own fonts."""
        await conversation_for_owner(resources.db, id, actor)
        head = await reading.head_of(resources.db, actor.id, id)
        return streamed(readable.as_html(request, resources, head, inline=False), "html", "inline")


# Outside a controller, as its address is not below that of another.
@post("/exports", status_code=200)
async def export_some(
    data: URLEncodedBody[Selected], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Stream:
    """Several conversations as one ZIP."""
    ids = list(dict.fromkeys(ids_of(data.ids)))
    if not 0 < len(ids) <= MOST:
        raise Invalid(_("Select between 1 and %(most)d chats.", most=MOST))
    heads = await reading.heads_of(resources.db, actor.id, ids)
    if len(heads) != len(ids):
        raise NotFound(_("This chat does not exist or is not yours."))
    return streamed(exports.as_archive(resources, heads), "zip", attachment(_dated("parley-chats"), "zip"))


class DataController(Controller):
    """`/account/data`."""

    path = "/account/data"

    @get()
    async def show(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """What can be taken along, and the button."""
        holdings = await queries.holdings(resources.db, actor.id)
        page = pages.DataPage(
            conversations=ngettext("%(n)s chat", "%(n)s chats", holdings.conversations),
            files=ngettext(
                "%(n)s file, %(size)s",
                "%(n)s files, %(size)s",
                holdings.files,
                size=texts.size_words(holdings.bytes),
            ),
        )
        return render(request, page)

    @get("/archive.zip")
    async def archive(self, actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Stream:
        """Everything as one ZIP."""
        name = attachment(_dated(f"parley-{file_stem(actor.username, 'account')}"), "zip")
        return streamed(exports.everything(resources, actor), "zip", name)


def streamed(body: AsyncIterator[bytes], ending: str, disposition: str) -> Stream:
    """A download that no proxy keeps or collects before it hands it on."""
    headers = {
        "Content-Disposition": disposition,
        "Cache-Control": "private, no-store",
        "X-Accel-Buffering": "no",
        "X-Robots-Tag": "noindex",
    }
    return Stream(body, media_type=TYPES[ending], headers=headers)


def _body(request: AnyRequest, resources: Resources, head: Document, ending: str) -> AsyncIterator[bytes]:
    match ending:
        case "md":
            return exports.as_markdown(resources, head)
        case "txt":
            return exports.as_text(resources, head)
        case "html":
            return readable.as_html(request, resources, head, inline=True)
        case "zip":
            return exports.as_archive(resources, [head])
    return exports.as_json(resources, head)


def _dated(name: str) -> str:
    return f"{name}-{iso(now_ms())[:10]}"
