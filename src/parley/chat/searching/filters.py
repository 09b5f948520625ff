"""What a search is narrowed by, read from an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from parley.lib.errors import Invalid
from parley.web.i18n import _

ROLES = ("title", "user", "assistant")
LONGEST_ID = 18  # digits; any number of so many is a value for the database


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` <= time < `until` in ms; what is None, "" or 0 leaves out nothing."""

    since: int | None = None
    until: int | None = None
    role: str = ""
    model: str = ""
    folder: int = 0
    pinned: bool = False
    tag: str = ""
    chat: int = 0  # only this conversation

    @property
    def about_conversations(self) -> bool:
        """Whether some of it is asked of the conversation, not of the text."""
        return bool(self.model or self.folder or self.pinned or self.tag or self.chat)


def filters_of(given: Mapping[str, str], offset: int) -> Filters:
    """Read `from`, `to`, `role`, `model`, `folder`, `pinned`, `tag`, `chat`; days are the reader's own.

    `offset` is the reader's minutes east of UTC. Raises Invalid for what none of them can be.
    """
    role = given.get("role", "")
    folder, chat = given.get("folder", ""), given.get("chat", "")
    if role not in ("", *ROLES):
        raise Invalid(_("Search in titles, questions or answers."))
    if folder and not re.fullmatch(f"[0-9]{{1,{LONGEST_ID}}}", folder):
        raise Invalid(_("This folder does not exist."))
    if chat and not re.fullmatch(f"[0-9]{{1,{LONGEST_ID}}}", chat):
        raise Invalid(_("This chat does not exist or is not yours."))
    last = _day(given.get("to", ""))
    return Filters(
        since=_start(_day(given.get("from", "")), offset),
        until=_start(last + timedelta(days=1) if last and last < date.max else None, offset),
        role=role,
        model=given.get("model", "")[:300].replace("\0", ""),
        folder=int(folder or 0),
        pinned=given.get("pinned", "") in ("1", "true", "on"),
        tag=given.get("tag", "")[:40].replace("\0", ""),
        chat=int(chat or 0),
    )


def place_of(text: str) -> int | None:
    """Where the next page goes on; None at the start. Raises Invalid."""
    if text and not re.fullmatch(f"[0-9]{{1,{LONGEST_ID}}}", text):
        raise Invalid(_("This place in the list does not exist. Reload the page."))
    return int(text) if text else None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid(_("Give a day as 2026-01-31.")) from None


def _start(day: date | None, offset: int) -> int | None:
    """The first moment of a day; one before 1970 is 1970."""
    if day is None:
        return None
    seconds = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() - offset * 60
    return max(0, round(seconds * 1000))


def offset_of(cookie: str) -> int:
    """The reader's minutes east of UTC as the page's script wrote them down; 0 when unknown."""
    try:
        return max(-14 * 60, min(14 * 60, int(cookie)))
    except ValueError:
        return 0
