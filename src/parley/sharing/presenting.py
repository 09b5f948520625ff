"""Documents and rows -> what the pages show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from markupsafe import Markup

from parley.accounts.pages import Moment
from parley.chat.wording import markdown_labels
from parley.lib.markdown import Labels, render_document
from parley.sharing import pages, texts
from parley.sharing.document import FileEntry, MessageEntry
from parley.sharing.queries import OwnShare
from parley.web.i18n import _, lang_of_text, ngettext

# What a browser may show in a page of ours; everything else is a download.
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
EXCERPT = 90  # characters
KEPT = 20_000  # characters; 256 of these are a few megabytes
_MARKS = re.compile(
    r"^\s*(#+|[-*>]|```\w*)\s|[*_`]{1,3}", re.MULTILINE
)  # of Markdown, in an excerpt only noise

Href = Callable[[FileEntry], str]


def read_turn(message: MessageEntry, href: Href) -> pages.ReadTurn:
    """One turn to read; `href` says where a file can be loaded, "" for nowhere. Renders: call in a thread."""
    question = message.role == "user"
    labels = markdown_labels()
    return pages.ReadTurn(
        key=f"m{message.id}",
        question=question,
        model="" if question else texts.model_name(message),
        when=texts.minute(message.created_at),
        iso=message.created_at,
        lang=lang_of_text(message.text) if message.text else "",
        text=message.text if question else "",
        html=Markup() if question else rendered(message.text, labels, f"n{message.id}-"),
        reasoning_html=rendered(message.reasoning, labels, f"r{message.id}-")
        if message.reasoning
        else Markup(),
        error="" if message.status == "cancelled" else message.error,  # who stopped it is their affair
        files=[_read_file(each, href) for each in message.files],
    )


def read_turns(messages: Sequence[MessageEntry], href: Href) -> list[pages.ReadTurn]:
    """Some turns; call in a thread, and in the language of the reader."""
    return [read_turn(each, href) for each in messages]


def rendered(text: str, labels: Labels, prefix: str) -> Markup:
    """Markdown as HTML. Short ones are kept, because a shared page is looked at again and again."""
    if len(text) > KEPT:
        return render_document(text, labels, prefix=prefix)
    return _kept(text, labels, prefix)


@lru_cache(maxsize=256)
def _kept(text: str, labels: Labels, prefix: str) -> Markup:
    return render_document(text, labels, prefix=prefix)


def share_line(row: OwnShare, origin: str, now: int) -> pages.ShareLine:
    """A link in a list; `origin` is where we are reached, with the path we live under."""
    path = f"/s/{row.token}"
    return pages.ShareLine(
        id=row.id,
        conversation=row.conversation,
        title=row.title or _("New chat"),
        address=origin + path,
        path=path,
        live=row.live,
        views=row.views,
        views_text=ngettext("%(n)s view", "%(n)s views", row.views),
        viewed=Moment.of(row.viewed_at) if row.viewed_at is not None else None,
        since=Moment.of(row.created_at),
        until=Moment.of(row.expires_at) if row.expires_at is not None else None,
        expired=row.expires_at is not None and row.expires_at <= now,
        hidden=row.hidden,
    )


def choice(message: MessageEntry, ticked: bool) -> pages.Choice:
    """A message that can be ticked."""
    words = " ".join(_MARKS.sub("", message.text[: 4 * EXCERPT]).split())
    files = ", ".join(texts.file_name(each) for each in message.files)
    short = words[:EXCERPT] + ("…" if len(words) > EXCERPT else "")
    return pages.Choice(
        id=int(message.id),
        who=_("You") if message.role == "user" else _("Assistant"),
        words=short or files or "…",
        lang=lang_of_text(short) if short else "",
        ticked=ticked,
    )


def _read_file(file: FileEntry, href: Href) -> pages.ReadFile:
    where = href(file)
    return pages.ReadFile(
        name=texts.file_name(file),
        line=texts.file_line(file),
        href=where,
        picture=bool(where) and file.mime in PICTURES,
        width=file.width,
        height=file.height,
    )
