"""Bringing chats from elsewhere, in a browser: upload, report, the chat itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import PATIENCE, Visitor
from tests.unit.importing import exports

Visit = Callable[..., Visitor]


def test_an_export_is_uploaded_reported_and_opened(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/account/imports")
    page.get_by_label("File", exact=True).set_input_files(_named(tmp_path / "no export.json", b"hello"))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_have_text("This is neither a ZIP nor a JSON file.")

    chats = [exports.chatgpt_chat("b-1"), {"id": "b-2", "title": "Nothing in it", "mapping": {}}]
    page.get_by_label("File", exact=True).set_input_files(
        exports.chatgpt_zip(tmp_path / "chatgpt.zip", chats)
    )
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile(r"/account/imports/\d+$"))
    expect(page.get_by_role("status").get_by_text("done")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("It has no messages.")).to_be_visible()
    page.get_by_role("link", name=re.compile("left out")).click()
    expect(page.get_by_role("link", name="长江 and more")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^All 2")).click()

    page.get_by_role("link", name="长江 and more").click()
    expect(visitor.questions).to_have_count(2)
    expect(visitor.answers.first.locator(".prose")).to_contain_text("长江很长。")
    expect(visitor.answers.last.locator("img").first).to_be_visible()
    expect(page.locator("#chats").get_by_text("长江 and more")).to_be_visible()
    visitor.ask("fast and on")
    expect(visitor.answers).to_have_count(3)
    visitor.wait_for_end()


def _named(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
