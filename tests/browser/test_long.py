"""Long conversations, small budgets, and pages without scripts."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from parley.lib.clock import now_ms
from tests.browser.visitor import Held, Visitor, Workspace

Visit = Callable[..., Visitor]
TURNS = 520
MOST = 400  # turns a page keeps, js/features/window.js

SHIFTS = """() => { window.shifted = 0;
  new PerformanceObserver(list => { for (const shift of list.getEntries())
    if (!shift.hadRecentInput) window.shifted += shift.value; }).observe({ type: 'layout-shift' }); }"""
PLACE_OF = """(log, id) => document.getElementById(id).getBoundingClientRect().top
  - log.getBoundingClientRect().top"""
READING = """log => { const top = log.getBoundingClientRect().top;
  const turn = [...log.querySelectorAll('.turn')].find(one => one.getBoundingClientRect().bottom > top + 1);
  return [turn.id, turn.getBoundingClientRect().top - top]; }"""


@pytest.fixture(scope="package")
def long_chat(workspace: Workspace) -> int:
    """A conversation of many turns of uneven height, written straight into the database."""
    path = workspace.processes.data / "parley.db"
    with contextlib.closing(sqlite3.connect(path, timeout=15)) as db, db:  # the second commits
        now = now_ms()
        chat = db.execute(
            "INSERT INTO conversation (owner, title, created_at, updated_at)"
            " VALUES (1, 'Long', ?, ?) RETURNING id",
            (now, now),
        ).fetchone()[0]
        parent = None
        for n in range(TURNS):
            role = "assistant" if n % 2 else "user"
            text = f"Turn {n}. " + "Some more words to make lines of it. " * (n * 7 % 23)
            parent = db.execute(
                "INSERT INTO message (conversation, parent, role, text, model, model_name, created_at)"
                " VALUES (?, ?, ?, ?, 'demo', 'Demo model', ?) RETURNING id",
                (chat, parent, role, text, now + n),
            ).fetchone()[0]
        db.execute("UPDATE conversation SET leaf = ? WHERE id = ?", (parent, chat))
        db.execute(
            "UPDATE message SET chosen_child = (SELECT c.id FROM message c WHERE c.parent = message.id)"
            " WHERE conversation = ?",
            (chat,),
        )
    return int(chat)


def test_older_turns_come_without_moving_what_is_read(visitor: Visitor, long_chat: int) -> None:
    visitor.go(f"/chat/{long_chat}")
    turns = visitor.page.locator("#turns .turn")
    first = turns.count()
    assert first < TURNS
    visitor.wait_for_the_end_in_sight()
    visitor.scroll_by_hand()
    for top in (700, 300, 0):
        before = turns.count()
        held = Held(visitor.page, "**/turns?before=*")
        visitor.log(f"log => {{ log.scrollTop = {top}; }}")
        visitor.page.wait_for_timeout(400)  # turns that come into view get their real height
        asked = held.take()
        assert held.count == 0
        turn, place = visitor.log(READING)
        asked.continue_()
        expect(turns.nth(before)).to_be_attached()
        visitor.page.wait_for_timeout(400)  # the frames in which the place is held
        visitor.page.unroute_all()
        assert abs(visitor.log(PLACE_OF, turn) - place) <= 2, top


def test_a_link_into_a_long_chat_lands_on_its_message_and_reads_on_both_ways(
    visitor: Visitor, long_chat: int
) -> None:
    visitor.go(f"/chat/{long_chat}")
    middle = int(visitor.questions.first.get_attribute("data-message") or 0) - TURNS // 2
    visitor.go(f"/chat/{long_chat}?at={middle}")
    found = visitor.page.locator(f"#m{middle}")
    expect(found).to_be_in_viewport()
    turns = visitor.page.locator("#turns .turn")
    visitor.scroll_by_hand()
    for end in ("log.scrollHeight", "0"):
        before = turns.count()
        held = Held(visitor.page, "**/turns?*")
        visitor.log(f"log => {{ log.scrollTop = {end}; }}")
        asked = held.take()
        visitor.page.wait_for_timeout(400)  # turns that come into view get their real height
        turn, place = visitor.log(READING)
        asked.continue_()
        visitor.page.unroute_all()
        expect(turns.nth(before)).to_be_attached()
        visitor.page.wait_for_timeout(400)  # the frames in which the place is held
        assert abs(visitor.log(PLACE_OF, turn) - place) <= 2, end
    visitor.page.locator("#latest").click()
    expect(visitor.page.locator("#turns")).to_contain_text(f"Turn {TURNS - 1}.")
    visitor.wait_for_the_end_in_sight()


def test_news_put_nothing_behind_the_gap_below_a_message_somebody_came_to(
    visitor: Visitor, long_chat: int
) -> None:
    visitor.go(f"/chat/{long_chat}")
    middle = int(visitor.questions.first.get_attribute("data-message") or 0) - TURNS // 2
    visitor.go(f"/chat/{long_chat}?at={middle}")
    more = visitor.page.locator("#turns > .more-turns--below")
    expect(more).to_be_attached()
    with visitor.page.expect_response("**/f/chat/list?*"):  # as news of a pin, or of a stream that is back
        visitor.page.evaluate(
            "data => document.dispatchEvent(new CustomEvent('changed', { detail: { data } }))",
            '{"kind": "resync", "conversation": 0}',
        )
    assert more.evaluate("more => more.nextElementSibling?.id ?? null") is None


def test_a_page_that_reads_back_for_long_keeps_a_bounded_number_of_turns(
    visitor: Visitor, long_chat: int
) -> None:
    visitor.go(f"/chat/{long_chat}")
    turns = visitor.page.locator("#turns .turn")
    visitor.scroll_by_hand()
    beginning = visitor.page.locator("#turns").get_by_text("Turn 0.")
    for _window in range(TURNS // 40 + 2):
        if beginning.count():
            break
        first = turns.first.get_attribute("id")
        # Again and again: for some frames after a window came in, the place is held.
        visitor.page.wait_for_function(
            "id => { document.querySelector('#log').scrollTop = 0;"
            " return document.querySelector('#turns .turn').id !== id; }",
            arg=first,
        )
        assert turns.count() <= MOST
    expect(beginning).to_have_count(1)
    expect(visitor.page.locator("#turns").get_by_text(f"Turn {TURNS - 1}.")).to_have_count(0)
    visitor.page.locator("#latest").click()
    expect(visitor.page.locator("#turns").get_by_text(f"Turn {TURNS - 1}.")).to_be_in_viewport()


def test_a_long_conversation_opens_at_its_end(visitor: Visitor, long_chat: int) -> None:
    visitor.go(f"/chat/{long_chat}")
    expect(visitor.questions.last).to_be_visible()
    visitor.wait_for_the_end_in_sight()


def test_a_cold_chat_page_makes_at_most_ten_requests(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.context.new_cdp_session(visitor.page).send("Network.clearBrowserCache")
    visitor.page.reload()
    expect(visitor.box).to_be_focused()
    assert 4 <= len(asked) <= 10, asked


def test_a_streamed_answer_makes_no_layout_jump(visitor: Visitor) -> None:
    visitor.page.evaluate(SHIFTS)
    visitor.ask("Tell me about tides")
    visitor.wait_for_end()
    assert visitor.page.evaluate("window.shifted") <= 0.05


def test_questions_can_be_asked_and_answers_read_without_scripts(
    chromium: Browser, workspace: Workspace
) -> None:
    with chromium.new_context(
        java_script_enabled=False, storage_state=workspace.cookies, viewport={"width": 390, "height": 844}
    ) as context:
        page = context.new_page()
        page.goto(f"{workspace.url}/chat")
        page.locator("#ask").fill("fast without scripts")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".say")).to_have_text("fast without scripts")
        for _n in range(50):
            if page.locator(".acts form").count():
                break
            page.wait_for_timeout(200)
            page.reload()
        expect(page.locator(".prose")).to_contain_text("This is a demo")
        page.get_by_role("button", name="Open the sidebar").click()
        expect(page.locator("#side")).to_be_visible()
        page.goto(f"{workspace.url}/account/sessions")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
