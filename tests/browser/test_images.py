"""Pictures in the composer: picked, pasted, dropped, removed, sent, refused."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.visitor import Held, Visitor
from tests.unit.files.drawings import picture, size_of

Visit = Callable[..., Visitor]
ROOT = Path(__file__).parents[2]
ASK_API = """async ([method, path, body]) => {
  const token = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  const headers = { ...token, 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  return await answer.json(); }"""
COPY = """async data => { const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const image = new Blob([bytes], { type: 'image/png' });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': image })]); }"""
DROP = """(stage, [type, name, mime, data]) => { const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name, { type: mime }));
  stage.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true })); }"""


@pytest.fixture
def models(visit: Visit, upstream_url: str) -> dict[str, str]:
    """A model that sees and one that does not, connected once."""
    window = visit()
    window.go("/chat")
    listed = api(window.page, "GET", "/api/models")["data"]["models"]
    found = {each["rawId"].split(",")[0]: each["id"] for each in listed}
    if "seer" not in found:
        body: dict[str, Any] = {
            "name": "Here",
            "provider": "openai",
            "baseUrl": f"{upstream_url}/v1",
            "apiKey": "sk-1",
            "enabled": True,
        }
        body["models"] = ["seer,tokens=6", "blind,tokens=6"]
        connection = api(window.page, "POST", "/api/connections", body)["data"]["connection"]["id"]
        found |= {raw.split(",")[0]: f"{connection}:{raw}" for raw in body["models"]}
        api(window.page, "PATCH", f"/api/models/{found['blind']}", {"capabilities": {"vision": False}})
    return found


def api(page: Page, method: str, path: str, body: Any = None) -> Any:
    script = ASK_API if body is not None else ASK_API.replace("body: JSON.stringify(body)", "")
    answer = page.evaluate(script, [method, path, body])
    assert answer["success"], answer
    return answer


def received(upstream_url: str, key: str) -> list[bytes]:
    """The pictures in the last request about `key`."""
    with urllib.request.urlopen(f"{upstream_url}/bodies") as answer:
        body = [each for each in json.load(answer) if f"key={key} " in json.dumps(each)][-1]
    parts = [
        part for each in body["messages"] if isinstance(each["content"], list) for part in each["content"]
    ]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition("base64,")[2]) for url in urls]


def choose(window: Visitor, model: str) -> None:
    window.page.evaluate(
        'id => { const radio = document.querySelector(`[name=model][value="${CSS.escape(id)}"]`);'
        " radio.checked = true; radio.dispatchEvent(new Event('change', { bubbles: true })); }",
        model,
    )


def pick(window: Visitor, *files: tuple[str, str, bytes]) -> None:
    window.page.locator("#pick").set_input_files(
        [FilePayload(name=name, mimeType=mime, buffer=data) for name, mime, data in files]
    )


@pytest.mark.parametrize(("width", "touch"), [(1440, False), (390, True)])
def test_a_picked_and_a_pasted_picture_reach_the_model_and_stay_with_the_question(
    visit: Visit, models: dict[str, str], upstream_url: str, width: int, touch: bool
) -> None:
    window = visit(width=width, touch=touch)
    window.go("/chat")
    choose(window, models["seer"])
    chips = window.page.locator("#files > li")
    with window.page.expect_file_chooser() as chooser:
        window.page.get_by_role("button", name="Attach files").click()
    wide = picture(size=(900, 300))
    names = ("wide.png", "away.png")
    chooser.value.set_files([FilePayload(name=name, mimeType="image/png", buffer=wide) for name in names])
    expect(chips).to_have_count(2)
    window.page.get_by_role("button", name="Remove: away.png").click()
    expect(chips).to_have_count(1)
    window.page.evaluate(COPY, base64.b64encode(picture(size=(40, 80))).decode())
    window.box.focus()
    window.page.keyboard.press("Control+V")
    expect(chips).to_have_count(2)
    expect(window.page.locator('#files [data-state="kept"]')).to_have_count(2)
    window.page.reload()
    expect(chips).to_have_count(2)  # like the draft of the words
    choose(window, models["seer"])
    key = f"picked{width}"
    window.box.fill(f"key={key} what is this?")
    window.page.locator(".is-send").click()
    window.wait_for_end()
    expect(chips).to_have_count(0)
    assert [size_of(data) for data in received(upstream_url, key)] == [(900, 300), (40, 80)]
    for _ in range(2):
        shown = window.questions.last.locator(".pics img")
        expect(shown).to_have_count(2)
        sizes = shown.evaluate_all(
            "all => all.map(one => [one.naturalWidth > 0, one.clientWidth, one.clientHeight])"
        )
        assert sizes == [[True, 240, 80], [True, 40, 80]]
        window.page.reload()
        expect(shown.last).to_have_js_property("complete", True)


