"""Found texts -> what the page shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from parley.chat.presenting import model_name, moment
from parley.chat.searching import pages
from parley.chat.searching.filters import Filters
from parley.chat.searching.queries import Hit
from parley.chat.searching.service import KEPT, Found
from parley.search.asking import Wanted
from parley.search.marking import pieces
from parley.web.i18n import _, lang_of_text, ngettext

LINES = 3  # of a chat, unless only that one is looked through


def groups(
    found: Found, wanted: Wanted, filters: Filters, names: Mapping[str, str], search: str
) -> list[pages.ResultGroup]:
    """The chats of a page; `names` of models by their id, `search` the address of the same search."""
    return [_group(hits, wanted, filters, names, search) for hits in found.groups]


def _group(
    hits: list[Hit], wanted: Wanted, filters: Filters, names: Mapping[str, str], search: str
) -> pages.ResultGroup:
    first = hits[0]
    texts = [hit for hit in hits if hit.message is not None]
    shown = texts if filters.chat else texts[:LINES]
    left = len(texts) - len(shown)
    title = first.title or _("New chat")
    return pages.ResultGroup(
        title=pieces(title, wanted, whole=True),
        lang=lang_of_text(title),
        href=f"/chat/{first.conversation}",
        model=model_name(first.model, names.get(first.model, first.model)),
        folder=first.folder,
        archived=first.archived,
        pinned=first.pinned,
        moment=moment(first.at),
        lines=[_line(hit, wanted) for hit in shown],
        more=_more(left, counted=len(hits) < KEPT),
        more_href=f"{search}&chat={first.conversation}",
    )


def _more(left: int, *, counted: bool) -> str:
    if not left:
        return ""
    if not counted:
        return _("All places in this chat")
    return ngettext("%(n)s more place in this chat", "%(n)s more places in this chat", left)


def _line(hit: Hit, wanted: Wanted) -> pages.ResultLine:
    return pages.ResultLine(
        who=_("You") if hit.role == "user" else _("Answer"),
        pieces=pieces(hit.text, wanted),
        lang=lang_of_text(hit.text),
        href=f"/chat/{hit.conversation}?at={hit.message}",
        moment=moment(hit.at),
    )


def summary(found: Found) -> str:
    """How much there is, for those who see it and those who hear it."""
    chats = len(found.groups)
    if not chats:
        return _("Nothing found") if found.next is None else _("Nothing found among the newest messages")
    if found.next is not None:
        return _("The newest results")
    return ngettext("Found in %(n)s chat", "Found in %(n)s chats", chats)


def roles() -> list[tuple[str, str]]:
    """What can be looked through."""
    return [
        ("", _("Everywhere")),
        ("title", _("Titles")),
        ("user", _("My questions")),
        ("assistant", _("Answers")),
    ]


def address(given: Mapping[str, str], *without: str, **more: str) -> str:
    """The search page's address with what was given and is not empty."""
    kept = {name: value for name, value in given.items() if value and name not in without}
    return "/search?" + urlencode({**kept, **more})


def result(hits: list[Hit], wanted: Wanted) -> dict[str, object]:
    """A chat and its places as the JSON API tells them."""
    first = hits[0]
    return {
        "session": {
            "id": first.conversation,
            "title": first.title,
            "modelId": first.model,
            "folder": first.folder,
            "archived": first.archived,
            "pinned": first.pinned,
        },
        "hits": [
            {
                "messageId": hit.message,
                "role": hit.role,
                "createdAt": hit.at,
                "snippet": [
                    {"text": piece.text, "match": piece.marked} for piece in pieces(hit.text, wanted)
                ],
            }
            for hit in hits
        ],
    }
