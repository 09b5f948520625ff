"""An administrator connects a provider: a wrong key, a wrong address, then models."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visitor import PATIENCE, Visitor
from tests.upstream import Upstream

Visit = Callable[..., Visitor]
RIGHT = "sk-right-0123456789abcdef"
WRONG = "sk-wrong-0123456789abcdef"
WORDS = {
    "en": {
        "key": "Copy the key again, whole",
        "path": "Add “/v1” to the end of the address.",
        "more": "Edit · Replace key",
        "save": "Save",
        "test": "Test",
        "models": "4 models",
        "streams": "streams: ",
        "works": "works, ",
    },
    "zh": {
        "key": "请重新完整复制密钥",
        "path": "请在地址末尾加上“/v1”。",
        "more": "编辑 · 更换密钥",
        "save": "保存",
        "test": "测试",
        "models": "4 个模型",
        "streams": "流式：",
        "works": "正常",
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[Upstream]:
    """An upstream in a thread of its own: Playwright's loop has this one."""
    upstream, ready, loop = Upstream(), threading.Event(), asyncio.new_event_loop()

    async def begin() -> None:
        await upstream.start()
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(begin())
        loop.run_forever()
        loop.run_until_complete(upstream.stop())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    yield upstream
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def connected(visitor: Visitor, url: str, key: str, name: str) -> Locator:
    """Fill in the form "Add"; the new card."""
    page = visitor.page
    visitor.go("/admin/connections")
    page.locator("#add a[href*='preset=custom']").click()
    expect(page.locator("#add-baseUrl")).to_have_value("")
    page.locator("#add-baseUrl").fill(url)
    page.locator("#add-apiKey").fill(key)
    page.locator("#add-name").fill(name)
    page.locator("#add form .btn--primary").click()
    card = page.locator("section.card", has=page.get_by_role("heading", name=name, exact=True))
    expect(card).to_be_visible()
    return card


def changed(card: Locator, words: dict[str, str], **fields: str) -> None:
    """Open the form of a card, fill in fields by the end of their ids, save."""
    card.locator("summary", has_text=words["more"]).click()
    for name, text in fields.items():
        card.locator(f"[id$='{name}']").first.fill(text)
    card.get_by_role("button", name=words["save"]).click()


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
def test_a_wrong_key_and_a_wrong_address_are_explained_and_mended(
    visit: Visit, server: Upstream, lang: str, width: int
) -> None:
    words = WORDS[lang]
    visitor = visit(lang=lang, width=width, touch=width < 500)
    url = server.url_with(f"bad_key={WRONG}")
    card = connected(visitor, url, WRONG, f"Key {lang}")
    expect(card).to_contain_text(words["key"], timeout=PATIENCE)
    expect(card).to_contain_text("HTTP 401")
    assert WRONG not in card.inner_text().replace(url, "")
    changed(card, words, value=RIGHT)
    expect(card).to_contain_text(words["works"], timeout=PATIENCE)
    expect(card).to_contain_text(words["models"])
    card = connected(visitor, f"http://127.0.0.1:{server.port}/api", RIGHT, f"Url {lang}")
    expect(card).to_contain_text(words["path"], timeout=PATIENCE)
    changed(card, words, baseUrl=server.url, apiKey=RIGHT)
    expect(card).to_contain_text(words["models"], timeout=PATIENCE)
    card.get_by_role("button", name=words["test"], exact=True).click()
    expect(card).to_contain_text(words["streams"], timeout=PATIENCE)
    assert RIGHT not in visitor.page.content()
