"""The settings centre in a browser: found, changed in both languages, and undone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.unit.files.drawings import drawing


def test_settings_are_found_changed_in_two_languages_and_undone(visitor: Visitor) -> None:
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


def test_a_picture_becomes_the_mark_and_goes_again(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/admin/settings/branding")
    file = page.get_by_label("Picture as mark")
    file.set_input_files({"name": "logo.svg", "mimeType": "image/png", "buffer": b"<svg/>"})
    expect(page.locator(".field__error")).to_contain_text("Use PNG, JPEG or WebP.")
    logo = drawing(mode="RGBA", seen=(20, 20, 30, 255))
    file.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": logo})
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("could not be seen on dark pages")).to_be_visible()
    drawn = page.locator(".side__top img.mark")
    assert drawn.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 96
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(drawn).to_have_count(0)


def test_the_proxy_is_tested_from_the_browser(visitor: Visitor) -> None:
    visitor.go("/admin/settings/network")
    visitor.page.get_by_role("button", name="Test now").click()
    expect(visitor.page.get_by_text("The stream arrives as it is sent")).to_be_visible()
    expect(visitor.page.get_by_text("The wish for a WebSocket arrives.")).to_be_visible()
    # The handshake is meant to fail: what counts is that the wish came through.
    visitor.troubles[:] = [each for each in visitor.troubles if "WebSocket" not in each]
