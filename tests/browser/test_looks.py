"""How pages look: accessibility, themes, languages, small windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor, Workspace
from tests.browser.written import write
from tests.integration.accounts.provider import providing
from tests.processes import Parley
from tests.screenshots.acts import upper
from tests.screenshots.governing import KEEPER
from tests.screenshots.shots import DRAWN, Shot, shots
from tests.screenshots.world import World, founded
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
DARKEST = """async image => { await image.decode();
  const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
  pen.fillStyle = '#fff'; pen.fillRect(0, 0, image.width, image.height); pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  return data.reduce((least, part) => Math.min(least, part)); }"""
ENGLISH = re.compile(r".*[a-z]{3,} [a-z]{2,} [a-z]{2,}.*")
AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
# Of a page under a dialog or a menu only what lies on top: the page was looked at without it.
# Only what is wrong comes over, as text: the rest of what axe found is many times as long.
RUN = """async rules => {
  const top = document.querySelector('dialog:modal, [popover]:popover-open') ?? document;
  const { violations } = await axe.run(top, { runOnly: rules, resultTypes: ['violations'], preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map(node =>
    `${id}: ${node.target.join(' ')} ${node.failureSummary}`)); }"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES_OF_DIALOGS = ["share-form", "place", "chat-settings", "why", "rating", "models-page", "edit-page",
                    "keys-page"]  # fmt: skip
VIEWS: dict[str, dict[str, object]] = {
    "light-en-desk": {"theme": "light", "lang": "en", "width": 1440, "height": 900},
    "dark-zh-phone": {"theme": "dark", "lang": "zh", "width": 320, "height": 800, "touch": True},
}
# Looked at in one window only: what the other has not, and what is there as a dialog and as a page.
DESK = ["row-menu", "you-menu", "palette", "lightbox", "setup-2", "print", *PAGES_OF_DIALOGS]
PHONE = ["drawer", "share-dialog", "place-dialog", "settings-dialog", "why-dialog", "rating-dialog", "keys",
         "other-model", "edit", "setup-3"]  # fmt: skip
ONLY = dict.fromkeys(DESK, "light-en-desk") | dict.fromkeys(PHONE, "dark-zh-phone")
TWICE = {"chat", "chat-end"}  # the same as another, scrolled
MOST_REQUESTS = 12


@dataclass(frozen=True)
class Seen:
    """What one page showed in one window."""

    violations: list[str]
    sideways: int  # pixels
    english: list[str]


def violations(page: Page) -> list[str]:
    """What axe-core holds against the page, with no exclusions."""
    page.emulate_media(reduced_motion="reduce")  # colours are judged at rest
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(f"() => {{ {AXE} }}")
    found: list[str] = page.evaluate(RUN, RULES)
    return found


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="module")
def world(chromium: Browser, upstream_url: str) -> Iterator[World]:
    """A Parley of its own that has been lived in."""
    with Parley() as processes, providing(**KEEPER) as provider:
        yield founded(Workspace.founded(processes, chromium), chromium, upstream_url, provider.issuer)


@pytest.fixture(scope="module", params=VIEWS)
def seen(request: pytest.FixtureRequest, chromium: Browser, world: World) -> dict[str, Seen]:
    """Every page there is, and what opens on it, looked at once; a window for each sort of reader."""
    wishes = VIEWS[request.param]
    windows = {
        who: Visitor.arrived(chromium, world.seen_by(who), still=True, **wishes)  # type: ignore[arg-type]
        for who in world.governed.cookies
    }
    for window in windows.values():
        window.context.add_init_script(AXE)
    found = {}
    for shot in shots(world):
        if looked_at(shot, request.param):
            window = windows[shot.who]
            window.go(shot.path)
            window.page.wait_for_function(DRAWN)
            shot.act(window.page)
            found[shot.name] = Seen(
                violations(window.page), sideways(window.page), english(window.page, world)
            )
    troubles = [trouble for window in windows.values() for trouble in window.troubles]
    for window in windows.values():
        window.context.close()
    assert troubles == []
    return found


def looked_at(shot: Shot, view: str) -> bool:
    """Whether this window looks at it."""
    return shot.lang == "en" and shot.name not in TWICE and ONLY.get(shot.name, view) == view


def english(page: Page, world: World) -> list[str]:
    """The English sentences on a page that are ours; what the world is called is not."""
    text = page.evaluate(OUR_WORDS, NOT_OURS)
    for theirs in world.texts:
        text = text.replace(theirs, "")
    return ENGLISH.findall(text)


def test_no_page_has_an_accessibility_violation(seen: dict[str, Seen]) -> None:
    assert {name: each.violations for name, each in seen.items() if each.violations} == {}


def test_no_page_scrolls_sideways_at_1440_or_320(seen: dict[str, Seen]) -> None:
    assert {name: each.sideways for name, each in seen.items() if each.sideways} == {}


@pytest.mark.parametrize("seen", ["dark-zh-phone"], indirect=True)
def test_a_chinese_page_shows_no_english_sentence(seen: dict[str, Seen]) -> None:
    assert {name: each.english for name, each in seen.items() if each.english} == {}


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


def test_a_theme_is_chosen_at_once_and_there_in_the_first_frame_of_the_next_page(visit: Visit) -> None:
    window = visit(theme="auto")
    window.go("/chat")
    page = window.page
    html = page.locator("html")
    page.locator("#side .who").click()
    with page.expect_response("**/preferences"):  # the account keeps it as well
        page.locator("#you").get_by_role("button", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    answer = window.go("/account/profile")
    assert answer is not None
    assert 'data-theme="dark"' in answer.text()  # the server's own first bytes: nothing can flash
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    chosen = page.get_by_role("main").get_by_role("group", name="Theme").locator("[aria-pressed='true']")
    expect(chosen).to_have_text("Dark")
    assert violations(page) == []
    page.get_by_role("main").get_by_role("button", name="Light", exact=True).click()
    expect(html).to_have_attribute("data-theme", "light")
    expect(chosen).to_have_text("Light")
    expect(page.locator(".tree [aria-current]")).to_be_in_viewport()


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


def test_motion_stops_for_those_who_asked_for_it(visit: Visit) -> None:
    window = visit()
    window.page.emulate_media(reduced_motion="reduce")
    window.go("/chat")
    window.ask("long story")
    window.wait_for_first_words()
    assert window.page.evaluate(LONGEST_MOVE) <= 10
    window.page.keyboard.press("Escape")
    window.wait_for_end()


def test_a_cold_page_of_a_long_and_rich_chat_makes_few_requests(chromium: Browser, world: World) -> None:
    chat = write(world.workspace, ["Here: $x^2$\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"] * 99)
    window = Visitor.arrived(chromium, world.workspace)
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.go(f"/chat/{chat}")
    expect(window.box).to_be_focused()
    window.page.wait_for_function(DRAWN)
    window.context.close()
    assert len(asked) <= MOST_REQUESTS, asked


def test_a_diagram_can_be_read_by_those_who_want_no_motion(chromium: Browser, world: World) -> None:
    window = Visitor.arrived(chromium, world.workspace, still=True)
    window.go(f"/chat/{world.solar}")
    upper(window.page)
    darkest = window.page.locator("[data-diagram] img").evaluate(DARKEST)
    window.context.close()
    assert darkest < 80  # ink, not only the colour of the boxes
