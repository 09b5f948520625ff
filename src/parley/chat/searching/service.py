"""Find what somebody wrote or was answered, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from parley.chat.searching import queries
from parley.chat.searching.filters import Filters
from parley.chat.searching.queries import Hit
from parley.lib.db import Database
from parley.search import index
from parley.search.asking import Wanted
from parley.search.index import Entry, Look

GROUPS = 20  # conversations of a page
KEPT = 10  # texts of a conversation
KEPT_OF_ONE = 60  # when only that one is looked at
FEW = 200  # conversations that may be named in the question to the index
FIRST_LOOK = 80  # entries
LONGEST_LOOK = 1_000
MOST_LOOKED_AT = (
    3_000  # entries; what is beyond is a further page, which js/features/search.js asks for by itself
)


@dataclass(slots=True)
class Found:
    """Texts by conversation, both newest first; `next` is where the next page goes on, None at the end."""

    groups: list[list[Hit]] = field(default_factory=list)
    next: int | None = None

    def take(self, hit: Hit, filters: Filters) -> bool:
        """Put it on the page, unless its conversation has enough there; False when the page is full."""
        group = next((each for each in self.groups if each[0].conversation == hit.conversation), None)
        if group is None:
            if len(self.groups) == GROUPS:
                return False
            self.groups.append([hit])
        elif len(group) < (KEPT_OF_ONE if filters.chat else KEPT):
            group.append(hit)
        elif filters.chat:
            return False
        return True


async def search(
    db: Database, owner: int, wanted: Wanted, filters: Filters, before: int | None = None
) -> Found:
    """The newest texts of the owner that have all that is wanted, from the entry `before` on.

    Two statements, and a few more when a phrase of very common words or a filter passes hardly any of what
    has the words; then a page can be short and still have a next one.
    """
    page = Found()
    look = await _look(db, owner, wanted, filters, before)
    size, looked_at = FIRST_LOOK, 0
    last = before
    while True:
        entries = await index.find(db, look, size)
        async for hit in _fitting(db, owner, wanted, filters, entries):
            if not page.take(hit, filters):
                page.next = last
                return page
            last = hit.id
        looked_at += len(entries)
        page.next = entries[-1].id if len(entries) == size else None
        if page.next is None or looked_at >= MOST_LOOKED_AT:
            return page
        full = [] if filters.chat else [group[0].conversation for group in page.groups if len(group) >= KEPT]
        look = replace(look, high=page.next, without=full)
        size = min(LONGEST_LOOK, size * 3)


async def _fitting(
    db: Database, owner: int, wanted: Wanted, filters: Filters, entries: Sequence[Entry]
) -> AsyncIterator[Hit]:
    """Those that may be shown and have what belongs together.

    A text can have half a million characters: few are in memory at a time, and a thread looks through them.
    """
    for start in range(0, len(entries), FIRST_LOOK):
        hits = await queries.living(db, owner, entries[start : start + FIRST_LOOK], filters)
        if wanted.shapes:
            fits = await asyncio.to_thread(_fits, wanted, hits)
            hits = [hit for hit, fit in zip(hits, fits, strict=True) if fit]
        for hit in hits:
            yield hit


def _fits(wanted: Wanted, hits: Sequence[Hit]) -> list[bool]:
    return [wanted.fits(hit.text) for hit in hits]


async def _look(db: Database, owner: int, wanted: Wanted, filters: Filters, before: int | None) -> Look:
    places: list[int] | None = None
    if filters.about_conversations and wanted.terms:
        places = await queries.places(db, owner, filters, FEW + 1)
        if len(places) > FEW:
            places = None  # so many that what is found will mostly pass
    return Look(
        owner,
        wanted.terms,
        filters.role,
        places,
        low=0 if filters.since is None else index.slot(filters.since),
        high=min(
            index.LATEST if before is None else before,
            index.LATEST if filters.until is None else index.slot(filters.until),
        ),
    )
