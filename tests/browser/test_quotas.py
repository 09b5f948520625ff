"""An allowance from the page where it is given to the question that is one too many."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.test_looks import sideways, violations
from tests.browser.visitor import Visitor

SIZES = [(1440, "light"), (820, "dark"), (390, "light"), (390, "dark")]


def give(visitor: Visitor, limit: str) -> None:
    page = visitor.page
    visitor.go("/admin/quotas")
    page.get_by_label("Who", exact=True).select_option("user")
    page.get_by_label("Username").first.fill("ada")
    page.get_by_label("How much").fill(limit)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It counts from the next question on.")).to_be_visible()


@pytest.fixture
def limited(visitor: Visitor) -> Visitor:
    """Ada may send two messages today, whatever she sent before."""
    give(visitor, "2")
    visitor.go("/admin/quotas?person=ada")
    visitor.page.get_by_role("button", name="Reset now").click()
    expect(visitor.page.get_by_text("Reset: what was used")).to_be_visible()
    return visitor


def test_a_question_too_many_is_kept_and_goes_on_after_a_reset(
    limited: Visitor, visit: Callable[..., Visitor]
) -> None:
    page = limited.page
    limited.go("/chat")
    line = page.locator("#allowance")
    expect(line).to_be_hidden()
    for text in ("fast one", "fast two"):
        limited.ask(text)
        limited.wait_for_end()
    expect(line).to_contain_text("You have used all of your 2 messages a day. More from 00:00 on.")
    limited.ask("fast three")
    toast = page.locator(".toast--bad")
    expect(toast).to_contain_text("You have used all of your 2 messages a day.")
    expect(toast.get_by_role("button", name="See usage")).to_be_visible()
    expect(page.locator('.turn[data-state="failed"]')).to_contain_text("fast three")
    for width, theme in SIZES:
        window = visit(width=width, theme=theme, touch=width == 390)
        window.go("/admin/quotas?person=ada&period=day")
        expect(window.page.locator("meter")).to_have_attribute("value", "100")
        assert violations(window.page) == []
        assert sideways(window.page) == 0
    window.page.get_by_role("button", name="Take away").last.click()
    expect(window.page.get_by_text("The allowance was taken away.")).to_be_visible()
    page.locator("[data-resend]").click()
    expect(limited.answers).to_have_count(3)
    expect(line).to_be_hidden()
