"""A trace from the switch beside the message to the saved text."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_looks import violations
from tests.browser.visitor import Visitor


def test_a_trace_is_asked_for_read_and_saved(visitor: Visitor) -> None:
    page = visitor.page
    switch = page.get_by_role("checkbox", name="Trace")
    switch.check()
    visitor.ask("fast walk through the garden")
    visitor.wait_for_end()
    expect(switch).not_to_be_checked()
    visitor.answers.last.hover()
    visitor.answers.last.get_by_label("More actions").click()
    page.get_by_role("link", name="Why this answer?").click()
    page.get_by_role("link", name="Show the trace").click()
    steps = page.locator(".fall__row")
    expect(steps.filter(has_text="The answer is complete.")).to_have_count(1)
    step = steps.filter(has_text="What the model gets was put together")
    step.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(step.locator("pre")).to_contain_text('"messages": 1')
    assert violations(page) == []
    with page.expect_download() as saved:
        page.get_by_role("link", name="TXT").click()
    assert "The answer is complete." in Path(saved.value.path()).read_text()
    visitor.go("/traces?q=garden")
    expect(page.locator(".traces__title")).to_have_text(["fast walk through the garden"])
    assert violations(page) == []
    visitor.go("/traces?q=desert")
    expect(page.get_by_text("No trace is like that.")).to_be_visible()
