"""The settings centre in a browser: changed, counted, kept over a restart, and read in Chinese."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_settings_are_found_changed_undone_and_survive(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/admin")
    page.get_by_role("searchbox", name="Search settings").fill("greeting")
    page.keyboard.press("Enter")
    field = page.get_by_label("Greeting")
    expect(page.get_by_label("Longest title")).to_have_count(0)
    field.fill("Moin!")
    expect(page.get_by_text("1 change")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(field).to_have_value("")
    expect(page.get_by_text("1 change")).to_have_count(0)
    field.fill("Moin, {user}!")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    visitor.go("/chat")
    expect(page.locator(".greeting")).to_contain_text("Moin, ")
    page.context.add_cookies([{"name": "lang", "value": "zh", "url": visitor.workspace.url}])
    visitor.go("/admin/settings/branding")
    expect(page.locator('[name="branding.greeting"]')).to_have_value("Moin, {user}!")
    page.locator('[name="branding.greeting"]').fill("你好，{user}！")
    page.locator(".setbar .btn--primary").click()
    expect(page.locator(".notice--good")).to_be_visible()
    page.context.add_cookies([{"name": "lang", "value": "en", "url": visitor.workspace.url}])
    visitor.go("/admin/settings/history?key=branding.greeting")
    page.get_by_role("button", name="Undo").nth(1).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    visitor.go("/chat")
    expect(page.locator(".greeting")).not_to_contain_text("Moin")


def test_the_proxy_is_tested_from_the_browser(visitor: Visitor) -> None:
    visitor.go("/admin/settings/network")
    visitor.page.get_by_role("button", name="Test now").click()
    expect(visitor.page.get_by_text("The stream arrives as it is sent")).to_be_visible()
    expect(visitor.page.get_by_text("The wish for a WebSocket arrives.")).to_be_visible()
    # The handshake is meant to fail: what counts is that the wish came through.
    visitor.troubles[:] = [each for each in visitor.troubles if "WebSocket" not in each]
