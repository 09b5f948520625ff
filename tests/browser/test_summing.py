"""What a chat that is longer than its model can read offers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.test_images import choose
from tests.browser.visitor import Visitor
from tests.browser.written import ask_api

Visit = Callable[..., Visitor]
RAW = "reader,tokens=12,speed=0,usage=0"


def test_a_full_window_leads_to_a_new_chat_with_a_summary(visit: Visit, upstream_url: str) -> None:  # 48
    window = visit()
    page = window.page
    window.go("/chat")
    body: dict[str, Any] = {"name": "reader", "provider": "openai", "apiKey": "sk-secret-1", "enabled": True}
    body |= {"baseUrl": f"{upstream_url}/v1", "models": [RAW]}
    id = f"{ask_api(page, 'POST', '/api/connections', body)['connection']['id']}:{RAW}"
    ask_api(page, "PATCH", f"/api/models/{id}", {"contextWindow": 1_000})
    window.go("/chat")
    choose(window, id)
    for n, text in enumerate(("early words " * 300, "later words " * 300), 1):
        window.ask(f"key=sum{n} {text}")
        expect(window.answers).to_have_count(n)
        window.wait_for_end()
    gauge = page.locator("#gauge")
    expect(gauge).to_contain_text("100%")
    expect(gauge).to_contain_text("older messages are left out")
    before = window.path
    offer = gauge.get_by_role("button", name="Go on in a new chat with a summary")
    expect(offer).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(offer).to_be_in_viewport(ratio=1)
    offer.press("Enter")

    expect(page.get_by_text("Branched from")).to_be_visible()
    assert window.path != before
    expect(window.questions).to_have_count(1)
    expect(window.questions.first.locator(".say")).to_contain_text("Summarise the conversation below")
    window.wait_for_end()
    expect(window.answers.first.locator(".prose")).to_contain_text(re.compile(r"\w+"))
