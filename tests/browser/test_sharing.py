"""Showing turns to somebody without an account, taking them back, and paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_branches import asked, open_menu
from tests.browser.test_looks import sideways, violations
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


@contextmanager
def stranger(chromium: Browser, **wishes: object) -> Iterator[Page]:
    """Somebody's browser without our cookies; what it refuses or breaks ends the test."""
    troubles: list[str] = []
    with chromium.new_context(**wishes) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Refused" in said.text else None)
        yield page
    assert troubles == []


def two_turns(visitor: Visitor) -> None:
    asked(visitor, "fast lighthouses")
    asked(visitor, "fast 港口 <b>harbours</b>")


def test_one_turn_is_read_by_a_stranger_until_the_link_is_taken_back(
    visitor: Visitor, chromium: Browser
) -> None:
    two_turns(visitor)
    page = visitor.page
    open_menu(visitor, visitor.answers.last).get_by_role("link", name="Share").press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("checkbox", name=re.compile("^You fast.*harbours"))).to_be_checked()
    expect(panel.get_by_role("checkbox", name=re.compile("^You fast lighthouses"))).not_to_be_checked()
    panel.get_by_label("Title").fill("Ports & 港口")
    panel.get_by_role("button", name="Make a link").press("Enter")
    link = panel.get_by_role("textbox", name="Link to “Ports & 港口”").input_value()
    panel.get_by_role("button", name="Copy the link").press("Enter")
    expect(panel.locator(".is-done")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    assert link.startswith(visitor.workspace.url + "/s/")

    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"}
    with stranger(chromium, java_script_enabled=False, **phone) as reader:
        answer = reader.goto(link)
        assert answer is not None
        assert answer.headers["x-robots-tag"].startswith("noindex")
        expect(reader.get_by_role("heading", level=1)).to_have_text("Ports & 港口")
        expect(reader.locator(".turn")).to_have_count(2)
        expect(reader.locator(".say")).to_have_text("fast 港口 <b>harbours</b>")
        expect(reader.get_by_text("lighthouses")).to_have_count(0)
        expect(reader.locator("html")).to_have_attribute("lang", "zh-Hans")
        assert reader.context.cookies() == []
        assert sideways(reader) <= 0

        visitor.go("/account/shares")
        row = page.locator("tr", has_text="Ports & 港口")
        expect(row.get_by_role("cell").nth(3)).to_contain_text("1")
        row.get_by_role("button", name="Take back").press("Enter")
        expect(row).to_have_count(0)
        gone = reader.reload()
        assert gone is not None
        assert gone.status == 404


def test_a_page_that_follows_grows_and_breaks_no_rule_of_accessibility(
    visitor: Visitor, chromium: Browser
) -> None:
    two_turns(visitor)
    page, id = visitor.page, visitor.path.rsplit("/", 1)[1]
    made = page.evaluate(
        """async id => {
          const headers = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
          headers['Content-Type'] = 'application/json';
          const body = JSON.stringify({ sessionId: id, live: true });
          const answer = await fetch('/api/shares', { method: 'POST', headers, body });
          return (await answer.json()).data.share.url; }""",
        id,
    )
    with stranger(chromium, locale="en-US", permissions=["clipboard-read", "clipboard-write"]) as reader:
        reader.goto(made)
        expect(reader.get_by_text("This page follows the conversation")).to_be_visible()
        assert violations(reader) == []
        reader.emulate_media(color_scheme="dark")
        assert violations(reader) == []
        expect(reader.locator(".turn")).to_have_count(4)
        asked(visitor, "fast and further")
        reader.reload()
        expect(reader.locator(".turn")).to_have_count(6)


def test_downloads_come_under_the_title_and_paper_is_black_on_white(visitor: Visitor) -> None:
    asked(visitor, "fast 打印这一页")
    page = visitor.page
    page.get_by_role("button", name="Chat actions").press("Enter")
    menu = page.locator("#chat-menu")
    menu.get_by_text("Download", exact=True).press("Enter")
    with page.expect_download() as started:
        menu.get_by_role("link", name="Markdown").press("Enter")
    assert started.value.suggested_filename.endswith(".md")
    assert "fast 打印这一页" in started.value.path().read_text("utf-8")
    address = menu.get_by_role("link", name="Print or PDF").get_attribute("href")
    assert address is not None
    visitor.go(address)
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    assert page.locator(".say").evaluate("say => getComputedStyle(say).color") == "rgb(0, 0, 0)"
    fonts = page.locator(".say").evaluate("say => getComputedStyle(say).fontFamily")
    assert "Noto Sans CJK SC" in fonts
    assert "Microsoft YaHei" in fonts
