"""Lines of docs/checklist.md about pages: themes, languages, long lists, fingers, files to take along."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from parley.lib.clock import now_ms
from parley.web.places import places
from tests.browser.test_branches import asked
from tests.browser.test_everywhere import as_before, save_preferences
from tests.browser.test_images import choose
from tests.browser.test_looks import ENGLISH, NOT_OURS, OUR_WORDS
from tests.browser.visitor import PATIENCE, Visitor, Workspace
from tests.browser.written import ask_api

__all__ = ["as_before"]
Visit = Callable[..., Visitor]
MANY = 5000
GROUND = "() => getComputedStyle(document.body).backgroundColor"
# What can be pressed and is smaller than a finger, or is not there until a mouse is over it.
SMALL = """() => { const found = [];
  for (const one of document.querySelectorAll('button, a[href], select, summary, [role=button]')) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    if (one.closest('.prose, .say, .hint, .ruler, .skip')) continue;
    const box = (one.matches('.chip select') ? one.closest('.chip') : one).getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!box.width || x <= 0 || y <= 0 || x >= innerWidth || y >= innerHeight) continue;
    const hit = d => one.contains(document.elementFromPoint(x, y + d)) ? 1 : 0;
    if (!hit(0)) continue;  // the drawer lies over it
    let height = box.height;
    if (height < 43.5) { // what is seen may be smaller than what is pressed
      height = 0; for (let d = -40; d <= 40; d++) height += hit(d); }
    const seen = one.checkVisibility({ opacityProperty: true });
    if (!seen || height < 43.5 || box.width < 43.5)
      found.push(`${seen ? '' : 'unseen '}${Math.round(box.width)}x${Math.round(height)} `
        + one.outerHTML.slice(0, 150)); }
  return found; }"""
PROTOCOL = "[name='signing.scopes']"  # words that OpenID Connect prescribes


@pytest.fixture
def many(workspace: Workspace) -> Iterator[None]:
    """Thousands of old chats, gone again afterwards."""
    path = workspace.processes.data / "parley.db"
    old = now_ms() - 400 * 86_400_000
    with contextlib.closing(sqlite3.connect(path, timeout=15)) as db, db:  # the second commits
        db.executemany(
            "INSERT INTO conversation (owner, title, created_at, updated_at) VALUES (1, ?, ?, ?)",
            [(f"old chat {n}", old - n, old - n) for n in range(MANY)],
        )
    yield
    with contextlib.closing(sqlite3.connect(path, timeout=15)) as db, db:
        db.execute("DELETE FROM conversation WHERE title LIKE 'old chat %'")


@pytest.mark.usefixtures("many")
def test_a_list_of_thousands_comes_by_fifty_and_its_rows_stay_cheap(visit: Visit) -> None:  # 52
    window = visit()
    answer = window.go("/chat")
    assert answer is not None
    assert len(re.findall(r'<li[^>]* id="c\d+"', answer.text())) <= 50
    rows = window.page.locator("#chats .loose li")
    for _ in range(4):
        count = rows.count()
        window.page.locator("#chats").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        window.page.wait_for_function(
            "count => document.querySelectorAll('#chats .loose li').length >= count + 50", arg=count
        )
    assert rows.count() <= 300
    expect(window.page.locator("#chats")).to_contain_text("old chat 99")


def test_a_title_is_found_in_both_languages(visitor: Visitor) -> None:  # 49
    page = visitor.page
    ask_api(page, "POST", "/api/sessions", {"title": "zephyrs over 海豚湾"})
    page.wait_for_function(
        "async () => (await (await fetch('/f/search?q=zephyr')).text()).includes('<mark>')", timeout=PATIENCE
    )
    visitor.go("/search")
    for typed, marked in (("zephyr", "zephyrs"), ("海豚", "海豚")):
        page.locator("#q").fill(typed)
        expect(page.locator("#results h2 mark")).to_have_text(marked)


def test_a_theme_like_the_system_follows_it_live(visit: Visit) -> None:  # 56
    window = visit(theme="auto")
    page = window.page
    page.emulate_media(color_scheme="light")
    window.go("/chat")
    light = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({GROUND})() !== light", arg=light)
    page.reload()
    assert page.evaluate(GROUND) != light
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"light => ({GROUND})() === light", arg=light)


def test_no_page_that_is_linked_has_words_of_another_language(visit: Visit) -> None:  # 57
    window = visit(lang="zh")
    window.go("/chat")
    left = [place.path for _, group in places(admin=True) for place in group]
    left += [
        "/chat/settings",
        "/search",
        "/keys",
        "/offline",
        "/prompts/new",
        "/chat/tags",
        "/chat?temporary=1",
    ]
    left += ["/account/password", "/setup?step=2", "/setup?step=3"]
    found = {}
    for path in dict.fromkeys(left):
        answer = window.go(path)
        assert answer is not None
        assert answer.status == 200, path
        expect(window.page.locator("html")).to_have_attribute("lang", "zh-Hans")
        words = ENGLISH.findall(window.page.evaluate(OUR_WORDS, f"{NOT_OURS}, {PROTOCOL}"))
        if words:
            found[path] = words
    assert found == {}


def test_a_finger_finds_every_action_and_hits_it(visit: Visit) -> None:  # 60
    phone = visit(width=390, height=844, touch=True)
    page = phone.page
    phone.go("/chat")
    choose(phone, "demo")
    assert "\n".join(page.evaluate(SMALL)) == ""
    phone.box.fill("fast words")
    page.get_by_role("button", name="Send").tap()
    phone.wait_for_end()
    assert "\n".join(page.evaluate(SMALL)) == ""
    page.get_by_role("button", name="Open the sidebar").tap()
    expect(page.locator("#side")).to_be_visible()
    assert "\n".join(page.evaluate(SMALL)) == ""


def test_files_to_take_along_hold_every_turn_of_the_branch(visitor: Visitor) -> None:  # 62
    page = visitor.page
    said = ("fast 第一个问题", "fast second, naïve")
    for text in said:
        asked(visitor, text)
    page.get_by_role("button", name="Chat actions").press("Enter")
    menu = page.locator("#chat-menu")
    menu.get_by_text("Download", exact=True).press("Enter")
    for name in ("Markdown", "Plain text", "JSON, all versions"):
        with page.expect_download() as saved:
            menu.get_by_role("link", name=name).press("Enter")
        text = saved.value.path().read_text("utf-8")
        if saved.value.suggested_filename.endswith(".json"):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        assert all(each in text for each in said), name
        assert "先存再显示" in text


@pytest.mark.usefixtures("as_before")
def test_reasoning_stays_closed_for_whoever_wants_it_so(visitor: Visitor) -> None:  # 26
    page = visitor.page
    save_preferences(visitor, reasoning="off")
    visitor.go("/chat")
    choose(visitor, "demo")
    visitor.ask("quick words")
    fold = visitor.answers.last.locator("details.thread")
    expect(fold.locator("li").first).to_be_attached()
    expect(fold).to_be_visible()
    assert fold.get_attribute("open") is None
    page.keyboard.press("Escape")
    visitor.wait_for_end()
