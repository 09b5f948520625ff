"""The audit log: looking, checking the chain, taking it away. Administrators only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.admin.auditing.pages import Act, AuditPage, choices_of
from parley.admin.auditing.words import subject_meant
from parley.audit import queries
from parley.audit.exporting import comma_separated, json_lines
from parley.audit.queries import Wanted
from parley.audit.verifying import verify
from parley.lib.db import LARGEST_ID
from parley.resources import Resources
from parley.web.i18n import _, ngettext
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = 50
FIELDS = ("who", "act", "since", "until", "text")
LONGEST = 200  # characters of one field of the filter


class AuditController(Controller):
    """`/admin/audit`."""

    path = "/admin/audit"

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """The newest entries that fit the filter, or those below a number."""
        return render(request, await _page(request, resources))

    @post("/verification")
    async def check(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Follow the whole chain and say whether it is as it was written."""
        count, fault = await verify(resources.db)
        verdict = ngettext(
            "%(n)s entry is as it was written.", "%(n)s entries are as they were written.", count
        )
        begins = await queries.beginning(resources.db)
        if begins.removed_at is not None:
            day = datetime.fromtimestamp(begins.removed_at / 1000, UTC).strftime("%Y-%m-%d")
            verdict += " " + _(
                "Checked from entry %(n)s; earlier ones were removed by retention on %(day)s.",
                n=begins.seq + 1,
                day=day,
            )
        if fault:
            verdict = _("The log was changed: %(fault)s.", fault=fault)
        return render(request, await _page(request, resources, verdict=verdict, broken=bool(fault)))

    @get("/export")
    async def export(
        self,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        form: FromQuery[str] = "csv",
    ) -> Stream:
        """All of it as a file: `?form=csv` or `json` (JSON lines)."""
        as_json = form == "json"
        pieces = json_lines(resources.db) if as_json else comma_separated(resources.db)
        name = "parley-audit.jsonl" if as_json else "parley-audit.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        kind = "application/x-ndjson" if as_json else "text/csv"
        return Stream(pieces, media_type=kind, headers=headers)


async def _page(
    request: AnyRequest, resources: Resources, *, verdict: str = "", broken: bool = False
) -> AuditPage:
    asked = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in FIELDS}
    before = request.query_params.get("before", "")
    below = int(before) if re.fullmatch(r"[0-9]{1,18}", before) else 0
    links = await queries.newest(resources.db, _wanted(asked), before=min(below, LARGEST_ID), limit=PAGE + 1)
    return AuditPage(
        acts=[Act.of(link) for link in links[:PAGE]],
        choices=choices_of(await queries.acts(resources.db)),
        asked=asked,
        query=urlencode({name: text for name, text in asked.items() if text}),
        older=links[PAGE - 1].seq if len(links) > PAGE else 0,
        verdict=verdict,
        broken=broken,
    )


def _wanted(asked: dict[str, str]) -> Wanted:
    return Wanted(
        who=asked["who"],
        act=asked["act"],
        since=_day(asked["since"]),
        until=_day(asked["until"], 1),
        text=asked["text"],
        subject=subject_meant(asked["text"]),
    )


def _day(text: str, later: int = 0) -> int:
    """The beginning of a day in UTC, or of the one so many days later; 0 for what is no day."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=later)
    except (ValueError, OverflowError):
        return 0
    return int(day.timestamp() * 1000)
