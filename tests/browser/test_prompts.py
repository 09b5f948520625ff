"""Prompts from the library into the message box."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_a_prompt_is_written_offered_filled_in_and_sent(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/prompts/new")
    page.get_by_label("Command").fill("/letter")
    page.get_by_label("Title").fill("A letter")
    page.get_by_label("Text").fill("fast write to {{who}} in a {{tone=friendly}} tone.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prompts code")).to_have_text(["/letter"])
    visitor.go("/chat")
    visitor.box.press_sequentially("/le")
    offer = page.get_by_role("option")
    expect(offer).to_have_count(1)
    expect(visitor.box).to_have_attribute("aria-activedescendant", str(offer.get_attribute("id")))
    page.keyboard.press("Escape")
    expect(offer).to_have_count(0)
    expect(visitor.box).to_have_value("/le")
    page.keyboard.type("t")
    expect(offer).to_have_count(1)
    page.keyboard.press("Enter")
    fields = page.locator("#blanks textarea")
    expect(fields.nth(1)).to_have_value("friendly")
    fields.first.fill("Ada")
    page.keyboard.press("Enter")
    expect(visitor.box).to_have_value("fast write to Ada in a friendly tone.")
    expect(visitor.box).to_be_focused()
    expect(visitor.questions).to_have_count(0)
    page.keyboard.press("Enter")
    visitor.wait_for_end()
    expect(visitor.questions).to_have_count(1)


def test_what_is_no_command_is_sent_as_it_is(visitor: Visitor) -> None:
    visitor.box.press_sequentially("/nothing-like-it")
    expect(visitor.page.get_by_text("No prompt begins like this.")).to_be_visible()
    visitor.box.press_sequentially(" fast text")
    expect(visitor.page.locator(".offers")).to_have_count(0)
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_end()
    expect(visitor.questions.last).to_contain_text("/nothing-like-it fast text")
