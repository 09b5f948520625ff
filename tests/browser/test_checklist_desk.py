"""Lines of docs/checklist.md about one person at a desk: the keyboard alone, other fields, files, copies."""

from __future__ import annotations

import base64
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_branches import asked, open_menu
from tests.browser.test_images import COPY, DROP
from tests.browser.visitor import PASSWORD, Held, Visitor
from tests.unit.files.drawings import picture

Visit = Callable[..., Visitor]
# The element that has the focus is seen to have it: by an outline, or by what stands around it.
UNSEEN = """() => { const e = document.activeElement;
  if (e === document.body) return '';
  const rings = one => { const s = getComputedStyle(one);
    return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'; };
  let one = e; for (let up = 0; one && up < 3; up++, one = one.parentElement) if (rings(one)) return '';
  return e.outerHTML.slice(0, 120); }"""
COMMIT = """field => { field.dispatchEvent(new KeyboardEvent('keydown',
  { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true })); }"""


def tab_to(page: Page, target: str) -> None:
    """Press Tab until an element of this selector has the focus; every stop on the way must be seen."""
    for _ in range(400):  # two for each chat others left in the list
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) == ""
        if page.evaluate("target => document.activeElement.matches(target)", target):
            return
    raise AssertionError(f"Tab does not come to {target}")


def arrow_to(page: Page, name: str) -> None:
    """Press the arrow in an open menu until this item has the focus."""
    for _ in range(30):
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow does not come to {name!r}")


def pressed(page: Page, opener: str, item: str) -> None:
    """Come to a menu's button, open it, choose."""
    tab_to(page, opener)
    page.keyboard.press("Enter")
    expect(page.locator(":popover-open .menu__item").first).to_be_visible()
    arrow_to(page, item)
    page.keyboard.press("Enter")


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:  # 68
    window = visit(signed_in=False)
    page, keys = window.page, window.page.keyboard
    window.go("/login?next=/chat")
    expect(page.get_by_label("Username")).to_be_focused()
    keys.type("ada")
    tab_to(page, "input[type=password]")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(window.box).to_be_focused()
    keys.type("long story")
    keys.press("Enter")
    window.wait_for_first_words()
    keys.press("Escape")
    window.wait_for_end()
    expect(window.box).to_be_focused()
    keys.press("Alt+ArrowUp")
    tab_to(page, ".turn--ai [data-copy-turn]")
    keys.press("Enter")
    expect(window.answers.last.get_by_role("button", name="Copied")).to_be_focused()
    before = page.url
    pressed(page, ".turn--ai [data-menu]", "Branch from here")
    page.wait_for_url(lambda url: url != before)
    expect(page.locator(".origin")).to_be_visible()
    renamed_and_deleted(window)
    pressed(page, ".who", "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def renamed_and_deleted(window: Visitor) -> None:
    """The chat that is shown, by keyboard alone; the deletion taken back after eight seconds.  # 50"""
    page, keys = window.page, window.page.keyboard
    pressed(page, "[popovertarget=chat-menu]", "Rename")
    expect(page.get_by_label("New name")).to_be_focused()
    keys.type("By keys")
    keys.press("Enter")
    expect(page.locator("#title")).to_have_text("By keys")
    expect(page.locator("#chats a[aria-current]")).to_contain_text("By keys")
    page.clock.install()
    pressed(page, "[popovertarget=chat-menu]", "Delete")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.locator("#chats a", has_text="By keys")).to_have_count(0)
    page.clock.run_for(8_500)
    tab_to(page, ".toast button")
    keys.press("Enter")
    expect(page.locator("#title")).to_have_text("By keys")
    page.clock.resume()


def test_the_enter_of_an_input_method_does_nothing_in_search_and_filters(visitor: Visitor) -> None:  # 4
    page = visitor.page
    visitor.go("/search")
    field = page.locator("#q")
    field.fill("企鹅")
    page.wait_for_url(lambda url: "q=" in url)
    before = page.url
    field.evaluate(COMMIT)
    assert page.url == before
    expect(field).to_be_focused()


def test_what_was_sent_is_no_draft_and_two_clicks_send_once(visitor: Visitor) -> None:  # 6, 7, 11
    page = visitor.page
    asked(visitor, "fast " + "many words of a question. " * 40)
    visitor.box.fill("line\n" * 40)
    sizes = visitor.box.evaluate("box => [box.clientHeight, box.scrollHeight]")
    assert sizes[0] < sizes[1]
    visitor.wait_for_the_end_in_sight()
    visitor.box.fill("fast twice")
    page.wait_for_timeout(400)  # drafts are kept 300 ms after the last key
    page.locator(".is-send").dblclick()
    expect(visitor.questions).to_have_count(2)
    visitor.wait_for_end()
    page.reload()
    expect(visitor.questions).to_have_count(2)
    expect(visitor.box).to_have_value("")


def test_a_pasted_picture_is_seen_before_it_is_uploaded(visitor: Visitor) -> None:  # 12, 14
    page, sent = visitor.page, Held(visitor.page, "**/files")
    data = base64.b64encode(picture(size=(400, 200))).decode()
    page.evaluate(COPY, data)
    visitor.box.focus()
    page.keyboard.press("Control+V")
    thumb = page.locator("#files img")
    expect(thumb).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=thumb.element_handle())
    upload = sent.take()
    uploads: list[str] = []
    page.on("request", lambda request: uploads.append(request.url) if request.method == "POST" else None)
    page.locator("#stage").evaluate(DROP, ["drop", "notes.mp4", "video/mp4", data])
    expect(page.locator("#toasts")).to_contain_text("notes.mp4: Parley cannot read this kind of file.")
    assert uploads == []
    upload.continue_()
    expect(page.locator('#files [data-state="kept"]')).to_have_count(1)


def test_an_answer_is_copied_with_its_formatting_and_the_button_says_so(visitor: Visitor) -> None:  # 39
    page = visitor.page
    asked(visitor, "fast rich")
    button = visitor.answers.last.locator("[data-copy-turn]")
    button.click()
    expect(button).to_have_attribute("aria-label", "Copied")
    open_menu(visitor, visitor.answers.last).get_by_role("button", name="With formatting").press("Enter")
    expect(page.locator(".toast")).to_contain_text("Copied")
    types = page.evaluate(
        """async () => { const [item] = await navigator.clipboard.read();
        const html = await (await item.getType('text/html')).text();
        return [item.types, html, await navigator.clipboard.readText()]; }"""
    )
    assert {"text/html", "text/plain"} <= set(types[0])
    assert "<table" in types[1]
    assert "<button" not in types[1]
    assert "What you are looking at" in types[2]
    # Chromium cleans what comes from the clipboard inside the page, and says so of every style in it.
    visitor.troubles[:] = [each for each in visitor.troubles if "inline style" not in each]
