"""Providers that stumble, as a person sees it: waits that count down, stand-ins, and a full window."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_images import api
from tests.browser.visitor import Visitor, Workspace

Visit = Callable[..., Visitor]
MODELS = {
    "steady": "tokens=40,reasoning=6,speed=40",
    "limited": "tokens=30,fault=429,failures=1,retry_after=4",
    "busy": "fault=429,retry_after=60",
    "refusing": "fault=401",
    "spare": "tokens=20",
    "silent": "fault=hang-headers",
}
KNOWN: dict[str, dict[str, Any]] = {
    "steady": {"name": "Steady", "contextWindow": 128_000, "capabilities": {"reasoning": True}},
    "limited": {"name": "Limited", "contextWindow": 42},
    "busy": {"name": "Busy", "contextWindow": 128_000},
    "refusing": {"name": "Refusing"},
    "spare": {"name": "Spare"},
    "silent": {"name": "Silent"},
}


@pytest.fixture(scope="module")
def models(chromium: Browser, workspace: Workspace, upstream_url: str) -> dict[str, str]:
    """Public ids by name: models that stumble, each in its own way."""
    window = Visitor.arrived(chromium, workspace)
    window.go("/chat")
    raw = {name: f"{name},{options}" for name, options in MODELS.items()}
    body: dict[str, Any] = {"name": "Cloud", "provider": "openai", "baseUrl": f"{upstream_url}/v1"}
    body |= {"apiKey": "sk-1", "enabled": True, "models": [*raw.values(), "more-1", "more-2"]}
    made = api(window.page, "POST", "/api/connections", body)["data"]["connection"]["id"]
    ids = {name: f"{made}:{id}" for name, id in raw.items()}
    for name, known in KNOWN.items():
        fallbacks = [ids["steady"]] if name == "busy" else []
        api(window.page, "PATCH", f"/api/models/{ids[name]}", known | {"fallbacks": fallbacks})
    window.context.close()
    return ids


def choose(window: Visitor, name: str) -> None:
    """Through the picker, as a person does."""
    window.page.locator(".bar .model").click()
    window.page.locator("#models label").filter(has_text=re.compile(rf"^\s*{name}\b")).click()
    expect(window.page.locator("#models")).to_be_hidden()
    expect(window.page.locator("[data-model-name]").first).to_have_text(name)


@pytest.mark.parametrize(
    ("lang", "asks", "by"), [("en", "asks to wait", "Answered by"), ("zh", "要求等待", "由“")]
)
@pytest.mark.usefixtures("models")
def test_a_rate_limit_counts_down_and_recovers(visit: Visit, lang: str, asks: str, by: str) -> None:
    window = visit(lang=lang)
    window.go("/chat")
    choose(window, "Limited")
    window.ask(f"key=limited-{lang} hello")
    wait = window.answers.last.locator(".waiting")
    expect(wait).to_contain_text(f"“Limited”{' ' if lang == 'en' else ''}{asks}")
    expect(window.page.locator("#say")).to_contain_text(asks)
    seconds = wait.locator("[data-until]")
    first = int(seconds.inner_text())
    assert 0 < first <= 4
    expect(seconds).to_have_text(str(first - 1))
    window.page.reload()  # what a reader who comes now sees is the same wait
    expect(wait).to_contain_text(asks)
    window.wait_for_end()
    expect(wait).to_have_count(0)
    assert len(window.text_of_answer()) > 50
    expect(window.page.locator("#gauge")).to_have_attribute("data-level", "warn")
    choose(window, "Busy")
    expect(window.page.locator("#gauge")).to_have_attribute("data-level", "")
    window.ask("and now?")
    expect(window.answers).to_have_count(2)
    note = window.answers.last.locator(".note")
    expect(note).to_contain_text(by)
    expect(window.answers.last.locator(".by small")).to_have_text("Steady")
    window.wait_for_end()
    shown = note.inner_text()
    window.page.reload()
    expect(note).to_have_text(shown)
    expect(window.answers.last.locator(".thread summary")).to_contain_text("1")


@pytest.mark.usefixtures("models")
def test_a_silent_provider_is_named_calmly(visitor: Visitor) -> None:
    visitor.page.clock.install(time=0)
    visitor.go("/chat")
    choose(visitor, "Silent")
    visitor.page.clock.pause_at(3_600_000)
    visitor.ask("is anybody there?")
    quiet = visitor.page.get_by_text("Still waiting for “Silent”…").first
    expect(visitor.page.locator("#turns [aria-busy]")).to_have_count(1)
    visitor.page.clock.run_for(7_000)
    expect(quiet).to_be_hidden()
    visitor.page.clock.run_for(2_000)
    expect(quiet).to_be_visible()
    visitor.page.locator("#stop").click()
    visitor.wait_for_end()
    expect(quiet).to_be_hidden()


@pytest.mark.usefixtures("models")
def test_a_refused_key_leads_to_the_connections_and_to_another_model(visitor: Visitor) -> None:
    choose(visitor, "Refusing")
    visitor.ask("hello")
    visitor.wait_for_end()
    note = visitor.answers.last.get_by_role("alert")
    expect(note).to_contain_text("The provider refused the key.")
    expect(note.get_by_role("link", name="Connections")).to_have_attribute("href", "/admin/connections")
    note.get_by_role("button", name="Choose another model").click()
    visitor.page.locator("#models label").filter(has_text=re.compile("Spare")).click()
    note.get_by_role("button", name="Retry").click()  # asks the model that is chosen now
    expect(visitor.answers.last.locator(".by small")).to_have_text("Spare")
    visitor.wait_for_end()
    expect(visitor.answers).to_have_count(1)


@pytest.mark.usefixtures("models")
def test_the_picker_filters_marks_and_is_chosen_from_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    page.locator(".bar .model").click()
    page.get_by_role("button", name="Favourite: Spare").click()
    expect(page.get_by_role("button", name="Favourite: Spare")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    for _try in range(50):  # the page is left before the mark is stored: it arrives all the same
        visitor.go("/chat")
        if page.locator("#models legend").first.text_content() == "Favourites":
            break
    page.locator(".bar .model").click()
    expect(page.locator("#models legend").first).to_have_text("Favourites")
    page.keyboard.type("stead")
    expect(page.locator("#models .pick:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-model-name]")).to_have_text("Steady")
    expect(visitor.box).to_be_focused()
    expect(page.locator("#thinking")).to_be_visible()
    page.locator("#thinking select").select_option("high")
    visitor.ask("hello")
    visitor.wait_for_end()
    page.reload()
    expect(page.locator("#thinking select")).to_have_value("high")
    page.get_by_role("link", name="Chat settings").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_label("Reasoning effort")).to_have_value("high")
    panel.get_by_label("System prompt").fill("Be brief.")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_be_hidden()
    page.get_by_role("link", name="Chat settings").click()
    expect(panel.get_by_label("System prompt")).to_have_value("Be brief.")
