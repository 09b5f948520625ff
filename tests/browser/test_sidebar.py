"""Finding the way: the list of chats, its menu, the drawer of a phone, the back button."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]


def row_of(visitor: Visitor) -> Locator:
    """The row of the chat that is shown."""
    return visitor.page.locator("#chats li", has=visitor.page.locator("a[aria-current]"))


def start_chat(visitor: Visitor, text: str) -> None:
    """A new chat with one short answer, its row in the list."""
    visitor.go("/chat")
    visitor.ask(f"fast {text}")
    visitor.wait_for_end()
    expect(row_of(visitor)).to_have_count(1)


def test_a_new_chat_appears_in_the_list_and_is_marked(visitor: Visitor) -> None:
    start_chat(visitor, "lighthouses")
    expect(row_of(visitor)).to_contain_text("lighthouses")
    expect(visitor.page).to_have_title(re.compile("lighthouses"))


def test_rows_and_the_back_button_move_between_chats_without_a_new_page(visitor: Visitor) -> None:
    start_chat(visitor, "apples")
    first = visitor.path
    visitor.page.evaluate("window.samePage = true")
    visitor.page.get_by_role("link", name="New chat").click()
    expect(visitor.page).to_have_url(re.compile("/chat$"))
    visitor.ask("fast pears")
    visitor.wait_for_end()
    visitor.page.locator("#chats a", has_text="apples").first.click()
    expect(visitor.questions.last).to_contain_text("apples")
    assert visitor.path == first
    expect(row_of(visitor)).to_contain_text("apples")
    visitor.page.go_back()
    expect(visitor.questions.last).to_contain_text("pears")
    expect(row_of(visitor)).to_contain_text("pears")
    expect(visitor.page).to_have_title(re.compile("pears"))
    assert visitor.page.evaluate("window.samePage") is True


def test_a_chat_is_renamed_in_place_and_an_input_method_does_not_end_it(visitor: Visitor) -> None:
    start_chat(visitor, "rename me")
    row = row_of(visitor)
    row.hover()
    row.locator(".row__more").click()
    visitor.page.locator("#row-menu").get_by_role("button", name="Rename").click()
    name = visitor.page.get_by_label("New name")
    expect(name).to_be_focused()
    name.fill("")
    keyboard = visitor.keyboard()
    keyboard.send("Input.imeSetComposition", {"text": "bei fen", "selectionStart": 7, "selectionEnd": 7})
    keyboard.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229}
    )
    keyboard.send("Input.insertText", {"text": "备份"})
    expect(name).to_be_visible()
    visitor.page.wait_for_timeout(80)  # the guard after a composition; a person is slower
    name.press("Enter")
    expect(row).to_contain_text("备份")
    expect(visitor.page.locator("#title")).to_have_text("备份")
    expect(visitor.page).to_have_title("备份")
    visitor.page.reload()
    expect(row_of(visitor)).to_contain_text("备份")


def test_escape_leaves_a_name_as_it_was(visitor: Visitor) -> None:
    start_chat(visitor, "keep my name")
    visitor.page.get_by_role("button", name="Chat actions").click()
    visitor.page.locator("#chat-menu").get_by_role("button", name="Rename").click()
    visitor.page.get_by_label("New name").fill("something else")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#title")).to_contain_text("keep my name")
    visitor.page.reload()
    expect(visitor.page.locator("#title")).to_contain_text("keep my name")


def test_a_deleted_chat_comes_back_by_undo(visitor: Visitor) -> None:
    start_chat(visitor, "delete me")
    path = visitor.path
    visitor.page.get_by_role("button", name="Chat actions").click()
    visitor.page.locator("#chat-menu").get_by_role("button", name="Delete").click()
    expect(visitor.page).to_have_url(re.compile("/chat$"))
    expect(visitor.page.locator("#chats a", has_text="delete me")).to_have_count(0)
    visitor.page.get_by_role("button", name="Undo").click()
    expect(visitor.page.locator("#chats a", has_text="delete me")).to_have_count(1)
    expect(visitor.questions.last).to_contain_text("delete me")
    assert visitor.path == path


def test_the_list_is_live_on_another_device(visit: Visit) -> None:
    desk, other = visit(), visit()
    other.go("/chat")
    start_chat(desk, "from the desk")
    expect(other.page.locator("#chats a", has_text="from the desk")).to_have_count(1)


def test_the_drawer_of_a_phone_opens_closes_and_returns_focus(visit: Visit) -> None:
    start_chat(visit(), "to be opened on the phone")
    phone = visit(width=390, height=844, touch=True)
    phone.go("/chat")
    opener = phone.page.get_by_role("button", name="Open the sidebar")
    expect(phone.page.locator("#side")).not_to_be_visible()
    opener.tap()
    expect(phone.page.locator("#side")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator("#side")).not_to_be_visible()
    expect(opener).to_be_focused()
    opener.tap()
    phone.page.locator("#chats a", has_text="to be opened on the phone").tap()
    expect(phone.page.locator("#side")).not_to_be_visible()
    expect(phone.questions).to_contain_text("to be opened on the phone")


def test_the_model_picker_is_a_sheet_on_a_phone(visit: Visit) -> None:
    phone = visit(width=390, height=844, touch=True)
    phone.page.emulate_media(reduced_motion="reduce")
    phone.go("/chat")
    phone.page.locator(".model").tap()
    sheet = phone.page.locator("#models")
    expect(sheet).to_be_visible()
    box = sheet.bounding_box()
    assert box is not None
    assert box["width"] == 390
    assert abs(box["y"] + box["height"] - 844) < 1


def test_being_offline_is_said_and_ends_by_itself(visitor: Visitor) -> None:
    bar = visitor.page.locator("#connection")
    expect(bar).not_to_be_visible()
    visitor.context.set_offline(True)
    expect(bar).to_contain_text("You are offline")
    visitor.context.set_offline(False)
    expect(bar).not_to_be_visible()


def test_a_window_whose_sign_in_ended_elsewhere_says_so_instead_of_trying_for_ever(visit: Visit) -> None:
    window = visit(signed_in=False)
    window.go("/login?next=/chat")
    window.page.get_by_label("Username").fill("ada")
    window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    window.page.get_by_role("button", name="Sign in").click()
    window.ask("long story")
    window.wait_for_first_words()
    other = window.context.new_page()
    other.goto(window.workspace.url + "/chat")
    other.locator("form[data-forget]").evaluate("form => form.submit()")
    expect(window.page).to_have_url(re.compile("/login"))


def test_a_very_long_name_pushes_nothing_off_a_phone(visit: Visit) -> None:
    desk = visit()
    start_chat(desk, "名" * 60)
    phone = visit(width=390, height=844, touch=True)
    phone.go(desk.path)
    title = phone.page.locator(".bar .title").bounding_box()
    theme = phone.page.locator(".bar__end").bounding_box()
    assert title is not None
    assert theme is not None
    assert title["x"] + title["width"] <= theme["x"]
