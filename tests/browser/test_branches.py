"""Versions of questions and answers: nothing is lost, and the way back is two presses."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def asked(visitor: Visitor, text: str) -> None:
    """Ask and wait for the whole answer."""
    before = visitor.answers.count()
    visitor.ask(text)
    expect(visitor.answers).to_have_count(before + 1)
    visitor.wait_for_end()


def pager(turn: Locator) -> Locator:
    """The versions of a turn."""
    return turn.get_by_role("group", name="Versions")


def open_menu(visitor: Visitor, turn: Locator) -> Locator:
    """The menu of a message, opened by keyboard."""
    turn.get_by_role("link", name="More actions").press("Enter")
    menu = visitor.page.locator("#turn-menu")
    expect(menu.locator(".menu__item").first).to_be_visible()
    return menu


def test_an_edited_question_is_another_version_and_both_stay(visitor: Visitor) -> None:
    visitor.go("/chat")
    asked(visitor, "fast first")
    asked(visitor, "fast second")
    visitor.box.press("ArrowUp")  # in an empty composer: the last question
    editor = visitor.questions.last.get_by_label("Your message")
    expect(editor).to_be_focused()
    editor.press("Escape")
    expect(editor).to_have_count(0)
    expect(visitor.questions.last.locator(".say")).to_have_text("fast second")

    visitor.questions.first.get_by_role("link", name="Edit").press("Enter")
    editor = visitor.questions.first.get_by_label("Your message")
    editor.fill("fast other")
    editor.press("Enter")
    expect(visitor.questions).to_have_count(1)
    expect(pager(visitor.questions.first)).to_contain_text("2 / 2")
    visitor.wait_for_end()

    pager(visitor.questions.first).get_by_role("button", name="Previous version").press("Enter")
    expect(visitor.questions).to_have_count(2)
    expect(pager(visitor.questions.first).get_by_role("button", name="Previous version")).to_be_focused()
    expect(visitor.questions.last.locator(".say")).to_have_text("fast second")
    visitor.page.reload()
    expect(visitor.questions.last.locator(".say")).to_have_text("fast second")
    pager(visitor.questions.first).get_by_role("button", name="Next version").press("Enter")
    expect(visitor.questions).to_have_count(1)
    expect(visitor.questions.first.locator(".say")).to_have_text("fast other")


def test_an_answer_asked_for_again_keeps_the_first(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/chat")
    asked(visitor, "fast again")
    path = visitor.path
    visitor.answers.last.get_by_role("button", name="Answer again").press("Enter")
    expect(pager(visitor.answers.last)).to_contain_text("2 / 2")
    visitor.wait_for_end()
    other = visit()
    other.go(path)
    expect(pager(other.answers.last)).to_contain_text("2 / 2")

    open_menu(visitor, visitor.answers.last).get_by_role("button", name="Shorter").press("Enter")
    expect(pager(visitor.answers.last)).to_contain_text("3 / 3")
    visitor.wait_for_end()
    expect(visitor.answers.last.locator(".acts")).to_contain_text("Shorter")
    open_menu(visitor, visitor.answers.last).get_by_role("link", name="With another model").press("Enter")
    visitor.page.locator("#turn-menu").get_by_role("button", name="Demo model").press("Enter")
    expect(pager(visitor.answers.last)).to_contain_text("4 / 4")
    visitor.wait_for_end()
    expect(pager(other.answers.last)).to_contain_text("4 / 4")

    asked(visitor, "fast further")
    for n in (3, 2, 1):
        pager(visitor.answers.first).get_by_role("button", name="Previous version").press("Enter")
        expect(pager(visitor.answers.first)).to_contain_text(f"{n} / 4")
    expect(visitor.questions).to_have_count(1)
    expect(other.questions).to_have_count(1)  # the other window follows
    expect(pager(other.answers.first)).to_contain_text("1 / 4")


def test_a_running_answer_goes_on_while_another_version_is_read(visitor: Visitor) -> None:
    visitor.go("/chat")
    asked(visitor, "fast short")
    visitor.questions.last.get_by_role("link", name="Edit").click()
    editor = visitor.questions.last.get_by_label("Your message")
    editor.fill("long story")
    editor.press("Control+Enter")
    visitor.wait_for_first_words()
    pager(visitor.questions.last).get_by_role("button", name="Previous version").click()
    expect(visitor.page.locator("#turns [aria-busy]")).to_have_count(0)
    expect(visitor.page.locator("#composer")).not_to_have_attribute("data-running", "")
    pager(visitor.questions.last).get_by_role("button", name="Next version").click()
    expect(visitor.answers.last).to_have_attribute("aria-busy", "true")
    size = len(visitor.text_of_answer())
    visitor.page.wait_for_function(
        f"() => document.querySelector('#turns .turn--ai:last-child .prose').textContent.length > {size + 20}"
    )
    visitor.page.locator("#stop").click()
    visitor.wait_for_end()


def test_a_chat_branches_off_and_leads_back(visitor: Visitor) -> None:
    visitor.go("/chat")
    asked(visitor, "fast origin")
    asked(visitor, "fast later")
    path = visitor.path
    open_menu(visitor, visitor.answers.first).get_by_role("button", name="Branch from here").press("Enter")
    visitor.page.wait_for_url(lambda url: not url.endswith(path))
    expect(visitor.questions).to_have_count(1)
    expect(visitor.answers.last.locator(".prose")).to_be_visible()
    asked(visitor, "fast onwards")
    visitor.page.locator(".origin a").click()
    visitor.page.wait_for_url(lambda url: path in url)
    expect(visitor.questions).to_have_count(2)


def test_a_deleted_message_takes_what_follows_and_comes_back(visitor: Visitor) -> None:
    visitor.go("/chat")
    asked(visitor, "fast one")
    asked(visitor, "fast two")
    open_menu(visitor, visitor.answers.first).get_by_role("button", name="Delete from here on").press("Enter")
    toast = visitor.page.locator(".toast")
    expect(toast).to_contain_text("3 messages deleted.")
    expect(visitor.questions).to_have_count(1)
    expect(visitor.answers).to_have_count(0)
    toast.get_by_role("button", name="Undo").press("Enter")
    expect(visitor.answers).to_have_count(2)
    visitor.page.reload()
    expect(visitor.answers).to_have_count(2)


def test_an_answer_is_copied_quoted_rated_and_explained(visitor: Visitor) -> None:
    visitor.go("/chat")
    asked(visitor, "fast words")
    open_menu(visitor, visitor.answers.last).get_by_role("button", name="Markdown").press("Enter")
    source = visitor.page.locator("template[data-source]").last.evaluate("each => each.content.textContent")
    copied = "() => navigator.clipboard.readText()"
    assert visitor.page.evaluate(copied) == source
    open_menu(visitor, visitor.answers.last).get_by_role("button", name="Text", exact=True).press("Enter")
    visitor.page.wait_for_function("async was => (await navigator.clipboard.readText()) !== was", arg=source)
    assert "**" not in visitor.page.evaluate(copied)
    open_menu(visitor, visitor.answers.last).get_by_role("button", name="Quote").press("Enter")
    expect(visitor.box).to_be_focused()
    assert visitor.box.input_value().startswith("> ")
    visitor.box.fill("")

    open_menu(visitor, visitor.answers.last).get_by_role("link", name="Rate this answer").press("Enter")
    panel = visitor.page.locator("#panel")
    panel.get_by_label("bad").check()
    panel.get_by_label("Comment").fill("Too long.")
    panel.get_by_role("button", name="Save").press("Enter")
    expect(visitor.answers.last.get_by_role("link", name="You rated this answer: bad")).to_be_visible()
    open_menu(visitor, visitor.answers.last).get_by_role("link", name="Why this answer?").press("Enter")
    expect(panel.locator("dl")).to_contain_text("Demo model")
    visitor.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
