"""The palette, the keys, preferences: what works on every page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def finished_chat(visitor: Visitor, text: str = "fast") -> str:
    """A chat with one answer; its address."""
    visitor.ask(text)
    visitor.wait_for_end()
    return visitor.path


def test_the_palette_finds_chats_pages_and_actions(visitor: Visitor) -> None:  # ux.md 54
    page = visitor.page
    path = finished_chat(visitor, "fast pelican notes")
    visitor.go("/account/sessions")
    page.get_by_role("link", name="Change your password").focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find or do anything")
    expect(field).to_be_focused()
    field.fill("pelican")
    expect(page.get_by_role("option", selected=True)).to_have_text("fast pelican notes")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    field.fill("connec")
    expect(page.get_by_role("option", name="Connections", exact=True)).to_be_visible()
    field.fill("dark")
    expect(page.get_by_role("option", selected=True)).to_have_text("Theme: dark")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text("Search all chats for “dark”")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#palette")).to_have_count(0)


def test_esc_closes_the_palette_and_gives_the_focus_back(visitor: Visitor) -> None:
    page = visitor.page
    visitor.box.fill("a thought")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find or do anything")
    expect(field).to_be_focused()
    visitor.keyboard().send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})  # takes a word of the input method
    field.dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    expect(page.locator("#palette[open]")).to_have_count(1)
    visitor.keyboard().send("Input.insertText", {"text": "你"})
    page.wait_for_timeout(100)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_have_count(0)
    expect(visitor.box).to_be_focused()
    expect(visitor.box).to_have_value("a thought")


FOCUSED = "document.activeElement.closest('.turn')?.getAttribute('aria-label') ?? document.activeElement.id"

# The caps of the list, what is pressed, and what is true after (as the page's own words).
KEYS: dict[str, tuple[str, str]] = {
    "Ctrl K": ("Control+k", "!!document.querySelector('#palette[open]')"),
    "Ctrl Shift O": ("Control+Shift+O", "location.pathname === '/chat'"),
    "Ctrl Shift F": ("Control+Shift+F", "location.pathname === '/search'"),
    "Ctrl B": ("Control+b", "document.documentElement.dataset.side === 'off'"),
    "Ctrl /": ("Control+/", "!!document.querySelector('#keys[open]')"),
    "?": ("Shift+?", "!!document.querySelector('#keys[open]')"),
    "Esc": ("Escape", "!document.querySelector('[popover]:popover-open')"),
    "Enter": ("Enter", "document.querySelectorAll('#turns .turn--you').length === 2"),
    "Shift Enter": ("Shift+Enter", "document.querySelector('#ask').value === 'one\\n'"),
    "↑": ("ArrowUp", "document.activeElement.closest('.turn--you textarea') !== null"),
    "Alt ↑": ("Alt+ArrowUp", f"({FOCUSED}) === 'Assistant'"),
    "Alt ↓": ("Alt+ArrowDown", f"({FOCUSED}) === 'Assistant'"),
    "End": ("End", "document.querySelector('#latest').hasAttribute('data-at-end')"),
    "Ctrl Shift C": ("Control+Shift+C", "document.querySelector('#say').textContent === 'Copied'"),
}
BEFORE: dict[str, Callable[[Page], object]] = {
    "?": lambda page: page.locator("#log").focus(),
    "Esc": lambda page: (
        page.get_by_role("button", name="Your account").or_(page.locator(".who")).first.click()
    ),
    "Enter": lambda page: page.locator("#ask").fill("fast again"),
    "Shift Enter": lambda page: page.locator("#ask").fill("one"),
    "Alt ↓": lambda page: page.locator("#turns .turn--you").first.evaluate(
        "t => { t.tabIndex = -1; t.focus(); }"
    ),
    "End": lambda page: page.locator("#log").focus(),
}


def test_every_key_of_the_list_works(visitor: Visitor) -> None:  # ux.md 55
    path = finished_chat(visitor)
    page = visitor.page
    visitor.go("/keys")
    listed = [" ".join(caps.split()) for caps in page.locator(".keys dd").evaluate_all(
        "all => all.map(dd => [...dd.children].map(kbd => kbd.textContent).join(' '))"
    )]  # fmt: skip
    assert set(listed) == set(KEYS)
    for caps in listed:
        key, holds = KEYS[caps]
        visitor.go(path)
        expect(visitor.box).to_be_focused()
        visitor.box.fill("")  # the draft that an earlier key left
        if caps in BEFORE:
            BEFORE[caps](page)
        page.keyboard.press(key)
        page.wait_for_function(f"() => {holds}")
        if caps == "Ctrl B":
            page.get_by_role("button", name="Open the sidebar").click()
            expect(page.locator("#side")).to_be_visible()


def test_a_question_mark_in_a_text_is_only_that(visitor: Visitor) -> None:
    visitor.box.press("Shift+?")
    expect(visitor.box).to_have_value("?")
    expect(visitor.page.locator("#keys")).to_have_count(0)


def save_preferences(visitor: Visitor, **choices: str) -> None:
    """Choose and save as a person would; the switches named "off" are taken back."""
    visitor.go("/account/preferences")
    for name, wish in choices.items():
        control = visitor.page.locator(f'[name="{name}"]')
        if wish in ("on", "off"):
            control.set_checked(wish == "on")
        else:
            visitor.page.locator(f'[name="{name}"][value="{wish}"]').check()
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.get_by_text("Saved.")).to_be_visible()


@pytest.fixture
def as_before(visitor: Visitor) -> object:
    """The administrator of all modules goes back to the defaults."""
    yield
    save_preferences(visitor, enter="send", density="comfortable", reasoning="on", notify="off", aloud="off")


@pytest.mark.usefixtures("as_before")
def test_preferences_change_how_the_pages_behave(visitor: Visitor) -> None:
    page = visitor.page
    visitor.context.grant_permissions(["notifications"])
    save_preferences(visitor, enter="ctrl", density="snug", reasoning="off", notify="on", aloud="on")
    visitor.go("/chat")
    expect(page.locator("html")).to_have_attribute("data-density", "snug")
    visitor.box.fill("fast")
    visitor.box.press("Enter")
    expect(visitor.box).to_have_value("fast\n")
    expect(visitor.questions).to_have_count(0)
    visitor.box.press("Control+Enter")
    visitor.wait_for_end()
    expect(visitor.questions).to_have_count(1)


def test_the_switch_for_notifications_says_when_they_are_refused(visitor: Visitor) -> None:
    visitor.page.add_init_script("Notification.requestPermission = async () => 'denied'")
    with visitor.page.expect_response("**/features/notify.js"):
        visitor.go("/account/preferences")
    visitor.page.locator('[name="notify"]').click()
    expect(visitor.page.get_by_text("Your browser does not allow notifications")).to_be_visible()
    expect(visitor.page.locator('[name="notify"]')).not_to_be_checked()


@pytest.mark.usefixtures("as_before")
def test_an_answer_that_ends_out_of_sight_marks_title_and_icon_and_tells(visitor: Visitor) -> None:
    page = visitor.page
    visitor.context.grant_permissions(["notifications"])
    save_preferences(visitor, notify="on")
    page.add_init_script(
        "window.told = []; window.Notification = class extends EventTarget {"
        " constructor(title, wishes) { super(); told.push([title, wishes.body]); }"
        " static permission = 'granted'; }"
    )
    visitor.go("/chat")
    visitor.ask("quick words")
    visitor.wait_for_first_words()
    hide = "Object.defineProperty(document, '{0}', {{ configurable: true, get: () => {1} }});"
    page.evaluate(hide.format("hidden", "true") + hide.format("visibilityState", "'hidden'"))
    page.wait_for_function("() => document.title.startsWith('● ')", timeout=30_000)
    assert "favicon-done" in str(page.locator('link[rel="icon"]').get_attribute("href"))
    page.wait_for_function("() => told.length === 1")
    assert page.evaluate("told[0][1]") == "The answer is complete."
    page.evaluate(hide.format("hidden", "false") + "document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => !document.title.startsWith('● ')")
    assert "favicon-done" not in str(page.locator('link[rel="icon"]').get_attribute("href"))


@pytest.mark.usefixtures("as_before")
def test_finished_sentences_are_read_only_while_the_reader_is_at_the_chat(visitor: Visitor) -> None:
    page = visitor.page
    save_preferences(visitor, aloud="on")
    visitor.go("/chat")
    with page.expect_response("**/features/aloud.js"):
        page.clock.install()
        visitor.ask("long words")
        visitor.wait_for_first_words()
    expect(visitor.answer).to_contain_text("What you are looking at")
    expect(visitor.box).to_be_focused()
    page.clock.fast_forward(4100)
    expect(page.locator("#say")).to_contain_text("a script answers, not a model.")
    page.get_by_role("button", name="Stop answering").click()
    visitor.wait_for_end()
    expect(page.locator("#say")).to_contain_text("The answer is complete.")
