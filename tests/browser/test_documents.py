"""Documents in the composer: picked, made of a long paste, cancelled, refused, sent."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_images import api, choose, models, pick
from tests.browser.visitor import Held, Visitor
from tests.unit.files.drawings import picture
from tests.unit.files.papers import archive, pdf

Visit = Callable[..., Visitor]
__all__ = ["models"]
PASTE = """(field, text) => { const data = new DataTransfer(); data.setData('text/plain', text);
  const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
  if (field.dispatchEvent(event)) document.execCommand('insertText', false, text); }"""


LARGE = """field => { const data = new DataTransfer();
  data.items.add(new File(['a,b,c\\n'.repeat(3_300_000)], 'large.csv', { type: 'text/csv' }));
  field.files = data.files; field.dispatchEvent(new Event('change', { bubbles: true })); }"""


def chip(page: Page, name: str) -> Any:
    return page.locator("#files > li").filter(has_text=name)


def test_a_document_is_sent_with_what_is_used_of_it(
    visit: Visit, models: dict[str, str], upstream_url: str
) -> None:
    window = visit()
    window.go("/chat")
    choose(window, models["blind"])
    pick(
        window,
        ("plums.pdf", "application/pdf", pdf("the secret is plum")),
        ("long.txt", "text/plain", b"word " * 50_000),
    )
    expect(chip(window.page, "plums.pdf")).to_contain_text("1 page")
    expect(chip(window.page, "long.txt")).to_contain_text("first 200,000 of 250,000 characters used")
    window.page.reload()
    expect(chip(window.page, "long.txt")).to_contain_text("first 200,000 of 250,000 characters used")
    window.ask("what is the secret? key=plums .")
    window.wait_for_end()
    with urllib.request.urlopen(f"{upstream_url}/bodies") as answer:
        body = next(each for each in json.load(answer) if "key=plums " in json.dumps(each))
    told = body["messages"][-1]["content"]
    assert '<file name="plums.pdf">\n[1]\nthe secret is plum' in told
    assert told.endswith("what is the secret? key=plums .")
    docs = window.questions.last.locator(".doc")
    expect(docs).to_have_count(2)
    expect(docs.last).to_contain_text("first 200,000 of 250,000 characters used")
    with window.page.expect_download() as saved:
        docs.first.click()
    assert saved.value.suggested_filename == "plums.pdf"
    chat = window.path.rpartition("/")[2]
    listed = api(window.page, "GET", f"/api/sessions/{chat}/messages")["data"]["messages"]
    assert [each["name"] for each in listed[0]["files"]] == ["plums.pdf", "long.txt"]
    assert listed[1]["usage"]["prompt_tokens"] > 0


def test_a_long_paste_is_offered_as_a_file_and_stays_text_otherwise(visitor: Visitor) -> None:
    page, text = visitor.page, "many words " * 1000
    visitor.box.fill("before ")
    visitor.box.evaluate(PASTE, text)
    expect(visitor.box).to_have_value("before " + text)
    expect(page.locator("#toasts")).to_contain_text("That is a long text.")
    expect(page.locator("#files > li")).to_have_count(0)
    page.get_by_role("button", name="Attach as file").click()
    expect(visitor.box).to_have_value("before ")
    expect(chip(page, "Pasted text.txt")).to_contain_text("11,000 characters")
    visitor.box.fill("")
    visitor.box.evaluate(PASTE, "short")
    expect(visitor.box).to_have_value("short")
    expect(page.get_by_role("button", name="Attach as file")).to_have_count(0)


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(visitor: Visitor) -> None:
    page = visitor.page
    slow = visitor.context.new_cdp_session(page)
    slow.send("Network.enable")
    rate = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    slow.send("Network.emulateNetworkConditions", rate)
    page.locator("#pick").evaluate(LARGE)
    expect(chip(page, "large.csv").locator(".file__note")).to_have_text(re.compile(r"^[1-9]\d? %$"))
    visitor.ask("waits")
    expect(page.locator("#toasts")).to_contain_text("as soon as its files are uploaded")
    expect(visitor.questions).to_have_count(0)
    chip(page, "large.csv").get_by_role("button", name="Remove").click()
    expect(page.locator("#files > li")).to_have_count(0)
    slow.send("Network.emulateNetworkConditions", {**rate, "uploadThroughput": -1})
    assert api(page, "GET", "/api/sessions")["success"]


def test_what_cannot_be_read_says_why(visitor: Visitor) -> None:
    page = visitor.page
    held = Held(page, "**/files")
    pick(visitor, ("film.mp4", "video/mp4", b"x"))
    expect(page.locator("#toasts")).to_contain_text("film.mp4: Parley cannot read this kind of file.")
    expect(page.locator("#files > li")).to_have_count(0)
    pick(visitor, ("inside.docx", "", archive()))
    held.take().continue_()
    fault = page.locator(".file__fault")
    expect(fault).to_have_text(re.compile("^inside.docx: Parley cannot read archives. Unpack it"))
    expect(chip(page, "inside.docx").get_by_role("button", name="Retry")).to_be_hidden()
    visitor.ask("with a bad one")
    expect(page.locator("#toasts")).to_contain_text("Remove the file that could not be uploaded")


def test_a_face_is_chosen_and_seen(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/account/avatar")
    page.get_by_label("New picture").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": picture(size=(300, 200))}
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator("img.who__face")).to_have_count(2)
    assert page.locator("button.who img").evaluate("image => image.naturalWidth") == 200
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("img.who__face")).to_have_count(0)
