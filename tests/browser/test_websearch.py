"""An administrator enters the key of a search engine, turns it on and sees what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.test_looks import violations
from tests.browser.visitor import Visitor
from tests.upstream.engines import KEY, Engines, engines


@pytest.fixture(scope="module")
def fakes() -> Iterator[Engines]:
    with engines() as running:
        yield running


def test_an_engine_is_set_up_and_tried(visit: Callable[..., Visitor], fakes: Engines) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/admin/search")
    card = page.locator("#engine-tavily")
    card.locator("summary").click()
    card.get_by_label("Key").fill(KEY)
    card.get_by_label("Address").fill(fakes.url_of("tavily"))
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text(f"••••{KEY[-4:]}")
    card.get_by_role("button", name="Turn on").click()
    expect(card).to_contain_text("not tested")
    page.get_by_label("Search for").fill("ferry")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#test").get_by_role("link", name="Ferries & tavily")).to_be_visible()
    expect(card).to_contain_text("works, ")
    assert KEY not in page.content()
    assert violations(page) == []
    card.get_by_role("button", name="Turn off").click()  # the next test finds none on
    expect(page.get_by_text("No engine is on yet.")).to_be_visible()
