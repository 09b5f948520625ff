"""What the test of the proxy asks the server: a stream with a clock, and whether an upgrade arrives.

The browser measures, because only it stands on the far side of the proxy. Lines for OpenResty and nginx:
https://nginx.org/en/docs/http/websocket.html and
https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.chat.streaming import stream_response
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.lifecycle import shutting_down
from parley.web.render import Page, render

BEATS, EVERY = 15, 0.2  # marks of one test stream, and seconds between them
LATE_MS = 600  # a mark that comes later than the first by this much more than it was sent was held back
HELD_TOGETHER = 40  # ms between marks that were sent 200 ms apart: somebody collected them
KEPT = 200  # tests of upgrades that are remembered
LINES = """location {path}/ {{
    proxy_pass http://127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_buffering off;
    proxy_read_timeout 3600s;
    gzip off;
}}
# In the http block:
map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}"""

_arrived: OrderedDict[str, bool] = OrderedDict()  # what this process saw of upgrades, by the browser's token


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Page):
    """What the browser measured, in words."""

    template: ClassVar[str] = "admin/settings/_verdict.html"
    stream: str
    stream_good: bool
    upgrade: str
    upgrade_good: bool
    lines: str


class NetworkController(Controller):
    """`/admin/network`: asked by features/proxytest.js."""

    path = "/admin/network"

    @get("/stream")
    async def stream(self, admin: NamedDependency[Actor]) -> Stream:
        """Fifteen marks in three seconds, each with the time it left."""
        return stream_response(_marks())

    @get("/upgrade")
    async def upgrade(
        self, request: AnyRequest, admin: NamedDependency[Actor], token: FromQuery[str]
    ) -> Response[Any]:
        """Where the browser tries to open a WebSocket: only noted is whether the wish arrived.

        It needs no WebSocket of ours: uvicorn, told to speak none (`ws="none"`), hands the request on.
        """
        if not re.fullmatch("[a-z0-9-]{8,40}", token):
            raise Invalid(_("This test is not known."))
        wishes = request.headers.get("connection", "").lower()
        _arrived[token] = request.headers.get("upgrade", "").lower() == "websocket" and "upgrade" in wishes
        while len(_arrived) > KEPT:
            _arrived.popitem(last=False)
        return Response(ok({"upgrade": _arrived[token]}), status_code=426, headers={"Upgrade": "websocket"})

    @post("/verdict/{token:str}")
    async def verdict(
        self, request: AnyRequest, token: FromPath[str], admin: NamedDependency[Actor]
    ) -> Response[str]:
        """What was found, from the arrival times (ms, comma-separated) of the marks, and what to add."""
        form = await request.form()
        times = [int(each) for each in str(form.get("times", ""))[:400].split(",") if each.isdecimal()]
        says, good = judged(times)
        upgraded = _arrived.pop(token, None)
        config = request.app.state.config
        lines = "" if good and upgraded else LINES.format(path=config.root_path, port=config.port)
        page = Verdict(
            stream=says,
            stream_good=good,
            upgrade=_upgrade_words(upgraded),
            upgrade_good=bool(upgraded),
            lines=lines,
        )
        return render(request, page)


def judged(times: list[int]) -> tuple[str, bool]:
    """What the arrival of the marks says about buffering, and whether that is good. `times` in ms."""
    if len(times) < BEATS:
        return _("The stream broke off or did not arrive."), False
    steps = [later - earlier for earlier, later in pairwise(times)]
    together = sum(step < HELD_TOGETHER for step in steps)
    if together > len(steps) // 2:
        return _("The proxy collects the stream: answers would appear all at once."), False
    if max(steps) > EVERY * 1000 + LATE_MS:
        return _("The stream stalls: at most %(ms)s ms between two marks.", ms=max(steps)), False
    return _("The stream arrives as it is sent: at most %(ms)s ms between two marks.", ms=max(steps)), True


def _upgrade_words(arrived: bool | None) -> str:
    if arrived is None:
        return _("Nothing is known about WebSockets: the test did not reach this process.")
    if arrived:
        return _("The wish for a WebSocket arrives.")
    return _("The proxy takes the wish for a WebSocket away.")


async def _marks() -> AsyncIterator[bytes]:
    for number in range(BEATS):
        if shutting_down.is_set():
            return
        yield b"data: %d %d\n\n" % (number, now_ms())
        await asyncio.sleep(EVERY)
