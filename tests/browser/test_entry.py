"""Coming in without an account, by a link, and staying."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.visitor import Visitor

ALLOW = """async (values) => {
  const own = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  const headers = { ...own, 'Content-Type': 'application/json' };
  const body = JSON.stringify(values);
  const answer = await fetch('/api/settings/system', { method: 'PUT', headers, body });
  return answer.status; }"""
OPEN = {"visitors.mode": "on", "models.access_visitor": "allow", "registration.mode": "open"}
SHUT = {"visitors.mode": None, "models.access_visitor": None, "registration.mode": None}


def test_a_visitor_tries_it_and_keeps_the_chat_by_registering(visitor: Visitor, chromium: Browser) -> None:
    admin = visitor.page
    assert admin.evaluate(ALLOW, OPEN) == 200
    origin = admin.evaluate("location.origin")
    with chromium.new_context(base_url=origin) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_role("button", name="Try it without an account").click()
        page.wait_for_url("**/chat")
        expect(page.get_by_text("your chats are kept for 15 days")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.locator("#ask").press_sequentially("/s")
        page.locator("#ask").fill("fast hello from a visitor")
        page.keyboard.press("Enter")
        expect(page.locator(".turn--ai[aria-busy='true']")).to_have_count(0)
        page.wait_for_url(re.compile(r"/chat/\d+$"))
        assert not [url for url in asked if "prompts" in url]  # not theirs, so not asked for
        chat = page.url
        page.get_by_role("link", name="Create an account to keep them").click()
        page.get_by_label("Username").fill("was_a_visitor")
        page.get_by_label("Password", exact=True).fill("quiet otter 47")
        page.get_by_role("button", name="Register").click()
        page.wait_for_url("**/chat")
        page.goto(chat)
        expect(page.locator(".turn").first).to_contain_text("hello from a visitor")
        expect(page.locator(".who")).to_contain_text("was_a_visitor")
    assert admin.evaluate(ALLOW, SHUT) == 200


def test_a_link_is_made_shown_once_and_used(visitor: Visitor, chromium: Browser) -> None:
    admin = visitor.page
    visitor.go("/admin/invitations")
    admin.get_by_label("Note").fill("Class 7b")
    admin.get_by_role("button", name="Make a link").click()
    address = admin.get_by_label("Address").input_value()
    assert admin.locator(".invite__code").evaluate("image => image.complete && image.naturalWidth > 100")
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_text("You are invited")).to_be_visible()
        page.get_by_label("Username").fill("by_a_link")
        page.get_by_label("Password", exact=True).fill("quiet otter 47")
        page.get_by_role("button", name="Register").click()
        page.wait_for_url("**/chat")
    visitor.go("/admin/invitations")
    row = admin.locator("tbody tr").first
    expect(row).to_contain_text("1 of 1")
    expect(row).to_contain_text("used up")
    assert address not in admin.content()