def test_a_dropped_picture_is_taken_and_anything_else_is_refused_in_words(visitor: Visitor) -> None:
    stage, toasts = visitor.page.locator("#stage"), visitor.page.locator("#toasts")
    data = base64.b64encode(picture()).decode()
    stage.evaluate(DROP, ["dragover", "a.png", "image/png", data])
    expect(stage).to_have_attribute(
        "data-drop", "Drop files to attach them: pictures, text and code, PDF, Word, Excel"
    )
    stage.evaluate(DROP, ["drop", "a.png", "image/png", data])
    expect(stage).not_to_have_attribute("data-drop", re.compile(""))
    expect(visitor.page.locator('#files [data-state="kept"]')).to_have_count(1)
    stage.evaluate(DROP, ["drop", "notes.mp4", "video/mp4", data])
    expect(toasts).to_contain_text("notes.mp4: Parley cannot read this kind of file.")
    pick(visitor, ("lies.png", "image/png", b"<html></html>"))
    expect(visitor.page.locator(".file__fault").last).to_have_text(re.compile("lies.png: This is not a pict"))
    visitor.ask("with a bad one")
    expect(toasts).to_contain_text("Remove the file that could not be uploaded")
    expect(visitor.box).to_have_value("with a bad one")
    pick(visitor, ("huge.png", "image/png", bytes(15_000_001)))
    expect(toasts).to_contain_text("huge.png: This file is too large.")
    pick(visitor, *[(f"{n}.png", "image/png", picture()) for n in range(7)])
    expect(toasts).to_contain_text("at most 8 files")
    expect(visitor.page.locator("#files > li")).to_have_count(8)


def test_a_picture_of_a_question_opens_in_a_tab_of_its_own(visitor: Visitor) -> None:
    pick(visitor, ("wide.png", "image/png", picture(size=(900, 300))))
    expect(visitor.page.locator('#files [data-state="kept"]')).to_have_count(1)
    visitor.page.locator(".is-send").click()
    visitor.wait_for_end()
    expect(visitor.page.locator("#title")).to_have_text("Picture")
    with visitor.context.expect_page() as opened:
        visitor.questions.last.locator(".pics a").click(modifiers=["ControlOrMeta"])  # else the lightbox
    assert re.search(r"/files/\d+$", opened.value.url)
    assert opened.value.evaluate("document.images[0].naturalWidth") == 900


def test_send_waits_for_an_upload_and_a_broken_one_can_be_tried_again(visitor: Visitor) -> None:
    held = Held(visitor.page, "**/files")
    pick(visitor, ("slow.png", "image/png", picture()))
    expect(visitor.page.locator("#files progress")).to_be_visible()
    visitor.ask("fast when it is there")
    expect(visitor.page.locator("#toasts")).to_contain_text("as soon as its files are uploaded")
    expect(visitor.questions).to_have_count(0)
    held.take().abort()
    expect(visitor.page.locator(".file__fault")).to_have_text("slow.png: The upload broke off. Try again.")
    visitor.page.get_by_role("button", name="Retry").click()
    visitor.page.wait_for_function("() => document.querySelector('#files [data-state=sending]')")
    held.take().continue_()
    visitor.wait_for_end()
    expect(visitor.questions.last.locator(".pics img")).to_have_count(1)


def test_a_model_that_cannot_see_says_so_and_nothing_is_lost(visit: Visit, models: dict[str, str]) -> None:
    window = visit()
    window.go("/chat")
    choose(window, models["blind"])
    pick(window, ("a.png", "image/png", picture()))
    expect(window.page.locator('#files [data-state="kept"]')).to_have_count(1)
    window.ask("what is this?")
    expect(window.page.get_by_role("alert").filter(has_text="cannot see pictures")).to_be_visible()
    question = window.questions.last
    expect(question).to_contain_text("Not sent")
    expect(question.locator(".pics img")).to_have_count(1)
    window.page.reload()
    expect(question.locator(".pics img")).to_have_count(1)
    question.get_by_role("button", name="Edit").click()
    expect(window.box).to_have_value("what is this?")
    expect(window.page.locator("#files > li")).to_have_count(1)
    choose(window, models["seer"])
    window.page.locator(".is-send").click()
    window.wait_for_end()
    expect(window.questions.last.locator(".pics img")).to_have_count(1)
