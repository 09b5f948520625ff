"""The installed app without a network, small windows, no motion, fingers, and what screen readers hear."""

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.visitor import PATIENCE, Visitor

Visit = Callable[..., Visitor]
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"
STORED = """async () => (await Promise.all((await caches.keys()).map(async name =>
  (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname)))).flat()"""


def test_without_a_network_there_is_a_page_and_nothing_of_a_chat_is_stored(visit: Visit) -> None:
    visitor = visit(installed=True)
    page = visitor.page
    visitor.go("/chat")
    page.wait_for_function(CONTROLLED)
    visitor.ask("fast secret")
    visitor.wait_for_end()
    page.reload()
    stored = page.evaluate(STORED)
    assert "/offline" in stored
    assert all(path == "/offline" or path.startswith("/static/") for path in stored), stored
    page.evaluate("caches.open('parley-000000000000')")  # of an older version
    page.evaluate(
        "async () => { const all = await navigator.serviceWorker.getRegistration(); await all.unregister(); }"
    )
    page.reload()
    page.wait_for_function(CONTROLLED)
    page.wait_for_function("async () => !(await caches.keys()).includes('parley-000000000000')")
    visitor.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    expect(page.locator(".btn--primary")).to_have_css("border-radius", "10px")  # its styles are there
    visitor.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(visitor.answers).to_have_count(1)


def test_the_manifest_names_icons_that_exist(visitor: Visitor) -> None:
    answer = visitor.context.request.get(f"{visitor.workspace.url}/manifest.webmanifest")
    manifest = json.loads(answer.text())
    assert manifest["start_url"] == "/chat"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        size = visitor.page.evaluate(
            "src => new Promise(done => {"
            " const i = new Image(); i.onload = () => done(i.width); i.src = src; })",
            icon["src"],
        )
        assert icon["sizes"] == f"{size}x{size}"


PAGES = [
    "/chat", "/chat?temporary=1", "/chat/settings", "/search", "/keys", "/offline", "/account/preferences",
    "/account/chat", "/account/sessions", "/account/password", "/admin/connections", "/admin/models",
    "/admin/routes", "/admin/settings", "/admin/users",
]  # fmt: skip
WIDER = """() => { const wide = document.documentElement.scrollWidth - innerWidth;
  const out = [...document.querySelectorAll('.sheet, .log, .side, .dock')];
  return [wide, out.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)]; }"""


def test_no_page_scrolls_sideways_at_320(visit: Visit) -> None:
    visitor = visit(width=320, height=640, touch=True)
    visitor.go("/chat")
    linked = visitor.page.locator("a[href^='/account/'], a[href^='/admin/']").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    too_wide = {}
    for path in dict.fromkeys([*PAGES, *linked]):
        visitor.go(path)
        wide = visitor.page.evaluate(WIDER)
        if wide != [0, []]:
            too_wide[path] = wide
    assert too_wide == {}


def test_with_reduced_motion_nothing_moves_longer_than_ten_milliseconds(visit: Visit) -> None:  # ux.md 69
    visitor = visit(still=True)
    visitor.go("/chat")
    visitor.page.evaluate("""() => { window.longest = 0; const look = () => {
      for (const a of document.getAnimations()) { const t = a.effect.getComputedTiming();
        window.longest = Math.max(window.longest, t.duration * t.iterations); }
      requestAnimationFrame(look); }; look(); }""")
    visitor.ask("quick words")
    visitor.wait_for_first_words()
    visitor.page.locator(".who").click()
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("button", name="Stop answering").click()
    visitor.wait_for_end()
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.locator("#palette[open]")).to_have_count(1)
    assert visitor.page.evaluate("window.longest") <= 10


HEAR = """() => { window.heard = []; new MutationObserver(() => {
  const text = document.querySelector('#say').textContent; if (text) heard.push(text); })
  .observe(document.querySelector('#say'), { childList: true, characterData: true, subtree: true }); }"""


def test_start_and_end_are_announced_once_and_the_stream_is_not(visitor: Visitor) -> None:  # ux.md 67
    page = visitor.page
    page.evaluate(HEAR)
    visitor.ask("quick words")  # long enough not to have ended before the page gets it
    visitor.wait_for_end()
    page.wait_for_function("() => heard.includes('The answer is complete.')")
    heard = page.evaluate("heard")
    assert heard.count("The answer has started.") == 1
    assert heard.count("The answer is complete.") == 1
    assert len(heard) == 2, heard


def test_an_answer_that_ended_before_the_page_got_it_is_announced_too(visitor: Visitor) -> None:
    page = visitor.page
    visitor.ask("fast first")
    visitor.wait_for_end()
    page.evaluate(HEAR)
    known = visitor.answers.last.get_attribute("data-message")

    def come_late(route: Route) -> None:
        answer = route.fetch()
        for _try in range(500):
            turns = page.request.get(f"{visitor.workspace.url}/f{visitor.path}/turns?after={known}").text()
            if "turn--ai" in turns and "aria-busy" not in turns:
                break
            time.sleep(0.02)
        route.fulfill(response=answer, body=turns)

    page.route(re.compile(r"/chat/\d+/turns$"), come_late)
    visitor.ask("fast second")
    page.wait_for_function("() => heard.length")
    expect(visitor.answers).to_have_count(2)
    assert page.evaluate("heard") == ["The answer is complete."]


def test_a_long_press_opens_the_menu_of_a_message(visit: Visit) -> None:  # ux.md 60
    visitor = visit(width=390, height=844, touch=True)
    visitor.go("/chat")
    visitor.box.fill("fast words")
    visitor.page.get_by_role("button", name="Send").tap()
    visitor.wait_for_end()
    visitor.questions.locator(".say").scroll_into_view_if_needed()
    box = visitor.questions.locator(".say").bounding_box()
    assert box is not None
    point = {"x": box["x"] + 20, "y": box["y"] + 10}
    glass = visitor.keyboard()
    glass.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    visitor.page.wait_for_timeout(600)
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    menu = visitor.page.locator("#turn-menu")
    expect(menu.get_by_role("button", name="Text", exact=True)).to_be_visible(timeout=PATIENCE)
    heights = menu.locator(".menu__item:visible").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(heights) >= 44
    menu.get_by_role("button", name="Select text").tap()
    assert visitor.page.evaluate("getSelection().toString()") == "fast words"


CUT = """(() => { const ask = window.fetch; let pressed = false;
  addEventListener('click', event => { pressed ||= !!event.target.closest('#connection button'); }, true);
  const isCut = what => String(what.url ?? what).endsWith('/events') && !pressed;
  window.fetch = (what, ...more) => isCut(what) ? Promise.reject(new TypeError('cut')) : ask(what, ...more);
})()"""  # until "Try now" is pressed, so that no try of its own comes before


def test_the_bar_says_when_the_server_is_out_of_reach(visitor: Visitor) -> None:  # ux.md 2.4
    page = visitor.page
    bar = page.locator("#connection")
    page.clock.install()
    page.add_init_script(CUT)
    page.reload()
    expect(bar).to_be_hidden()
    page.clock.fast_forward(2500)
    expect(bar).to_have_text("Reconnecting…")
    page.clock.fast_forward(19_000)
    expect(bar).to_contain_text("What you write is kept.")
    bar.get_by_role("button", name="Try now").click()
    expect(bar).to_contain_text("Connected")
    page.clock.fast_forward(2000)
    expect(bar).to_be_hidden()
