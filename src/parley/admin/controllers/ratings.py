"""What people think of answers, for administrators; a rating shares the beginning of its answer."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts.actor import Actor
from parley.admin.pages import RatingsPage, rated
from parley.chat.branches.queries import ratings as newest
from parley.lib.db import LARGEST_ID
from parley.resources import Resources
from parley.web.render import render

PAGE = 50
EXCERPT = 200  # characters of an answer


@get("/admin/ratings")
async def ratings(
    request: Request[Any, Any, Any],
    admin: NamedDependency[Actor],
    resources: NamedDependency[Resources],
    before: FromQuery[str] = "",
) -> Response[str]:
    """The newest ratings, or those after a place in the list."""
    rows = await newest(resources.db, limit=PAGE + 1, before=_place(before), longest=EXCERPT + 1)
    more = f"{rows[PAGE - 1].updated_at}-{rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    return render(request, RatingsPage(rows=[rated(row, EXCERPT) for row in rows[:PAGE]], more=more))


def _place(text: str) -> tuple[int, int] | None:
    """A place in the list; whatever is none begins at the top."""
    found = re.fullmatch(r"(\d{1,19})-(\d{1,19})", text, re.ASCII)
    numbers = (int(found[1]), int(found[2])) if found else (LARGEST_ID + 1, 0)
    return numbers if max(numbers) <= LARGEST_ID else None
