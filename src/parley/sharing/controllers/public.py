"""What everybody with the address may read, signed in or not."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from parley.accounts.guards import signed_in
from parley.lib.clock import now_ms
from parley.lib.errors import NotFound, TooMany
from parley.resources import Resources
from parley.sharing import pages, queries, readable, service, texts
from parley.sharing.contents import opened
from parley.sharing.document import FileEntry, iso
from parley.sharing.naming import attachment, file_stem
from parley.sharing.presenting import PICTURES
from parley.sharing.published import published_text
from parley.sharing.queries import GONE, SharedRow
from parley.sharing.readable import AnyRequest
from parley.sharing.snapshots import SHOWN_AT_ONCE
from parley.web.addresses import address_range
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of

# Nobody in between keeps it, so that a revoked link is gone at once; no search engine lists it; and the
# links in it do not tell their hosts where they were followed from.
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}
FILE_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
TYPES = {"md": "text/markdown", "txt": "text/plain; charset=utf-8"}


class PublicController(Controller):
    """`/s/{token}`."""

    path = "/s"

    @get("/{token:str}")
    async def show(
        self,
        request: AnyRequest,
        token: FromPath[str],
        resources: NamedDependency[Resources],
        page: FromQuery[int] = 1,
    ) -> Response[Any]:
        """The page, or with `.md` and `.txt` behind the token the words alone."""
        _slow_down(request, resources)
        name, _dot, ending = token.partition(".")
        if ending not in ("", *TYPES):
            raise NotFound(_(GONE))
        row = await queries.shared(resources.db, name, now_ms())
        if ending:
            chunks = published_text(resources, row, ending)
            return Stream(chunks, media_type=TYPES[ending], headers={**HEADERS, **_named(row, ending)})
        shown = await _page(request, resources, row, max(page, 1))
        if page <= 1 and "prefetch" not in request.headers.get("sec-purpose", ""):
            actor = await signed_in(request)
            if actor is None or actor.id != row.owner:
                await service.count_view(resources, row)
        return Response(str(readable.html(request, shown)), media_type="text/html", headers=HEADERS)

    @get("/{token:str}/files/{id:int}")
    async def file(
        self, token: FromPath[str], id: FromPath[int], resources: NamedDependency[Resources]
    ) -> Stream:
        """A file of it: a picture to look at, anything else to keep."""
        row = await queries.shared(resources.db, token, now_ms())
        file = await service.file_of(resources, row, id)
        body = await opened(resources, file)
        inline = file.mime in PICTURES
        name = "inline" if inline else attachment(f"file-{id}", "bin")
        mime = file.mime if inline else "application/octet-stream"
        headers = {**HEADERS, **FILE_HEADERS, "Content-Disposition": name}
        return Stream(body, media_type=mime, headers=headers)


def _slow_down(request: AnyRequest, resources: Resources) -> None:
    """Refuse who looks at pages faster than people read: to draw one costs more than to ask for it."""
    address = perimeter_of(request).address(request.scope)
    wait = resources.strangers.wait_for(address_range(address), now_ms())
    if wait:
        raise TooMany(_("Too many pages at once. Wait a moment, then reload."), retry_after=wait / 1000)


async def _page(request: AnyRequest, resources: Resources, row: SharedRow, number: int) -> pages.ReadPage:
    start = (number - 1) * SHOWN_AT_ONCE
    shown = await service.shown(resources, row, start=start)
    if start and start >= shown.total:
        raise NotFound(_(GONE))
    base = f"{resources.config.root_path}/s/{row.token}"
    end = min(start + SHOWN_AT_ONCE, shown.total)

    def href(file: FileEntry) -> str:
        return f"{base}/files/{file.id}"

    return pages.ReadPage(
        title=row.title or _("New chat"),
        title_lang=readable.title_lang(row.title),
        note=_note(row),
        turns_html=await readable.turns_html(request, shown.messages, href),
        texts=[(base + ".md", "Markdown"), (base + ".txt", _("Plain text"))],
        newer=f"{base}?page={number - 1}" if number > 1 else "",
        older=f"{base}?page={number + 1}" if end < shown.total else "",
        place=_("%(first)d–%(last)d of %(all)d", first=start + 1, last=end, all=shown.total),
    )


def _note(row: SharedRow) -> str:
    when = texts.minute(iso(row.created_at))
    if row.live:
        return _("Shared %(when)s. This page follows the conversation.", when=when)
    return _("Shared %(when)s, as the conversation was then.", when=when)


def _named(row: SharedRow, ending: str) -> dict[str, str]:
    stem = file_stem(row.title, "parley")
    return {"Content-Disposition": attachment(stem, ending).replace("attachment", "inline", 1)}
