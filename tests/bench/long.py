"""Day 500: a conversation of 10,000 messages in an account with 20,000 conversations."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator

import httpx

from parley.lib.db import open_database
from tests.bench.crowd import long_conversation, populate
from tests.bench.figures import Row, p50, p99
from tests.bench.site import Site

MESSAGES = 10_000
CONVERSATIONS = 20_000
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


async def fill(site: Site, owner: int = 1) -> int:
    """Give the account all that; the id of the long conversation."""
    db = open_database(f"sqlite:///{site.parley.data / 'parley.db'}")
    await db.open()
    try:
        await populate(db, [owner], conversations=CONVERSATIONS, messages=2 * CONVERSATIONS)
        return await long_conversation(db, owner, MESSAGES)
    finally:
        await db.close()


async def pages(site: Site, chat: int, times: int) -> AsyncIterator[Row]:
    """What the server needs for the pages of such an account."""
    async with httpx.AsyncClient(
        base_url=site.url, headers={"Cookie": site.cookie}, trust_env=False, timeout=30
    ) as browser:
        first = (await browser.get(f"/chat/{chat}")).text
        shown = int(first.partition('data-message="')[2].partition('"')[0])
        middle = shown - MESSAGES // 2
        asked = [
            ("open a chat of 10,000 messages", f"/chat/{chat}", 40.0),
            ("the same at a message in its middle", f"/chat/{chat}?at={middle}", 40.0),
            ("40 earlier turns of it", f"/f/chat/{chat}/turns?before={shown}", None),
            ("its ruler", f"/f/chat/{chat}/ruler", None),
            ("a new chat beside 20,000", "/chat", 40.0),
            ("the sidebar's next rows", _next_rows(first), None),
        ]
        for what, path, budget in asked:
            taken = [await _timed(browser, path) for _ in range(times)]
            note = f"p99 {p99(taken):.0f} ms of {times}"
            yield Row(f"{what}, p50", "ms", p50(taken), budget, note=note)


def _next_rows(page: str) -> str:
    return "/f/chat/list?before=" + page.partition("/f/chat/list?before=")[2].partition('"')[0]


async def _timed(browser: httpx.AsyncClient, path: str) -> float:
    start = time.perf_counter()
    answer = await browser.get(path, headers=HTMX if path.startswith("/f/") else {})
    assert answer.status_code == 200, (path, answer.status_code)
    return (time.perf_counter() - start) * 1000


def in_a_browser(site: Site, chat: int) -> list[Row]:
    """The same as a person sees it: until the page is ready, and how much of it there is."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        for pair in site.cookie.split("; "):
            name, _, value = pair.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": site.url}])
        page = context.new_page()
        taken = []
        for _time in range(5):
            page.goto(f"{site.url}/chat/{chat}")
            page.locator("#ask").wait_for()
            taken.append(
                page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
            )
        elements = page.evaluate("document.getElementsByTagName('*').length")
        browser.close()
    return [
        Row("10,000 messages ready in a browser, p50", "ms", p50(taken), 300, note="of 5"),
        Row("elements of that page", "", elements, 8000),
    ]
