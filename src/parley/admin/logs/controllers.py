"""The system log: the newest lines, a live tail, all of it as a file. Administrators only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.admin.logs.pages import LogPage, LogRows
from parley.chat.frames import KEEP_ALIVE, OPENED, message
from parley.chat.frames import partial as swap
from parley.chat.streaming import Over, stream_response, while_allowed
from parley.lib import logfiles
from parley.lib.logfiles import LEVELS, Tail, Wanted
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import fragment, render

AnyRequest = Request[Any, Any, Any]
PAGE = 100
TICK = 1.0  # seconds between looks at the files
SILENT = 15  # ticks after which a silent stream says that it lives
LONGEST = 200  # characters of the text somebody looks for


class LogController(Controller):
    """`/admin/log`."""

    path = "/admin/log"

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """The newest lines of all processes that fit; a stream puts new ones above them."""
        wanted, folder = _wanted(request), folder_of(resources)
        lines = await asyncio.to_thread(logfiles.newest, folder, wanted, limit=PAGE + 1)
        names = await asyncio.to_thread(logfiles.processes, folder)
        asked = {"level": wanted.level, "process": wanted.process, "text": wanted.text}
        page = LogPage(
            lines=lines[:PAGE],
            asked=asked,
            processes=[("", _("All processes")), *((name, name) for name in names)],
            query=urlencode(asked),
            older=lines[PAGE - 1].at if len(lines) > PAGE else "",
            live=not wanted.before,
        )
        return render(request, page)

    @get("/events")
    async def events(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Stream:
        """What is written from now on, as rows."""
        lines = partial(_tail, request, folder_of(resources), _wanted(request))
        return stream_response(while_allowed(lines, admin, resources))

    @get("/download")
    async def download(self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Stream:
        """Every line that is kept, one JSON object each."""
        headers = {
            "Content-Disposition": 'attachment; filename="parley-log.jsonl"',
            "Cache-Control": "no-store",
        }
        pieces = logfiles.everything(folder_of(resources))
        return Stream(pieces, media_type="application/x-ndjson", headers=headers)


def folder_of(resources: Resources) -> Path:
    """Where the processes write."""
    return resources.config.data / "logs"


async def _tail(request: AnyRequest, folder: Path, wanted: Wanted, over: Over) -> AsyncIterator[bytes]:
    tail = await asyncio.to_thread(Tail, folder)
    yield OPENED
    number = silent = 0
    while not over():
        await asyncio.sleep(TICK)
        lines = [line for line in await asyncio.to_thread(tail.news) if wanted.fits(line)]
        # The request that this very stream is logs a line too; rows in one message are the newest first.
        if lines:
            number, silent = number + 1, 0
            rows = fragment(request, LogRows(lines=lines[: -PAGE - 1 : -1]))
            yield message(number, swap("#log-rows", "afterbegin", rows))
        elif (silent := silent + 1) % SILENT == 0:
            yield KEEP_ALIVE


def _wanted(request: AnyRequest) -> Wanted:
    asked = request.query_params
    level = asked.get("level", "info")
    return Wanted(
        level=level if level in LEVELS else "info",
        process=asked.get("process", "")[:40],
        text=asked.get("text", "").strip()[:LONGEST],
        before=asked.get("before", "")[:40],
    )
