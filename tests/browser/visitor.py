"""A person at a browser: what they do, in the words of the product."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, Response, Route, expect

from tests.processes import Parley

PASSWORD = "quiet otter 47 lamp"
PATIENCE = 30_000.0  # milliseconds an answer may take on a busy machine
LOCALES = {"en": "en-US", "zh": "zh-CN"}

expect.set_options(timeout=10_000)


@dataclass
class Workspace:
    """A running Parley and the cookies of its administrator."""

    processes: Parley
    url: str
    cookies: Any

    @classmethod
    def founded(cls, processes: Parley, browser: Browser) -> Workspace:
        """Register the first account, as a person would."""
        with browser.new_context(locale="en-US") as context:
            page = context.new_page()
            page.goto(processes.url)
            page.get_by_label("Username").fill("ada")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Continue").click()
            expect(page.get_by_role("heading", name="Try it")).to_be_visible()
            return cls(processes, processes.url, context.storage_state())


@dataclass
class Visitor:
    """One window."""

    workspace: Workspace
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def arrived(
        cls,
        browser: Browser,
        workspace: Workspace,
        *,
        width: int = 1440,
        height: int = 900,
        touch: bool = False,
        lang: str = "en",
        theme: str = "light",
        signed_in: bool = True,
        still: bool = False,
        installed: bool = False,
    ) -> Visitor:
        """A fresh window; `signed_in` with the administrator's cookies, `still` for whoever wants no motion.

        The service worker stays out unless `installed`: requests it answers could not be held.
        """
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=touch,
            is_mobile=touch,
            locale=LOCALES[lang],
            color_scheme="dark" if theme == "dark" else "light",
            storage_state=workspace.cookies if signed_in else None,
            reduced_motion="reduce" if still else "no-preference",
            service_workers="allow" if installed else "block",
        )
        context.add_cookies(
            [
                {"name": name, "value": value, "url": workspace.url}
                for name, value in (("lang", lang), ("theme", theme))
            ]
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        visitor = cls(workspace, context, context.new_page())
        visitor.page.on("pageerror", lambda error: visitor.troubles.append(str(error)))
        visitor.page.on("console", lambda said: visitor.hear(said.type, said.text))
        return visitor

    def hear(self, kind: str, text: str) -> None:
        """Errors of scripts and of the content policy; a refused or cut request is not one."""
        expected = ("Failed to load resource", "net::ERR_", "htmx:error", "htmx:sse:error")
        if kind == "error" and not any(part in text for part in expected):
            self.troubles.append(text)

    # Where they are -----------------------------------------------------------

    def go(self, path: str) -> Response | None:
        """Open an address."""
        return self.page.goto(self.workspace.url + path)

    @property
    def path(self) -> str:
        """The address without the host."""
        return self.page.url.removeprefix(self.workspace.url)

    def keyboard(self) -> CDPSession:
        """The browser's own door for input methods."""
        return self.context.new_cdp_session(self.page)

    # What they see ---------------------------------------------------------------

    @property
    def box(self) -> Locator:
        """Where a message is typed."""
        return self.page.locator("#ask")

    @property
    def questions(self) -> Locator:
        """The questions of this chat."""
        return self.page.locator("#turns .turn--you")

    @property
    def answers(self) -> Locator:
        """The answers of this chat."""
        return self.page.locator("#turns .turn--ai")

    @property
    def answer(self) -> Locator:
        """The text of the last answer."""
        return self.answers.last.locator(".prose")

    def wait_for_the_end_in_sight(self) -> None:
        """Until the page shows the end of the conversation.

        Between a new block and the next frame there is a gap: one look may fall into it.
        """
        self.page.wait_for_function(
            "() => { const log = document.querySelector('#log');"
            " return log.scrollHeight - log.scrollTop - log.clientHeight < 2; }"
        )

    def wait_until_still(self) -> None:
        """Until the conversation has stood in one place for some frames: wheels and fingers go on a little.

        Frames and not milliseconds, because it moves with them, however slow the machine is.
        """
        self.page.wait_for_function(
            "async () => { const log = document.querySelector('#log'), place = log.scrollTop;"
            " for (let n = 0; n < 20; n += 1) await new Promise(requestAnimationFrame);"
            " return log.scrollTop === place; }"
        )

    def log(self, script: str, value: object = None) -> Any:
        """Ask the scroller of the conversation; the script may take a value."""
        return self.page.locator("#log").evaluate(script, value)

    def wait_for_copy(self, test: str, value: object = None) -> None:
        """Until the clipboard holds a text for which the script `test` is true, of `text` and `value`."""
        self.page.wait_for_function(
            f"async value => {{ const text = await navigator.clipboard.readText(); return {test}; }}",
            arg=value,
        )

    def scroll_by_hand(self) -> None:
        """Turn the wheel up a little: from now on the page does not follow the end by itself."""
        self.page.locator("#log").hover()
        self.page.mouse.wheel(0, -40)
        expect(self.page.locator("#latest")).to_be_visible()

    def swipe(self, x: int, start: int, end: int) -> None:
        """Draw a finger down the glass from one height to another."""
        glass = self.context.new_cdp_session(self.page)
        for height in (start, *range(start + 10, end, 10)):
            kind = "touchStart" if height == start else "touchMove"
            glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": height}]})
        glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def text_of_answer(self) -> str:
        """The last answer as it reads; formulas as they were written, drawn or not."""
        return str(
            self.answer.evaluate(
                """prose => { const copy = prose.cloneNode(true);
                copy.querySelectorAll('[data-drawn]').forEach(place =>
                  place.textContent = place.querySelector('annotation')?.textContent ?? place.textContent);
                return copy.textContent.replace(/\\s+/g, ' ').trim(); }"""
            )
        )

    # What they do ----------------------------------------------------------------

    def ask(self, text: str) -> None:
        """Type a message and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def wait_for_first_words(self) -> None:
        """Until some text of a running answer is on the page."""
        expect(self.answers.last).to_have_attribute("aria-busy", "true")
        expect(self.answer.locator(".blocks > *").first).to_be_attached(timeout=PATIENCE)

    def wait_for_end(self) -> None:
        """Until the last answer is not being written any more and its actions are there."""
        expect(self.answers.last.locator(".acts")).to_be_attached(timeout=PATIENCE)
        expect(self.page.locator("#turns [aria-busy]")).to_have_count(0, timeout=PATIENCE)


class Held:
    """Requests to a path, kept from going on until the test takes them."""

    def __init__(self, page: Page, path: str | re.Pattern[str]) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(path, lambda route: self._routes.append(route))

    @property
    def count(self) -> int:
        """How many wait to be taken."""
        return len(self._routes)

    def take(self) -> Route:
        """The next request; its news may come after what the page shows of it."""
        for _ in range(round(PATIENCE / 20)):
            if self._routes:
                return self._routes.pop(0)
            self._page.wait_for_timeout(20)
        raise AssertionError("The page asked for nothing.")
