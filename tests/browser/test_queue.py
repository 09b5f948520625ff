"""Messages written while an answer runs, temporary chats, and one person at several tabs."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import PATIENCE, Visitor

Visit = Callable[..., Visitor]


def waiting(page: Page) -> Locator:
    """What the chips say."""
    return page.locator("#queue .queued__text")


def another_tab(visitor: Visitor, path: str) -> Visitor:
    """The same browser, a second tab."""
    page = visitor.context.new_page()
    page.on("pageerror", lambda error: visitor.troubles.append(str(error)))
    page.goto(visitor.workspace.url + path)
    return Visitor(visitor.workspace, visitor.context, page, visitor.troubles)


def test_a_message_written_meanwhile_waits_and_goes_out_once(visitor: Visitor) -> None:  # ux.md 19
    page = visitor.page
    visitor.ask("long words please")
    visitor.wait_for_first_words()
    visitor.ask("fast second")
    visitor.ask("never this")
    expect(page.locator("#queue li")).to_have_count(2)
    page.locator("#queue li", has_text="never this").get_by_role("button", name="Remove").click()
    page.reload()
    expect(waiting(page)).to_have_text(["fast second"])
    page.locator("#queue li").get_by_role("button", name="Edit").click()
    expect(visitor.box).to_have_value("fast second")
    visitor.box.press("End")
    visitor.box.press_sequentially(" thoughts")
    other = another_tab(visitor, visitor.path)
    visitor.box.press("Enter")
    expect(waiting(other.page)).to_have_text(["fast second thoughts"])
    page.get_by_role("button", name="Stop answering").click()
    expect(visitor.questions).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("#queue li")).to_have_count(0)
    visitor.wait_for_end()
    expect(other.questions).to_have_count(2)
    expect(other.answers).to_have_count(2)
    other.page.reload()
    expect(other.questions.locator(".say")).to_have_text(["long words please", "fast second thoughts"])


def test_what_waits_is_looked_at_first_when_the_answer_broke_off(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask("long words please")
    visitor.wait_for_first_words()
    visitor.ask("fail")
    visitor.ask("fast next")
    expect(page.locator("#queue li")).to_have_count(2)
    page.get_by_role("button", name="Stop answering").click()
    expect(waiting(page)).to_have_text(["fast next"])  # "fail" has gone out
    page.get_by_role("button", name="Send now").click(timeout=PATIENCE)
    expect(visitor.questions).to_have_count(3)
    expect(page.locator("#queue li")).to_have_count(0)


def test_what_one_tab_writes_the_other_shows_and_signing_out_empties_both(visit: Visit) -> None:
    visitor = visit(signed_in=False)
    page = visitor.page
    visitor.go("/login")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password", exact=True).fill("quiet otter 47 lamp")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat")
    other = another_tab(visitor, "/chat")
    visitor.box.fill("begun here")
    expect(other.box).to_have_value("begun here")
    page.locator(".who").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(other.page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login**")
    other.page.wait_for_url("**/login**")
    assert page.evaluate("Object.values(localStorage).filter(text => text.includes('begun')).length") == 0


def rows_of(visitor: Visitor) -> dict[str, int]:
    """How many rows each table of chats holds."""
    with closing(sqlite3.connect(visitor.workspace.processes.data / "parley.db")) as db:
        tables = ("conversation", "message", "generation", "generation_event", "stored_file", "message_file")
        return {name: db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}


def wait_for_rows(visitor: Visitor, rows: dict[str, int], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not rows.items() <= rows_of(visitor).items() and time.monotonic() < end:
        visitor.page.wait_for_timeout(200)
    assert {name: n for name, n in rows_of(visitor).items() if name in rows} == rows


def test_a_temporary_chat_leaves_nothing_unless_it_is_kept(visit: Visit) -> None:  # ux.md 63
    visitor = visit()
    before = rows_of(visitor)
    visitor.go("/chat")
    visitor.page.get_by_role("link", name="Temporary chat").click()
    expect(visitor.page.locator(".temporary")).to_contain_text("deleted when you leave this page")
    visitor.ask("fast secret plans")
    visitor.wait_for_end()
    path = visitor.path
    expect(visitor.page.locator("#chats").get_by_text("secret plans")).to_have_count(0)
    with visitor.page.expect_request("**/presence"):
        visitor.page.reload()
    expect(visitor.answers).to_have_count(1)
    assert not any("secret" in text for text in visitor.page.evaluate("Object.values(localStorage)"))
    visitor.page.close()
    visitor.page = visitor.context.new_page()
    keeping(visitor)
    answer = visitor.go(path)
    assert answer is not None
    assert answer.status == 404
    wait_for_rows(visitor, {name: n + {"conversation": 1, "message": 2, "generation": 1}.get(name, 0)
                            for name, n in before.items() if name != "generation_event"})  # fmt: skip


def keeping(visitor: Visitor) -> None:
    """A temporary chat that becomes an ordinary one."""
    visitor.go("/chat?temporary=1")
    visitor.ask("fast but worth keeping")
    visitor.wait_for_end()
    visitor.page.get_by_role("button", name="Keep this chat").click()
    expect(visitor.page.locator(".temporary")).to_have_count(0)
    expect(visitor.page.locator("#chats").get_by_text("worth keeping")).to_be_visible()
