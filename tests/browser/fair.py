"""What every page owes its readers, whatever they do on it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.test_looks import sideways, violations


def fair(page: Page) -> bool:
    """Nothing is held against the page, in either theme, and it is no wider than its window."""
    theme = page.locator("html").get_attribute("data-theme")
    for each in ("light", "dark", theme):
        page.locator("html").evaluate("(html, theme) => { html.dataset.theme = theme; }", each)
        assert each == theme or violations(page) == [], each
    assert sideways(page) == 0
    return True
