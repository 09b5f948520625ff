"""The corpus of attacks on every page that shows what others wrote: nothing runs, nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.visitor import Visitor, Workspace
from tests.browser.written import ask_api, write
from tests.corpus.xss import DIAGRAMS, FENCE, HTML, IMPORTED, MESSAGES, NAMES, TITLES

Visit = Callable[..., Visitor]
WATCH = """globalThis.canary = () => { globalThis.ran = 'canary'; };
globalThis.alert = globalThis.canary; globalThis.refused = [];
addEventListener('securitypolicyviolation',
  event => refused.push(`${event.effectiveDirective} ${event.blockedURI}`));"""
SEEN = "() => [globalThis.ran ?? '', ...(globalThis.refused ?? ['no watch'])].filter(Boolean)"
DRAWN = """() => document.querySelectorAll('.prose [data-math]:not([data-drawn])').length === 0"""
SETTLED = "figure => figure.classList.contains('is-drawn') || !figure.querySelector('.undrawn').hidden"
TEXTS = [text for text in MESSAGES if not text.startswith(f"{FENCE}mermaid\n")]


class Watch:
    """Everything a page of this window must not do."""

    def __init__(self, window: Visitor) -> None:
        self.window = window
        self.left: list[str] = []  # requests for other hosts
        window.context.add_init_script(WATCH)
        window.page.on("request", lambda request: self._note(request.url))
        window.page.on("dialog", self._refuse)

    def _refuse(self, dialog: Dialog) -> None:
        self.left.append(dialog.message)
        dialog.dismiss()

    def _note(self, url: str) -> None:
        if not url.startswith((self.window.workspace.url, "blob:", "data:")):
            self.left.append(url)

    def assert_quiet(self) -> None:
        """In the page and in every frame of it."""
        assert {frame.url: frame.evaluate(SEEN) for frame in self.window.page.frames if seen(frame)} == {}
        assert self.left == []


def seen(frame: Any) -> bool:
    return bool(frame.evaluate(SEEN))


@pytest.fixture
def watched(visit: Visit) -> Watch:
    """The administrator's window, watched."""
    return Watch(visit())


@pytest.fixture(scope="module")
def chats(workspace: Workspace) -> list[int]:
    """All messages of the corpus, forty a conversation, with titles, prompts and file names out of it."""
    return [
        write(
            workspace,
            texts,
            title=TITLES[number % len(TITLES)],
            question="\n\n".join(HTML[number::8]),
            system_prompt="\n".join([*TITLES, *IMPORTED]),
            files=NAMES[number % 6 :: 6],
        )
        for number, texts in enumerate(TEXTS[at : at + 38] for at in range(0, len(TEXTS), 38))
    ]


def test_no_message_title_prompt_or_file_name_acts(watched: Watch, chats: list[int]) -> None:
    page = watched.window.page
    for chat in chats:
        watched.window.go(f"/chat/{chat}")
        expect(page.locator("#turns .turn").first).to_be_attached()
        page.wait_for_function(DRAWN)
        watched.assert_quiet()
    page.locator("#turns .turn--you").scroll_into_view_if_needed()
    watched.assert_quiet()
    page.evaluate("() => canary()")
    with pytest.raises(AssertionError):  # the watch is awake
        watched.assert_quiet()


def test_no_diagram_acts(watched: Watch, workspace: Workspace) -> None:
    chat = write(workspace, ["\n\n".join(f"{FENCE}mermaid\n{each}\n{FENCE}" for each in DIAGRAMS)])
    page = watched.window.page
    watched.window.go(f"/chat/{chat}")
    for figure in page.locator("[data-diagram]").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function(SETTLED, arg=figure.element_handle())
    assert page.locator(".is-drawn").count() > len(DIAGRAMS) * 0.7  # the attacks were really drawn
    watched.assert_quiet()
    # Sizes that make no sense are the library's complaint, not a refusal.
    watched.window.troubles[:] = [each for each in watched.window.troubles if "<rect> attribute" not in each]


def test_nothing_acts_while_it_is_streamed_searched_shared_or_read_signed_out(
    watched: Watch, visit: Visit, chats: list[int]
) -> None:
    page = watched.window.page
    watched.window.go("/chat")
    watched.window.ask("fast canary " + " ".join([*HTML[:4], *TITLES[:4]]))
    watched.window.wait_for_end()
    watched.assert_quiet()
    watched.window.go("/search?q=canary")
    expect(page.locator("mark").first).to_be_attached()
    watched.assert_quiet()
    stranger = Watch(visit(signed_in=False))
    for chat in chats[:2]:
        share = ask_api(
            page, "POST", "/api/shares", {"sessionId": str(chat), "title": TITLES[1], "files": True}
        )
        stranger.window.page.goto(share["share"]["url"])
        expect(stranger.window.page.locator(".prose").first).to_be_attached()
        stranger.assert_quiet()
    for path in ("/account/shares", f"/chat/{chats[0]}/share", f"/chat/{chats[0]}/settings"):
        watched.window.go(path)
        watched.assert_quiet()


def test_an_exported_page_is_quiet_where_no_policy_holds_it_back(watched: Watch, chats: list[int]) -> None:
    page = watched.window.page
    for chat in chats:
        html = page.request.get(f"{watched.window.workspace.url}/chat/{chat}/export.html").text()
        page.goto("about:blank")
        page.set_content(html)
        expect(page.locator(".prose").first).to_be_attached()
        watched.assert_quiet()
    watched.window.go(f"/chat/{chats[0]}/print")
    watched.assert_quiet()
