"""The pages of usage in a real browser: charts in both themes, their tables, filters by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.fair import WEAR
from tests.browser.test_branches import asked
from tests.browser.test_looks import sideways, violations
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
INK = """() => { const it = document.querySelector('[data-chart="tokens"] canvas');
  const dots = it.getContext('2d').getImageData(0, 0, it.width, it.height).data;
  const seen = new Set();
  for (let at = 0; at < dots.length; at += 4)
    if (dots[at + 3] > 250) seen.add(dots.slice(at, at + 3).join());
  return [...seen]; }"""


def drawn(page: Page) -> set[str]:
    """The colours of the first chart, once it is there."""
    expect(page.locator("[data-charts][data-drawn]")).to_be_attached()
    page.wait_for_function(f"({INK})().length > 3")
    return set(page.evaluate(INK))


def test_what_was_used_is_drawn_in_both_themes_and_told_in_tables(visitor: Visitor) -> None:
    asked(visitor, "fast gulls")
    asked(visitor, "fast terns")
    page = visitor.page
    visitor.go("/usage?days=7")
    html = page.locator("html")
    html.evaluate(WEAR, "light")
    light = drawn(page)
    expect(page.locator(".figures dd").nth(2)).not_to_have_text("0")
    assert violations(page) == []
    html.evaluate(WEAR, "dark")
    page.wait_for_function(f"known => !({INK})().every((each) => known.includes(each))", arg=sorted(light))
    assert violations(page) == []

    days = page.get_by_role("region", name="Tokens by day")
    days.locator("summary").press("Enter")
    expect(days.get_by_role("cell").first).to_be_visible()
    chart = page.locator('[data-chart="tokens"]')
    chart.hover()  # the words of a tooltip are drawn, not styled: the policy of contents refuses nothing

    page.get_by_label("From").fill("2001-01-01")
    page.get_by_label("To", exact=True).fill("2001-01-07")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="No usage in this period")).to_be_visible()
    assert "from=2001-01-01" in page.url


def test_everybodys_usage_on_a_phone_and_as_a_file(visit: Visit) -> None:
    window = visit(width=390, touch=True, lang="zh")
    window.go("/admin/usage")
    page = window.page
    drawn(page)
    assert sideways(page) <= 0
    with page.expect_download() as file:
        page.locator("a[download]").click()
    assert file.value.suggested_filename == "parley-usage.csv"
    assert page.evaluate(
        "[...document.querySelectorAll('.asking a')].every((each) => each.offsetHeight >= 44)"
    )
