"""How pages look: accessibility, themes, languages, small windows, and the picture in the README."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor, Workspace
from tests.processes import Parley
from tests.servers import ROOT

Visit = Callable[..., Visitor]

# What people wrote, and what is meant to stay as it is.
NOT_OURS = "time, .prose, .say, .sessions a, .row__more, .title, .ruler, .thread ol, [lang=en], .kbd, pre"
OUR_WORDS = """notOurs => { const copy = document.body.cloneNode(true);
  copy.querySelectorAll(notOurs).forEach(part => part.remove());
  const names = ['aria-label', 'title', 'placeholder'];
  const named = copy.querySelectorAll('[aria-label], [title], [placeholder]');
  return [copy.innerText, ...[...named].flatMap(part => names.map(name => part.getAttribute(name) ?? ''))]
    .join('\\n'); }"""
LONGEST_MOVE = """() => Math.max(0, ...document.getAnimations()
  .map(move => Number(move.effect.getComputedTiming().duration)))"""
ENGLISH = re.compile(r".*[a-z]{3,} [a-z]{2,} [a-z]{2,}.*")
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIGNED_IN = [
    "/chat",
    "/chat/{id}",
    "/admin/connections",
    "/admin/users",
    "/account/sessions",
    "/account/chat",
    "/chat/folders",
    "/chat/{id}/place",
    "/account/shares",
    "/account/data",
    "/chat/{id}/share",
    "/chat/{id}/print",
    "/chat/settings",
    "/search?q=fast&pinned=0&role=user",
    "/search?q=zebra",
    "/setup?step=2",
    "/setup?step=3",
]
SIGNED_OUT = ["/login", "/register", "/chat/999999"]
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "tablet": {"width": 820, "height": 1180},
    "phone": {"width": 390, "height": 844, "touch": True},
}


def violations(page: Page) -> list[str]:
    """What axe-core holds against the page, with no exclusions."""
    page.emulate_media(reduced_motion="reduce")  # colours are judged at rest
    page.evaluate(f"() => {{ {AXE} }}")
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [
        f"{problem['id']}: {node['target']} {node['failureSummary']}"
        for problem in found["violations"]
        for node in problem["nodes"]
    ]


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="package")
def conversation(chromium: Browser, workspace: Workspace) -> Iterator[str]:
    """A chat with a question in each language and everything the demo can show."""
    visitor = Visitor.arrived(chromium, workspace)
    visitor.go("/chat")
    visitor.ask("fast show me everything")
    visitor.wait_for_end()
    visitor.ask("fast 请用中文介绍一下潮汐")
    expect(visitor.answers).to_have_count(2)
    visitor.wait_for_end()
    yield visitor.path.rpartition("/")[2]
    visitor.context.close()


@pytest.mark.parametrize(
    ("lang", "size", "theme"),
    [*product(["en", "zh"], ["desk", "phone"], ["light", "dark"]), ("en", "tablet", "light")],
)
def test_no_page_has_an_accessibility_violation(
    visit: Visit, conversation: str, theme: str, size: str, lang: str
) -> None:
    inside = visit(theme=theme, lang=lang, **SIZES[size])
    outside = visit(theme=theme, lang=lang, signed_in=False, **SIZES[size])
    found: dict[str, list[str]] = {}
    for window, paths in ((inside, SIGNED_IN), (outside, SIGNED_OUT)):
        for path in paths:
            window.go(path.format(id=conversation))
            found[path] = violations(window.page)
            assert sideways(window.page) == 0, path
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_open_menus_dialogs_and_the_drawer_have_no_violation(visit: Visit, conversation: str) -> None:
    desk = visit()
    desk.go(f"/chat/{conversation}")
    for opener in ("#side .who", ".model", "[popovertarget='chat-menu']", "a[data-panel]"):
        desk.page.locator(opener).click()
        expect(desk.page.locator("[popover]:popover-open, dialog[open]")).to_be_visible()
        assert violations(desk.page) == []
        desk.page.keyboard.press("Escape")
    phone = visit(width=390, height=844, touch=True, theme="dark")
    phone.go(f"/chat/{conversation}")
    phone.page.get_by_role("button", name="Open the sidebar").tap()
    assert violations(phone.page) == []


def test_a_running_and_a_failed_answer_have_no_violation(visitor: Visitor) -> None:
    visitor.ask("long story")
    visitor.wait_for_first_words()
    assert violations(visitor.page) == []
    visitor.page.keyboard.press("Escape")
    visitor.wait_for_end()
    visitor.go("/chat")
    visitor.ask("fail")
    visitor.wait_for_end()
    assert violations(visitor.page) == []
    visitor.page.route("**/turns", lambda route: route.abort())
    visitor.ask("unsent")
    expect(visitor.questions.last).to_contain_text("Not sent")
    assert violations(visitor.page) == []


@pytest.mark.parametrize("path", [*SIGNED_IN, *SIGNED_OUT])
def test_a_window_of_320_pixels_needs_no_sideways_scrolling(
    visit: Visit, conversation: str, path: str
) -> None:
    window = visit(width=320, height=640, touch=True, signed_in=path in SIGNED_IN)
    window.go(path.format(id=conversation))
    assert sideways(window.page) == 0


def test_a_theme_is_chosen_at_once_and_there_in_the_first_frame_of_the_next_page(visit: Visit) -> None:
    window = visit(theme="auto")
    window.go("/chat")
    page = window.page
    html = page.locator("html")
    page.locator("#side .who").click()
    page.locator("#you").get_by_role("button", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    answer = window.go("/admin/users")
    assert answer is not None
    assert 'data-theme="dark"' in answer.text()  # the server's own first bytes: nothing can flash
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_language_changes_every_page_and_stays(visit: Visit) -> None:
    window = visit()
    window.go("/chat")
    window.page.locator("#side .who").click()
    window.page.locator("#you").get_by_role("button", name="中文").click()
    expect(window.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(window.page.get_by_role("link", name="新聊天")).to_be_visible()
    window.go("/admin/users")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("用户")
    window.page.locator("#side .who").click()
    window.page.locator("#you").get_by_role("button", name="English").click()
    expect(window.page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("path", [*SIGNED_IN, *SIGNED_OUT])
def test_a_chinese_page_shows_no_english_sentence(visit: Visit, conversation: str, path: str) -> None:
    window = visit(lang="zh", signed_in=path in SIGNED_IN)
    window.go(path.format(id=conversation))
    assert ENGLISH.findall(window.page.evaluate(OUR_WORDS, NOT_OURS)) == []


def test_motion_stops_for_those_who_asked_for_it(visit: Visit) -> None:
    window = visit()
    window.page.emulate_media(reduced_motion="reduce")
    window.go("/chat")
    window.ask("long story")
    window.wait_for_first_words()
    assert window.page.evaluate(LONGEST_MOVE) <= 10
    window.page.keyboard.press("Escape")
    window.wait_for_end()


def test_the_picture_of_the_chat_page_is_taken(chromium: Browser, parley: Parley, tmp_path: Path) -> None:
    """`RENEW_PICTURES=1 ./start.sh test tests/browser/test_looks.py` renews the one in the README."""
    window = Visitor.arrived(chromium, Workspace.founded(parley, chromium))
    for question in (
        "Name ideas for the reading club",
        "把会议记录改写成待办清单",
        "Compare two invoice layouts",
    ):
        window.go("/chat")
        window.ask(question)
        expect(window.answers).to_have_count(1)
    window.go("/chat")
    window.ask("What happens to my answer when I close this tab?")
    window.wait_for_end()
    expect(window.page.locator("#chats .live")).to_have_count(0)
    window.log("log => { log.scrollTop = 0; }")
    picture = (ROOT / "docs/img" if os.environ.get("RENEW_PICTURES") else tmp_path) / "chat.png"
    window.page.screenshot(path=picture, animations="disabled")
    window.context.close()
    assert picture.stat().st_size > 30_000
