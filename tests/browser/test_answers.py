"""Answers while they are written: stopping, following, folding, copying, formulas."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def test_stop_keeps_what_was_written_and_offers_to_go_on(visitor: Visitor) -> None:
    visitor.ask("long story")
    visitor.wait_for_first_words()
    visitor.page.get_by_role("button", name="Stop answering").click()
    visitor.wait_for_end()
    kept = visitor.text_of_answer()
    assert kept
    expect(visitor.answers.last).to_contain_text("You stopped this answer.")
    visitor.answers.last.get_by_role("button", name="Continue").click()
    expect(visitor.page.locator("#turns [aria-busy]")).to_have_count(1)
    visitor.page.keyboard.press("Escape")
    visitor.wait_for_end()
    assert visitor.text_of_answer().startswith(kept[:40])
    expect(visitor.answers).to_have_count(1)


def test_escape_stops_but_first_closes_what_is_open(visitor: Visitor) -> None:
    visitor.ask("long story")
    visitor.wait_for_first_words()
    visitor.page.locator(".model").click()
    expect(visitor.page.locator("#models")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#models")).not_to_be_visible()
    expect(visitor.answers.last).to_have_attribute("aria-busy", "true")
    visitor.page.keyboard.press("Escape")
    visitor.wait_for_end()
    expect(visitor.answers.last).to_contain_text("You stopped this answer.")


def test_send_becomes_stop_without_moving_by_a_pixel(visitor: Visitor) -> None:
    visitor.ask("long story")
    visitor.wait_for_first_words()
    stop = visitor.page.locator(".is-stop").bounding_box()
    visitor.page.locator(".is-stop").click()
    visitor.wait_for_end()
    assert visitor.page.locator(".is-send").bounding_box() == stop


def test_the_page_follows_an_answer_and_never_pulls_a_reader_down(visit: Visit) -> None:
    window = visit(height=500)
    window.go("/chat")
    window.ask("long story")
    window.wait_for_first_words()
    expect(window.answer.locator(".blocks > *").nth(5)).to_be_attached()
    window.wait_for_the_end_in_sight()
    window.page.locator("#log").hover()
    window.page.mouse.wheel(0, -150)
    expect(window.page.locator("#latest")).to_be_visible()
    window.wait_until_still()
    place = window.log("log => log.scrollTop")
    blocks = window.answer.locator(".blocks > *").count()
    expect(window.answer.locator(".blocks > *").nth(blocks + 1)).to_be_attached()
    assert window.log("log => log.scrollTop") == place
    window.page.locator("#latest").click()
    expect(window.page.locator("#latest")).not_to_be_visible()
    window.wait_for_the_end_in_sight()
    window.page.keyboard.press("Escape")
    window.wait_for_end()


def test_what_only_the_layout_moves_does_not_stop_the_page_from_following(visit: Visit) -> None:
    window = visit(height=500)
    window.go("/chat")
    window.ask("long story")
    expect(window.answer.locator(".blocks > *").nth(5)).to_be_attached()
    for _time in range(3):
        window.log("log => { log.scrollTop -= 90; }")
        window.wait_for_the_end_in_sight()
    expect(window.page.locator("#latest")).not_to_be_visible()
    window.page.keyboard.press("Escape")
    window.wait_for_end()


# A wheel goes up while the page is near the end: whether it follows again; null when telling took too long.
WHEEL_NEAR_THE_END = """async log => { const began = performance.now();
  log.dispatchEvent(new WheelEvent('wheel', { deltaY: -40 }));
  log.scrollTop = 0; log.scrollTop = log.scrollHeight - log.clientHeight - 8;
  for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
  const follows = document.querySelector('#latest').hasAttribute('data-at-end');
  return performance.now() - began < 450 ? follows : null; }"""


def test_a_wheel_that_has_only_begun_to_go_up_keeps_the_page_from_following(visit: Visit) -> None:
    window = visit(height=500)
    window.go("/chat")
    window.ask("long story")
    expect(window.answer.locator(".blocks > *").nth(5)).to_be_attached()
    seen = [window.log(WHEEL_NEAR_THE_END) for _time in range(5)]
    assert False in seen
    assert True not in seen
    window.page.keyboard.press("Escape")
    window.wait_for_end()


def test_a_finger_that_scrolls_up_is_not_pulled_down(visit: Visit) -> None:
    window = visit(width=390, height=500, touch=True)
    window.go("/chat")
    window.box.fill("long story")
    window.page.locator(".is-send").tap()
    expect(window.answer.locator(".blocks > *").nth(5)).to_be_attached()
    window.swipe(150, 120, 300)
    expect(window.page.locator("#latest")).to_be_visible()
    window.wait_until_still()
    place = window.log("log => log.scrollTop")
    blocks = window.answer.locator(".blocks > *").count()
    expect(window.answer.locator(".blocks > *").nth(blocks + 1)).to_be_attached()
    assert window.log("log => log.scrollTop") == place
    window.page.get_by_role("button", name="Stop").click()


def test_reasoning_is_open_while_it_is_all_there_is_and_my_choice_stays(visitor: Visitor) -> None:
    visitor.ask("Tell me about tides")
    fold = visitor.answers.last.locator("details.thread")
    expect(fold).to_have_attribute("open", "")
    visitor.wait_for_first_words()
    expect(fold).not_to_have_attribute("open", "")
    fold.locator("summary").click()
    visitor.wait_for_end()
    expect(fold).to_have_attribute("open", "")
    visitor.page.reload()
    expect(fold).to_have_attribute("open", "")


def test_an_answer_is_copied_as_markdown_and_code_without_anything_else(visitor: Visitor) -> None:
    visitor.ask("fast copy")
    visitor.wait_for_end()
    visitor.answers.last.locator("[data-copy-turn]").click()
    expect(visitor.page.locator("#say")).to_have_text("Copied")
    assert "| --- |" in visitor.page.evaluate("navigator.clipboard.readText()")
    visitor.page.locator("figure.code [data-copy]").first.click()
    visitor.wait_for_copy("text.startsWith(value)", "def fibonacci")
    wrap = visitor.page.locator("figure.code [data-wrap]").first
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")


def test_a_formula_is_drawn_and_katex_comes_only_for_it(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.reload()
    assert not any("katex" in url for url in asked)
    visitor.ask("fast formula")
    visitor.wait_for_end()
    expect(visitor.answer.locator(".katex").first).to_be_visible()
    assert all(url.startswith(visitor.workspace.url) for url in asked)


def test_an_error_says_what_happened_and_retry_asks_again(visitor: Visitor) -> None:
    visitor.ask("fail")
    visitor.wait_for_end()
    note = visitor.answers.last.locator(".note")
    expect(note).to_be_visible()
    note.get_by_role("button", name="Retry").click()
    expect(visitor.page.locator("#turns [aria-busy]")).to_have_count(1)
    visitor.wait_for_end()
    expect(visitor.answers).to_have_count(1)


def test_a_stream_whose_first_request_fails_starts_again_by_itself(visitor: Visitor) -> None:
    failures = iter(range(2))
    visitor.page.route(
        "**/generations/*/events*",
        lambda route: route.abort() if next(failures, None) is not None else route.continue_(),
    )
    visitor.ask("Tell me about tides")
    visitor.wait_for_end()
    assert "先存再显示" in visitor.text_of_answer()


def test_nothing_in_an_answer_or_question_can_act_as_a_page(visitor: Visitor) -> None:
    visitor.ask('fast <b hx-get="/admin/users" hx-trigger="load">bold</b><script>alert(1)</script>')
    visitor.wait_for_end()
    expect(visitor.questions.last.locator("b")).to_have_count(0)
    expect(visitor.answer.locator("[hx-get], script")).to_have_count(0)
