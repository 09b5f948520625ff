"""Pages that are only read: of a share, to print, and as one file that needs nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Any

from litestar import Request
from markupsafe import Markup

from parley.files.queries import files_by_id
from parley.lib.errors import NotFound
from parley.resources import Resources
from parley.sharing import pages, presenting, reading, texts
from parley.sharing.contents import in_base64, opened
from parley.sharing.document import Document, FileEntry, MessageEntry
from parley.sharing.presenting import Href
from parley.web.assets import BUNDLES, STATIC
from parley.web.i18n import _, html_lang, lang_of_text, language
from parley.web.render import Page, Renderer, Ui

AnyRequest = Request[Any, Any, Any]
STYLE = "css/reading.css"
HERE = Markup("<!-- turns -->")  # nobody's text can say this: theirs is escaped


def html(request: AnyRequest, page: Page) -> Markup:
    """A page for whoever reads it: no cookie is set, the theme is the system's."""
    renderer: Renderer = request.app.state.renderer
    lang = language()
    ui = Ui(
        lang=lang,
        html_lang=html_lang(lang),
        theme="auto",
        csrf="",
        actor=None,
        root=renderer.root,
        path=request.scope["path"],
        version=renderer.version,
    )
    return renderer.html(page, ui)


async def turns_html(request: AnyRequest, messages: Sequence[MessageEntry], href: Href) -> Markup:
    """Some turns, rendered in a thread: the loop has streams to serve."""

    def rendered() -> Markup:
        turns = presenting.read_turns(messages, href)
        return Markup("\n").join(html(request, turn) for turn in turns)

    return await asyncio.to_thread(rendered)


def title_lang(title: str) -> str:
    """The language a title is in, "" for none."""
    return lang_of_text(title) if title else ""


async def as_html(
    request: AnyRequest, resources: Resources, head: Document, *, inline: bool
) -> AsyncIterator[bytes]:
    """The chosen path as one page, piece by piece.

    `inline`: as a file of its own, with styles and pictures in it and no scripts; else the page to print.
    """
    page = pages.ReadPage(
        title=head.title or _("New chat"),
        title_lang=title_lang(head.title),
        note=_("Exported from Parley. Begun %(when)s.", when=texts.minute(head.created_at)),
        turns_html=HERE,
        style_html=Markup("<style>{}</style>").format(style()) if inline else Markup(),
        printable=not inline,
    )
    before, _here, behind = html(request, page).partition(HERE)
    yield before.encode()
    root, mark = resources.config.root_path, f"parley-{secrets.token_hex(8)}:"

    def href(file: FileEntry) -> str:
        if not inline:
            return f"{root}/files/{file.id}"
        return mark + file.id if file.mime in presenting.PICTURES else ""

    ids = await reading.path_ids(resources.db, int(head.id))
    async for messages in reading.pieces(resources.db, ids):
        turns = await turns_html(request, messages, href)
        async for piece in _with_pictures(resources, turns, mark):
            yield piece
    yield behind.encode()


@lru_cache(maxsize=1)
def style() -> Markup:
    """The stylesheet of these pages. It is ours, and holds no end tag."""
    css = "\n".join((STATIC / part).read_text("utf-8") for part in BUNDLES[STYLE])
    assert "</" not in css
    return Markup(css)  # noqa: S704


async def _with_pictures(resources: Resources, turns: Markup, mark: str) -> AsyncIterator[bytes]:
    """The turns with their pictures as data: addresses, a part in memory at a time."""
    words = re.split(re.escape(mark) + r"(\d+)", turns)
    yield words[0].encode()
    for id, after in zip(words[1::2], words[2::2], strict=True):
        row = (await files_by_id(resources.db, [int(id)])).get(int(id))
        with contextlib.suppress(NotFound):
            data = await opened(resources, row)
            yield f"data:{row.mime if row else ''};base64,".encode()
            async for piece in in_base64(data):
                yield piece
        yield after.encode()
