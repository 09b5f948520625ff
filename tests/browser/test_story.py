"""The main job, in a browser: the first answer, and answers that outlive their pages."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.browser.fair import fair
from tests.browser.visitor import PASSWORD, PATIENCE, Visitor, Workspace
from tests.processes import Parley

Visit = Callable[..., Visitor]


def test_from_an_empty_database_to_the_first_answer_without_a_key(chromium: Browser, parley: Parley) -> None:
    with chromium.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(parley.url)
        expect(page).to_have_url(re.compile("/setup$"))
        page.set_viewport_size({"width": 320, "height": 720})
        page.get_by_role("link", name="恢复").click()
        page.get_by_label("备份文件").set_input_files(__file__)
        page.get_by_role("button", name="恢复").click()
        expect(page.get_by_role("alert")).to_be_visible()  # no backup at all
        assert fair(page)
        page.get_by_role("link", name="返回").click()
        assert fair(page)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.get_by_label("用户名").fill("小明_1")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.locator("form.form button.btn--primary").click()
        page.locator("form.form button.btn--primary").click()
        expect(page).to_have_url(re.compile(r"/chat/\d+$"))
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        expect(page.locator(".turn--ai .acts")).to_be_attached(timeout=PATIENCE)


def test_reloading_in_the_middle_of_an_answer_loses_nothing(visitor: Visitor) -> None:
    visitor.ask("Tell me about tides")
    visitor.wait_for_first_words()
    seen = visitor.text_of_answer()
    visitor.page.reload()
    assert visitor.text_of_answer().startswith(seen[:20])
    visitor.wait_for_end()
    streamed = visitor.text_of_answer()
    visitor.page.reload()
    assert visitor.text_of_answer() == streamed
    assert len(streamed) > 500


def test_an_answer_is_whole_after_its_page_was_closed_in_the_middle(visit: Visit) -> None:
    first = visit()
    first.go("/chat")
    first.ask("Tell me about the moon")
    first.wait_for_first_words()
    path = first.path
    first.page.close()
    second = visit()
    second.go(path)
    second.wait_for_end()
    assert "先存再显示" in second.text_of_answer()


def test_a_second_device_shows_a_question_and_its_answer_as_they_come(visit: Visit) -> None:
    desk, phone = visit(), visit(width=390, height=844, touch=True)
    desk.go("/chat")
    desk.ask("fast hello")
    expect(desk.page).to_have_url(re.compile(r"/chat/\d+$"))
    desk.wait_for_end()
    phone.go(desk.path)
    desk.ask("And a second one")
    expect(phone.questions.last).to_contain_text("And a second one")
    phone.wait_for_first_words()
    phone.wait_for_end()
    desk.wait_for_end()
    assert phone.text_of_answer() == desk.text_of_answer()
    expect(desk.questions).to_have_count(2)
    expect(desk.answers).to_have_count(2)


def test_an_answer_goes_on_by_itself_when_the_server_comes_back(
    visitor: Visitor, workspace: Workspace
) -> None:
    visitor.ask("Tell me about rivers")
    visitor.wait_for_first_words()
    assert workspace.processes.kill("web") is not None
    visitor.wait_for_end()
    streamed = visitor.text_of_answer()
    visitor.page.reload()
    assert visitor.text_of_answer() == streamed
    assert "先存再显示" in streamed


def test_everything_works_below_a_path_of_its_own(chromium: Browser) -> None:
    processes = Parley({"PARLEY_ROOT_PATH": "/parley"})
    processes.url += "/parley"
    with processes:
        workspace = Workspace.founded(processes, chromium)
        visitor = Visitor.arrived(chromium, workspace)
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(workspace.url)))
        visitor.go("/chat")
        visitor.ask("fast below a path")
        visitor.wait_for_end()
        expect(visitor.page).to_have_url(re.compile(r"/parley/chat/\d+$"))
        expect(visitor.page.locator("#chats a[aria-current]")).to_contain_text("below a path")
        visitor.context.close()
        assert [path for path in asked if not path.startswith("/")] == []
        assert visitor.troubles == []
