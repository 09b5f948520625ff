"""Questions as they stand in the chat."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor

LINES = "\n".join(["fast story", *(f"line {n}" for n in range(2, 40)), "the needle"])


def test_a_long_question_is_folded_and_whole_for_everything_else(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask("fast short")
    visitor.wait_for_end()
    expect(visitor.questions.first.locator(".fold")).to_have_count(0)
    visitor.ask(LINES)
    expect(visitor.answers).to_have_count(2)
    visitor.wait_for_end()
    turn = visitor.questions.last
    said, fold = turn.locator(".say"), turn.get_by_role("checkbox")
    cut = "([said, folded]) => (said.clientHeight + 1 < said.scrollHeight) === folded"
    page.wait_for_function(cut, arg=[said.element_handle(), True])
    expect(fold).to_have_accessible_name("Show more")
    turn.get_by_role("button", name="Copy").press("Enter")
    page.wait_for_function("async text => await navigator.clipboard.readText() === text", arg=LINES)
    fold.focus()
    page.keyboard.press("Space")
    expect(fold).to_have_accessible_name("Show less")
    page.wait_for_function(cut, arg=[said.element_handle(), False])
    turn.get_by_role("link", name="Edit").press("Enter")
    expect(turn.get_by_label("Your message")).to_have_value(LINES)
    expect(turn.locator(".fold")).to_be_hidden()
    page.keyboard.press("Escape")
    turn.get_by_text("Show less").click()
    page.wait_for_function(cut, arg=[said.element_handle(), True])
    assert page.evaluate("document.scrollingElement.scrollTop") == 0  # the box itself is nowhere else
