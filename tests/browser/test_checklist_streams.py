"""Lines of docs/checklist.md about answers while they come: following, cuts, stops, faults, other chats."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DELETE
from tests.browser.test_images import choose
from tests.browser.visitor import PATIENCE, Held, Visitor, Workspace
from tests.browser.wire import wire
from tests.browser.written import ask_api
from tests.unit.files.drawings import picture
from tests.upstream.script import text_of

Visit = Callable[..., Visitor]
MODELS = {
    "blocks": "tokens=30000,block=3,speed=400",
    "slow": "tokens=240,block=8,speed=60",
    "short": "tokens=12,fault=length",
    "server": "fault=500",
    "silent": "fault=hang-headers",
    "cut": "tokens=30,fault=reset,after=12",
}
# The gap below what is seen, after everybody else has measured in that frame.
WATCH_GAP = """() => { const log = document.querySelector('#log'); window.widest = 0;
  new ResizeObserver(() => { window.widest = Math.max(window.widest,
    log.scrollHeight - log.scrollTop - log.clientHeight); }).observe(document.querySelector('#turns')); }"""
BLOCKS = "document.querySelectorAll('#turns .turn--ai .blocks > *').length"
SELECT = """() => { const block = document.querySelector('#turns .turn--ai .blocks > :nth-child(3)');
  getSelection().selectAllChildren(block); return getSelection().toString(); }"""
# What a reader could see of a piece of code, frame after frame.
WATCH_CODE = """() => { window.fences = 0; window.plain = []; const look = () => {
  const prose = document.querySelector('#turns .turn--ai .prose');
  if (prose?.textContent.includes('```')) fences += 1;
  const walker = prose && document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  while (walker?.nextNode()) { const text = walker.currentNode;
    if (!text.textContent.includes('def ')) continue;
    const style = getComputedStyle(text.parentElement);
    if (!/mono/i.test(style.fontFamily)) plain.push(style.fontFamily); }
  requestAnimationFrame(look); }; look(); }"""
# A page as it comes from the server, as the words of its last answer.
AS_TEXT = """html => { const page = new DOMParser().parseFromString(html, 'text/html');
  return [...page.querySelectorAll('#turns .prose')].at(-1).textContent.replace(/\\s+/g, ' ').trim(); }"""
SHIFTS = """() => { window.shifted = 0;
  new PerformanceObserver(list => { for (const shift of list.getEntries())
    if (!shift.hadRecentInput) window.shifted += shift.value; }).observe({ type: 'layout-shift' }); }"""


def wait_for_blocks(window: Visitor, count: int) -> None:
    window.page.wait_for_function(f"count => {BLOCKS} >= count", arg=count, timeout=PATIENCE)


def stored(window: Visitor) -> str:
    """The last answer as the server keeps it."""
    chat = window.path.rpartition("/")[2]
    return str(ask_api_get(window, f"/api/sessions/{chat}/messages")["messages"][-1]["content"])


def ask_api_get(window: Visitor, path: str) -> Any:
    return window.context.request.get(window.workspace.url + path).json()["data"]


def last_call(window: Visitor, upstream_url: str, key: str, number: int = 1) -> dict[str, Any]:
    """What the upstream noted of the n-th request of this key, once it is over."""
    for _ in range(round(PATIENCE / 50)):
        with urllib.request.urlopen(f"{upstream_url}/calls") as answer:
            calls: list[dict[str, Any]] = json.load(answer).get(key, [])
        if len(calls) >= number and calls[number - 1]["ended"] != "running":
            return calls[number - 1]
        window.page.wait_for_timeout(50)
    raise AssertionError(f"{key} still runs")


@pytest.fixture(scope="module")
def models(chromium: Browser, workspace: Workspace, upstream_url: str) -> dict[str, str]:
    """Public ids by name, each of a connection of its own: one that fails makes no other one rest."""
    window = Visitor.arrived(chromium, workspace)
    window.go("/chat")
    ids = {}
    for name, options in MODELS.items():
        raw = f"{name},{options}"
        body: dict[str, Any] = {"name": name, "provider": "openai", "apiKey": "sk-secret-1"}
        body |= {
            "baseUrl": f"{upstream_url}/v1",
            "enabled": True,
            "models": [raw, f"{name}-more"],
        }  # enough of them for a filter
        ids[name] = f"{ask_api(window.page, 'POST', '/api/connections', body)['connection']['id']}:{raw}"
    window.context.close()
    return ids


def test_two_hundred_blocks_are_followed_and_a_reader_is_left_alone(
    visit: Visit, models: dict[str, str]
) -> None:  # 20-23
    window = visit(height=500)
    page = window.page
    window.go("/chat")
    choose(window, models["blocks"])
    window.ask("key=blocks go on")
    window.wait_for_first_words()
    page.evaluate(WATCH_GAP)
    wait_for_blocks(window, 200)
    assert page.evaluate("window.widest") < 2
    page.locator("#log").hover()
    page.mouse.wheel(0, -150)
    expect(page.locator("#latest")).to_be_visible()
    window.wait_until_still()
    chosen = page.evaluate(SELECT)
    assert chosen
    place, count = window.log("log => log.scrollTop"), page.evaluate(BLOCKS)
    wait_for_blocks(window, count + 50)
    assert window.log("log => log.scrollTop") == place
    assert page.evaluate("getSelection().toString()") == chosen
    page.evaluate("getSelection().removeAllRanges()")
    page.locator("#log").press("End")
    expect(page.locator("#latest")).not_to_be_visible()
    window.wait_for_the_end_in_sight()
    page.evaluate("window.widest = 0")
    wait_for_blocks(window, page.evaluate(BLOCKS) + 20)
    assert page.evaluate("window.widest") < 2
    page.keyboard.press("Escape")
    window.wait_for_end()


def test_code_is_code_from_its_first_line_and_nothing_jumps(visitor: Visitor) -> None:  # 24, 25, 26, 44
    page = visitor.page
    with page.expect_response("**/files"):
        page.locator("#pick").set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": picture(size=(900, 300))}
        )
    expect(page.locator('#files [data-state="kept"]')).to_have_count(1)
    choose(visitor, "demo")
    held = Held(page, re.compile(r".*/files/\d+.*"))
    page.evaluate(WATCH_CODE)
    page.evaluate(SHIFTS)
    visitor.ask("tell me about code")
    code = visitor.answer.locator("pre")
    expect(code).to_contain_text("def fibonacci", timeout=PATIENCE)
    visitor.wait_for_end()
    assert page.evaluate("[window.fences, window.plain]") == [0, []]
    assert code.locator("span").count() > 3  # highlighted
    shown = visitor.questions.last.locator(".pics img")
    expect(shown).to_have_js_property("clientHeight", 80)
    held.take().continue_()
    page.wait_for_function("image => image.naturalWidth > 0", arg=shown.element_handle())
    page.unroute_all()
    assert page.evaluate("window.shifted") <= 0.05
    expect(visitor.answers.last.locator(".thread summary")).to_have_text(re.compile(r"Thought for \d+ s"))


def test_three_cuts_leave_no_gap_and_a_reload_shows_all_there_was(
    visit: Visit, models: dict[str, str], workspace: Workspace
) -> None:  # 30, 31
    window = visit()
    page = window.page
    with wire(workspace.processes.port) as between:
        page.goto(f"{between.url}/chat")
        choose(window, models["slow"])
        window.ask("key=cuts go on [[tokens=400]]")
        window.wait_for_first_words()
        for _ in range(3):
            wait_for_blocks(window, page.evaluate(BLOCKS) + 3)
            with page.expect_request(re.compile(r"/generations/\d+/events")):  # it was really cut
                between.cut()
        wait_for_blocks(window, page.evaluate(BLOCKS) + 3)
        seen = window.text_of_answer()
        with page.expect_response(lambda answer: answer.url == page.url) as reloaded:
            page.reload()
        first = page.evaluate(AS_TEXT, reloaded.value.text())
        assert len(first) >= len(seen) > 100
        assert first.startswith(seen)
        window.wait_for_end()
        said = window.answers.last.locator("template[data-source]").evaluate("one => one.content.textContent")
        assert said == stored(window)
        streamed = window.text_of_answer()
        page.reload()
        assert window.text_of_answer() == streamed


def test_an_answer_goes_on_while_another_chat_is_read(visit: Visit, models: dict[str, str]) -> None:  # 33, 34
    window = visit()
    page = window.page
    window.go("/chat")
    choose(window, models["slow"])
    window.ask("key=behind of my back [[tokens=400]]")
    window.wait_for_first_words()
    path = window.path
    row = page.locator(f"#c{path.rpartition('/')[2]}")
    page.get_by_role("link", name="New chat").click()
    expect(window.answers).to_have_count(0)
    expect(row.locator(".live")).to_be_visible()
    expect(row.locator(".live")).to_have_count(0, timeout=PATIENCE)
    row.locator("a").click()
    expect(window.answers).to_have_count(1)
    expect(page.locator("#turns [aria-busy]")).to_have_count(0)
    source = window.answers.last.locator("template[data-source]").evaluate("one => one.content.textContent")
    assert source == stored(window)
    assert len(source.split()) > 300


def test_stop_hangs_up_and_nothing_comes_after_it(
    visit: Visit, models: dict[str, str], upstream_url: str
) -> None:  # 16
    window = visit()
    page = window.page
    window.go("/chat")
    choose(window, models["slow"])
    window.ask("key=hangup go on")
    window.wait_for_first_words()
    page.locator("#stop").click()
    window.wait_for_end()
    kept = window.text_of_answer()
    call = last_call(window, upstream_url, "hangup")
    assert call["ended"] == "closed"
    assert len(call["sent"].split()) < 200
    page.reload()
    assert window.text_of_answer() == kept


def test_an_answer_goes_on_where_it_broke_off_or_met_its_limit(
    visit: Visit, models: dict[str, str], upstream_url: str
) -> None:  # 38
    window = visit()
    for model, key, said in (("cut", "again", 30), ("short", "limit", 12)):
        window.go("/chat")
        choose(window, models[model])
        window.ask(f"key={key} go on [[failures=1]]")
        window.wait_for_end()
        begun = window.text_of_answer()
        window.answers.last.get_by_role("button", name="Continue").click()
        last_call(window, upstream_url, key, 2)
        window.wait_for_end()
        expect(window.answers).to_have_count(1)
        assert window.text_of_answer().startswith(begun)
        assert stored(window).strip() == text_of(key, said).strip()


@pytest.fixture
def impatient(workspace: Workspace, chromium: Browser) -> Iterator[None]:
    """Providers that say nothing are given up soon."""
    window = Visitor.arrived(chromium, workspace)
    window.go("/chat")
    ask_api(window.page, "PUT", "/api/settings/system", {"patience.headers": 0.5})
    yield
    ask_api(window.page, "PUT", "/api/settings/system", {"patience.headers": None})
    window.context.close()


@pytest.mark.usefixtures("impatient")
def test_each_fault_of_a_provider_says_its_own_words(visitor: Visitor, models: dict[str, str]) -> None:  # 65
    said = {}
    for name, words, button in (
        ("cut", "The answer broke off after", "Continue"),
        ("server", "The provider had an error.", "Retry"),
        ("silent", "The provider did not answer in time.", "Retry"),
    ):
        visitor.go("/chat")
        choose(visitor, models[name])
        visitor.ask(f"key={name} hello")
        visitor.wait_for_end()
        note = visitor.answers.last.locator(".note")
        expect(note).to_contain_text(words)
        expect(note.get_by_role("button", name=button)).to_be_visible()
        said[name] = note.inner_text()
        page = visitor.page.content()
        assert "sk-secret" not in page
        assert "Traceback" not in page
    assert len(set(said.values())) == 3


def test_the_picker_shows_abilities_and_a_choice_stays_with_its_chat(
    visit: Visit, models: dict[str, str]
) -> None:  # 46-48
    window = visit()
    page = window.page
    window.go("/chat")
    known = {"name": "Alpha", "contextWindow": 128_000}
    known["capabilities"] = {"vision": True, "tools": True, "reasoning": True}
    ask_api(page, "PATCH", f"/api/models/{models['short']}", known)
    window.go("/chat")
    page.locator(".bar .model").click()
    row = page.locator("#models .pick", has_text="Alpha")
    for ability in ("sees pictures", "uses tools", "can reason", "128k"):
        expect(row).to_contain_text(ability)
    page.keyboard.press("Escape")
    first = chat_with(window, "Alpha")
    second = chat_with(window, "slow")
    for path, name in ((first, "Alpha"), (second, "slow")):
        window.go(path)
        expect(page.locator(".bar [data-model-name]")).to_have_text(re.compile(f"^{name}"))
    expect(page.locator("#gauge")).to_contain_text(re.compile(r"\d%"))
    listed = ask_api_get(window, "/api/connections")["connections"]
    gone = next(each["id"] for each in listed if each["name"] == "short")
    page.evaluate(DELETE, [f"/api/connections/{gone}"])
    window.go(first)
    expect(window.answers).to_have_count(1)
    page.locator(".bar .model").click()
    expect(page.locator("#models .pick", has_text="Alpha")).to_contain_text("not available")
    page.keyboard.press("Escape")
    window.ask("and now?")
    expect(page.get_by_role("alert").filter(has_text="is not available. Choose another one.")).to_be_visible()
    expect(window.questions.last).to_contain_text("Not sent")


def chat_with(window: Visitor, model: str) -> str:
    """A chat with a model chosen by keyboard alone; its address."""
    page = window.page
    window.go("/chat")
    page.locator(".bar .model").press("Enter")
    expect(page.locator("#models [data-filter]")).to_be_focused()
    page.keyboard.type(model[:3].lower())
    expect(page.locator("#models .pick:visible").first).to_contain_text(model)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".bar [data-model-name]")).to_have_text(re.compile(model))
    window.ask(f"key={model} hello")
    expect(window.answers).to_have_count(1)
    page.keyboard.press("Escape")
    window.wait_for_end()
    return window.path
