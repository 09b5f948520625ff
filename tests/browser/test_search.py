"""Finding what was said: typed, composed, by keyboard, on a phone, without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitor import PATIENCE, Visitor

Visit = Callable[..., Visitor]


def said_and_indexed(visitor: Visitor) -> str:
    """A chat about walruses and 企鹅, found by the worker's index; its address."""
    visitor.go("/chat")
    visitor.ask("fast Tell me about walruses 企鹅住在南极")
    visitor.wait_for_end()
    visitor.ask("fast and then something else")
    visitor.wait_for_end()
    chat = visitor.path
    visitor.page.get_by_role("link", name="Search chats").click()
    expect(visitor.page.locator("#q")).to_be_focused()
    visitor.page.wait_for_function(
        "async root => (await (await fetch(root)).text()).includes('<mark>')",
        arg="/f/search?q=南极&role=user",
        timeout=PATIENCE,
    )
    return chat


def test_english_and_chinese_are_found_as_they_are_typed_and_open_at_the_turn(visitor: Visitor) -> None:
    chat = said_and_indexed(visitor)
    page, results = visitor.page, visitor.page.locator("#results")
    page.locator("#q").press_sequentially("walrus")
    mine = results.locator("li a", has=page.locator("b", has_text=re.compile("^You$")))
    expect(mine.locator("mark").first).to_have_text("walruses")
    expect(page).to_have_url(re.compile(r"/search\?q=walrus$"))
    page.locator("#q").fill("")
    expect(results).to_contain_text("Find anything")

    keyboard = visitor.keyboard()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    keyboard.send("Input.imeSetComposition", {"text": "qi'e", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(400)
    assert [url for url in asked if "/f/search" in url] == []  # nothing is looked for while composing
    keyboard.send("Input.insertText", {"text": "企鹅"})
    expect(results.locator("li mark").first).to_have_text("企鹅")
    page.keyboard.press("ArrowDown")
    expect(results.locator("h2 a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    mine.first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(chat) + r"\?at=\d+"))
    expect(visitor.questions.first).to_be_in_viewport()
    expect(visitor.questions.first).to_contain_text("walruses")


def test_filters_narrow_it_and_nothing_found_says_what_to_try(visitor: Visitor) -> None:
    said_and_indexed(visitor)
    page, results = visitor.page, visitor.page.locator("#results")
    page.locator("#q").fill("企鹅")
    expect(results.locator("mark").first).to_be_visible()
    page.get_by_text("Filters").click()
    page.get_by_label("Only pinned chats").check()
    expect(results.get_by_role("heading", name="Nothing found for “企鹅”")).to_be_visible()
    results.get_by_role("link", name="Search without the filters.").click()
    expect(results.locator("mark").first).to_be_visible()
    assert page.evaluate("new URLSearchParams(location.search).get('q')") == "企鹅"


def test_a_page_on_which_nothing_fits_goes_on_by_itself(visitor: Visitor) -> None:
    said_and_indexed(visitor)
    page, results = visitor.page, visitor.page.locator("#results")
    nothing = '<p class="found__next"><a href="/search?q=x" data-more="{}">Older</a></p>'
    last = "/f/search?q=企鹅&before=999999999999999999"
    for query, more in (("first", "/f/search?q=second"), ("second", last)):
        html = nothing.format(more)
        page.route(f"**/f/search?q={query}", lambda route, _, html=html: route.fulfill(body=html))
    page.locator("#q").fill("first")
    expect(results.locator("mark").first).to_have_text("企鹅")


def test_a_phone_has_it_too_and_the_keyboard_alone(visit: Visit) -> None:
    phone = visit(width=390, height=780, touch=True)
    said = visit()
    said_and_indexed(said)
    phone.go("/search?q=企鹅")
    expect(phone.page.locator("#results mark").first).to_be_visible()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    place = phone.page.locator("#results li a").first
    assert place.evaluate("link => link.getBoundingClientRect().height") >= 44
    place.tap()
    expect(phone.page).to_have_url(re.compile(r"/chat/\d+\?at="))
    said.page.keyboard.press("Control+Shift+F")
    expect(said.page.locator("#q")).to_be_focused()
