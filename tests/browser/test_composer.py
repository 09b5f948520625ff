"""Writing and sending: Enter, input methods, drafts, and messages that did not get through."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import PASSWORD, Held, Visitor

Visit = Callable[..., Visitor]

COMPOSE_LIKE_SAFARI = """field => {
  field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
  field.value = '你好';
  field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '你好' }));
  const enter = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent('keydown', enter));
}"""


def commit_composition(visitor: Visitor, latin: str, chinese: str) -> None:
    """Type `latin` with an input method and press Enter, which chooses `chinese`, as Chrome reports it."""
    keyboard = visitor.keyboard()
    keyboard.send(
        "Input.imeSetComposition", {"text": latin, "selectionStart": len(latin), "selectionEnd": len(latin)}
    )
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.insertText", {"text": chinese})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})


def sign_in(window: Visitor) -> None:
    """On the page that asks for it."""
    window.page.get_by_label("Username").fill("ada")
    window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    window.page.get_by_role("button", name="Sign in").click()
    expect(window.box).to_be_visible()


def test_a_new_chat_is_ready_to_type_at_a_desk_and_opens_no_keyboard_on_a_phone(visit: Visit) -> None:
    desk, phone = visit(), visit(width=390, height=844, touch=True)
    desk.go("/chat")
    expect(desk.box).to_be_focused()
    phone.go("/chat")
    expect(phone.box).to_be_visible()
    expect(phone.box).not_to_be_focused()


def test_enter_sends_one_message_and_shift_enter_makes_a_line(visitor: Visitor) -> None:
    visitor.box.fill("fast one")
    visitor.box.press("Shift+Enter")
    visitor.page.keyboard.type("two")
    expect(visitor.questions).to_have_count(0)
    visitor.box.press("Enter")
    visitor.wait_for_end()
    expect(visitor.questions).to_have_count(1)
    assert visitor.questions.locator(".say").inner_text() == "fast one\ntwo"
    expect(visitor.box).to_have_value("")


def test_the_enter_of_an_input_method_never_sends(visitor: Visitor) -> None:
    commit_composition(visitor, "ni hao", "你好")
    expect(visitor.box).to_have_value("你好")
    expect(visitor.questions).to_have_count(0)
    visitor.page.wait_for_timeout(80)  # the guard after a composition; a person is slower
    visitor.box.press("Enter")
    expect(visitor.questions).to_have_count(1)


def test_the_enter_that_safari_reports_after_a_composition_never_sends(visitor: Visitor) -> None:
    visitor.box.evaluate(COMPOSE_LIKE_SAFARI)
    expect(visitor.questions).to_have_count(0)
    expect(visitor.box).to_have_value("你好")


def test_my_message_is_on_the_page_at_once_on_a_slow_network(visitor: Visitor) -> None:
    held = Held(visitor.page, "**/chat")
    visitor.box.fill("fast hello")
    shown = visitor.box.evaluate(
        """async field => {
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        await new Promise(requestAnimationFrame);
        return document.querySelector('#turns .say') !== null; }"""
    )
    assert shown
    expect(visitor.questions.last).to_have_attribute("data-state", "sending")
    held.take().continue_()
    visitor.wait_for_end()
    expect(visitor.page.locator("[data-state]")).to_have_count(0)


def test_two_fast_enters_send_once(visitor: Visitor) -> None:
    visitor.box.fill("fast once")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_end()
    visitor.page.reload()
    expect(visitor.questions).to_have_count(1)


def test_a_draft_survives_a_reload_and_belongs_to_its_chat(visitor: Visitor) -> None:
    visitor.ask("fast first chat")
    visitor.wait_for_end()
    visitor.box.fill("half a thought")
    visitor.page.wait_for_timeout(400)  # drafts are kept 300 ms after the last key
    visitor.page.get_by_role("link", name="New chat").click()
    expect(visitor.answers).to_have_count(0)
    expect(visitor.box).to_have_value("")
    visitor.page.go_back()
    expect(visitor.box).to_have_value("half a thought")
    visitor.page.reload()
    expect(visitor.box).to_have_value("half a thought")


def test_a_message_that_did_not_get_through_is_kept_and_sent_once(visitor: Visitor) -> None:
    visitor.ask("fast first")
    visitor.wait_for_end()
    visitor.page.route("**/turns", lambda route: route.abort())
    visitor.ask("fast second")
    expect(visitor.questions.last).to_have_attribute("data-state", "failed")
    expect(visitor.questions.last).to_contain_text("Not sent")
    visitor.page.reload()
    expect(visitor.questions.last).to_contain_text("Not sent")
    visitor.page.unroute_all()
    visitor.questions.last.get_by_role("button", name="Retry").click()
    expect(visitor.answers).to_have_count(2)
    visitor.wait_for_end()
    visitor.page.reload()
    expect(visitor.questions).to_have_count(2)
    expect(visitor.page.locator("[data-state]")).to_have_count(0)


def test_a_lost_answer_to_a_send_makes_no_second_message(visitor: Visitor) -> None:
    visitor.ask("fast first")
    visitor.wait_for_end()
    held = Held(visitor.page, "**/turns")
    visitor.ask("fast second")
    expect(visitor.questions.last).to_have_attribute("data-state", "sending")
    sent = held.take()
    sent.fetch()
    sent.abort()
    expect(visitor.answers).to_have_count(2)  # the news of the stored message brings it
    expect(visitor.page.locator("[data-state]")).to_have_count(0)
    visitor.wait_for_end()
    visitor.page.reload()
    expect(visitor.questions).to_have_count(2)
    expect(visitor.answers).to_have_count(2)


def test_a_failed_message_can_go_back_to_the_composer(page: Page, visitor: Visitor) -> None:
    page.route(
        "**/chat", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    visitor.ask("not like this")
    visitor.questions.last.get_by_role("button", name="Edit").click()
    expect(visitor.box).to_have_value("not like this")
    expect(visitor.box).to_be_focused()
    expect(visitor.questions).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_composer_grows_to_two_fifths_of_the_window_and_then_scrolls(visit: Visit, width: int) -> None:
    window = visit(width=width)
    window.go("/chat")
    short = window.box.bounding_box()
    window.box.fill("line\n" * 40)
    tall = window.box.bounding_box()
    assert short is not None
    assert tall is not None
    assert short["height"] < tall["height"] <= 0.4 * 900 + 1


CROWDED = """() => {
  document.querySelector("#thinking").hidden = false;
  const row = [...document.querySelectorAll(".composer__row > *")].filter(each => each.offsetWidth > 1);
  const box = each => each.getBoundingClientRect();
  const is_crowded = (each, at) => box(each).width < 40 || box(each).left < 0 || box(each).right > innerWidth
    || each.scrollWidth > each.clientWidth || at && box(each).left < box(row[at - 1]).right - 1;
  return [row.length, row.filter(is_crowded).map(each => each.className)];
}"""


@pytest.mark.parametrize("width", [320, 390])
def test_all_that_may_stand_in_the_row_of_the_composer_fits_a_phone(visit: Visit, width: int) -> None:
    phone = visit(width=width, height=700, touch=True)
    phone.go("/chat")
    phone.box.fill("fast and short")
    phone.page.get_by_role("button", name="Send").tap()
    phone.wait_for_end()
    expect(phone.page.locator("#gauge")).to_be_visible()
    assert phone.page.evaluate(CROWDED) == [6, []]  # plus, camera, effort, trace, gauge, send


def test_signing_out_leaves_no_draft_behind(visit: Visit) -> None:
    window = visit(signed_in=False)
    window.go("/login?next=/chat")
    sign_in(window)
    window.box.fill("a secret")
    window.page.wait_for_timeout(400)  # drafts are kept 300 ms after the last key
    window.page.get_by_role("button", name="ada").click()
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert window.page.evaluate("Object.keys(localStorage).filter(key => key.includes('draft'))") == []


def test_a_refused_message_is_kept_and_the_reason_is_said(visitor: Visitor) -> None:
    visitor.box.fill("x" * 200_001)
    visitor.box.press("Enter")
    expect(visitor.questions.last).to_contain_text("Not sent")
    expect(visitor.page.get_by_role("alert").filter(has_text="A message has at most")).to_be_visible()


def test_a_session_that_ended_keeps_the_message_and_offers_to_sign_in(visit: Visit) -> None:
    window = visit()
    window.go("/chat")
    window.context.clear_cookies()
    window.ask("do not lose me")
    expect(window.questions.last).to_contain_text("Not sent")
    window.page.locator("#toasts button").click()
    sign_in(window)
    expect(window.questions.last).to_contain_text("do not lose me")
    expect(window.questions.last).to_contain_text("Not sent")
