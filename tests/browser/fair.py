"""What every page owes its readers, whatever they do on it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.test_looks import sideways, violations

WEAR = """async (html, theme) => { html.dataset.theme = theme;
  for (const _frame of [1, 2]) await new Promise(requestAnimationFrame); }"""


def fair(page: Page) -> bool:
    """Nothing is held against the page, in either theme, and it is no wider than its window."""
    html = page.locator("html")
    theme = html.get_attribute("data-theme")
    found = {}
    for each in ("light", "dark"):
        html.evaluate(WEAR, each)
        found[each] = violations(page)
    html.evaluate(WEAR, theme)
    assert found == {"light": [], "dark": []}
    assert sideways(page) == 0
    return True
