"""Rows of chats -> groups, shelves and places in a list. Pure: time and language come in from outside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone

from parley.chat.organising import pages
from parley.chat.organising.queries import COUNTED, Cursor, FolderRow, ListedConversation
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Invalid
from parley.web.i18n import N_, _, lang_of_text

MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


def grouped(
    rows: Iterable[ListedConversation], *, now: int, offset: int, current: int | None
) -> list[pages.ConversationGroup]:
    """Rows (newest first) under headings by day; `offset` is the reader's minutes east of UTC."""
    zone = timezone(timedelta(minutes=offset))
    today = datetime.fromtimestamp(now / 1000, zone).date()
    groups: list[pages.ConversationGroup] = []
    for row in rows:
        label = day_label(datetime.fromtimestamp(row.updated_at / 1000, zone).date(), today)
        if not groups or groups[-1].label != label:
            groups.append(pages.ConversationGroup(label=label, rows=[]))
        groups[-1].rows.append(conversation_row(row, current=row.id == current))
    return groups


def conversation_row(row: ListedConversation, *, current: bool) -> pages.ConversationRow:
    """One line of the sidebar."""
    title = row.title or _("New chat")
    return pages.ConversationRow(
        id=row.id,
        title=title,
        lang=lang_of_text(title) if row.title else "",
        current=current,
        running=row.running,
        pinned=row.pinned_at is not None,
    )


def lines(rows: Iterable[ListedConversation], current: int | None = None) -> list[pages.ConversationRow]:
    """Rows without headings."""
    return [conversation_row(row, current=row.id == current) for row in rows]


def shelves(
    folders: Iterable[FolderRow],
    rows: Sequence[ListedConversation],
    opened: Collection[int],
    *,
    page: int,
    current: int | None,
) -> list[pages.Shelf]:
    """The folders with the first `page` of `rows` in each open one."""
    return [
        shelf(
            folder,
            [row for row in rows if row.folder == folder.id] if folder.id in opened else [],
            is_open=folder.id in opened,
            page=page,
            current=current,
        )
        for folder in folders
    ]


def shelf(
    folder: FolderRow, rows: Sequence[ListedConversation], *, is_open: bool, page: int, current: int | None
) -> pages.Shelf:
    """One folder; a row more than `page` says that there are more."""
    return pages.Shelf(
        id=folder.id,
        name=folder.name,
        count=counted(folder.chats),
        is_open=is_open,
        rows=lines(rows[:page], current),
        next_cursor=next_cursor(rows, page),
    )


def counted(chats: int) -> str:
    """How many, for a reader; "" for none."""
    if chats >= COUNTED:
        return f"{COUNTED - 1}+"
    return str(chats) if chats else ""


def day_label(day: date, today: date) -> str:
    """The heading a day stands under, seen from `today`."""
    age = (today - day).days
    if age <= 0:
        return _("Today")
    if age == 1:
        return _("Yesterday")
    if age < 7:
        return _("Last 7 days")
    if age < 30:
        return _("Last 30 days")
    month = _(MONTHS[day.month - 1])
    return month if day.year == today.year else _("%(month)s %(year)s", month=month, year=day.year)


def next_cursor(rows: Sequence[ListedConversation], page: int, *, by: str = "updated_at") -> str | None:
    """Where the next page begins; None when there is no row after the first `page`."""
    return f"{getattr(rows[page - 1], by)}-{rows[page - 1].id}" if len(rows) > page else None


def parsed_cursor(text: str) -> Cursor | None:
    """A cursor as `next_cursor` gave it out, None for ""; raises Invalid."""
    if not text:
        return None
    numbers = [int(each) for each in text.split("-") if re.fullmatch("[0-9]{1,19}", each)]
    if len(numbers) != 2 or max(numbers) > LARGEST_ID:
        raise Invalid(_("This place in the list does not exist. Reload the page."))
    return numbers[0], numbers[1]


def opened(cookie: str, most: int) -> list[int]:
    """The folders the page's script wrote into a cookie ("3.12"); what is no id is left out."""
    ids = [int(each) for each in cookie.split(".") if re.fullmatch("[0-9]{1,18}", each)]
    return list(dict.fromkeys(ids))[:most]
