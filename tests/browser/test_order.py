"""Order among chats: pins, archive, folders, many at once, titles that come by themselves; live elsewhere."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from parley.chat.titling.wording import title_of
from tests.browser.visitor import PATIENCE, Visitor
from tests.upstream.script import text_of

Visit = Callable[..., Visitor]
CALL = """async ([method, path, body]) => {
  const own = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  const headers = { ...own, 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  return answer.json(); }"""


def call(visitor: Visitor, method: str, path: str, body: object) -> Any:
    """Ask the JSON API with the window's own cookies."""
    return visitor.page.evaluate(CALL, [method, path, body])


def begin(visitor: Visitor, *titles: str) -> list[int]:
    """Empty chats with these names, the last one the newest."""
    made = [call(visitor, "POST", "/api/sessions", {"title": title}) for title in titles]
    return [int(each["data"]["session"]["id"]) for each in made]


def row(visitor: Visitor, id: int) -> Locator:
    return visitor.page.locator(f"#c{id}")


def menu(visitor: Visitor, id: int, verb: str) -> None:
    """Choose from the menu of a row with the keyboard."""
    button = row(visitor, id).locator(".row__more")
    button.focus()
    button.press("Enter")
    item = visitor.page.get_by_role("button", name=verb, exact=True).locator("visible=true")
    item.focus()
    item.press("Enter")


def place(visitor: Visitor, id: int) -> str:
    """Where the list shows a chat: the heading above it."""
    return str(
        visitor.page.evaluate(
            """id => { const row = document.getElementById(`c${id}`);
            if (!row) return '';
            const shelf = row.closest('.shelf');
            if (shelf) return shelf.querySelector('summary span').textContent;
            let above = row.parentElement;
            while (above && above.tagName !== 'H2') above = above.previousElementSibling;
            return above?.textContent ?? ''; }""",
            id,
        )
    )


def wait_for_place(visitor: Visitor, id: int, heading: str) -> None:
    for _ in range(round(PATIENCE / 50)):
        if place(visitor, id) == heading:
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError(f"{id} stands under {place(visitor, id)!r}")


def undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").last.click()


def test_pin_folder_and_archive_by_keyboard_each_undone_and_live_elsewhere(visit: Visit) -> None:
    desk, other = visit(), visit()
    desk.go("/chat")
    (id,) = begin(desk, "harbour notes")
    desk.go(f"/chat/{id}")
    other.go("/chat")
    menu(desk, id, "Pin")
    wait_for_place(desk, id, "Pinned")
    wait_for_place(other, id, "Pinned")
    undo(desk.page)
    wait_for_place(desk, id, "Today")
    menu(desk, id, "Folder and tags")
    desk.page.get_by_label("Or a new folder").fill("Sea")
    desk.page.get_by_label("New tags").fill("潮汐, boats")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".crumb")).to_have_text("Sea")
    shelf = desk.page.locator(".shelf", has_text="Sea")
    shelf.locator("summary").press("Enter")
    wait_for_place(desk, id, "Sea")
    expect(other.page.locator(".shelf", has_text="Sea")).to_have_count(1)
    wait_for_place(other, id, "")  # its folder is closed there
    desk.page.reload()
    wait_for_place(desk, id, "Sea")  # an open folder stays open
    menu(desk, id, "Archive")
    expect(desk.page).to_have_url(re.compile("/chat$"))
    expect(row(desk, id)).to_have_count(0)
    undo(desk.page)
    expect(desk.page).to_have_url(re.compile(f"/chat/{id}$"))
    wait_for_place(desk, id, "Sea")
    desk.go("/chat/tags?tag=boats")
    expect(desk.page.locator("#stage").get_by_role("link", name="harbour notes")).to_be_visible()


def test_several_are_chosen_deleted_and_come_back_exactly(visit: Visit) -> None:
    desk, other = visit(), visit()
    desk.go("/chat")
    ids = begin(desk, *(f"many {n}" for n in range(6)))
    other.go("/chat")
    desk.go(f"/chat/{ids[4]}")
    menu(desk, ids[5], "Select several")
    bar = desk.page.get_by_role("toolbar", name="Chosen chats")
    expect(bar).to_contain_text("1 chosen")
    row(desk, ids[2]).locator("a").click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 chosen")
    row(desk, ids[3]).get_by_role("checkbox").uncheck()
    expect(bar).to_contain_text("3 chosen")
    assert desk.path == f"/chat/{ids[4]}"
    bar.get_by_role("button", name="Delete").click()
    expect(desk.page.locator(".toast", has_text="3 chats deleted.")).to_be_visible()
    expect(desk.page).to_have_url(re.compile("/chat$"))
    for id, there in zip(ids, (1, 1, 0, 1, 0, 0), strict=True):
        expect(row(desk, id)).to_have_count(there)
        expect(row(other, id)).to_have_count(there)
    undo(desk.page)
    for id in ids:
        expect(row(desk, id)).to_have_count(1)
        expect(row(other, id)).to_have_count(1)
    menu(desk, ids[0], "Select several")
    with desk.page.expect_download() as download:
        bar.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename.endswith(".zip")
    desk.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(desk.page.locator(".row__tick")).to_have_count(0)


def test_a_long_list_comes_by_pages_and_news_do_not_move_it(visit: Visit) -> None:
    desk, other = visit(), visit()
    other.go("/chat")
    other.page.evaluate(
        f"async () => {{ const call = {CALL}; for (let n = 0; n < 110; n++)"
        " await call(['POST', '/api/sessions', { title: `long list ${n}` }]); }"
    )
    desk.go("/chat")
    rows = desk.page.locator("#chats .loose li")
    assert rows.count() == 50
    desk.page.locator("#chats").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(rows).not_to_have_count(50)
    middle = desk.page.locator("#chats li", has_text="long list 65")
    middle.scroll_into_view_if_needed()
    before = middle.bounding_box()
    (id,) = begin(other, "from another device")
    expect(row(desk, id)).to_have_count(1)
    wait_for_place(desk, id, "Today")
    desk.page.wait_for_function(
        "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50, true)))"
    )
    after = middle.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 2
    assert rows.count() >= 100


def test_a_title_by_a_model_arrives_everywhere_and_a_rename_stays(visit: Visit, upstream_url: str) -> None:
    desk, other = visit(), visit()
    desk.go("/chat")
    other.go("/chat")
    raw = "titler,tokens=5,speed=0"
    body = {
        "name": "Titles",
        "provider": "openai",
        "baseUrl": f"{upstream_url}/v1",
        "apiKey": "k",
        "models": [raw],
    }
    connection = call(desk, "POST", "/api/connections", body)["data"]["connection"]["id"]
    call(
        desk, "PUT", "/api/settings/system", {"titles.by_model": "on", "titles.model": f"{connection}:{raw}"}
    )
    try:
        for key in ("tb1", "tb2"):
            desk.go("/chat")
            desk.ask(f"fast key={key} of the harbour")
            desk.wait_for_end()
            title = title_of(text_of(key, 5), 48)
            expect(desk.page.locator("#title")).to_have_text(title)
            expect(desk.page).to_have_title(title)
            expect(desk.page.locator("#chats a[aria-current]")).to_contain_text(title)
            expect(other.page.locator("#chats a", has_text=title)).to_have_count(1)
        desk.page.get_by_role("button", name="Chat actions").click()
        desk.page.locator("#chat-menu").get_by_role("button", name="Rename").click()
        name = desk.page.get_by_label("New name")
        name.fill("Mine")
        name.press("Enter")
        expect(other.page.locator("#chats a", has_text="Mine")).to_have_count(1)
        desk.page.get_by_role("button", name="Chat actions").click()
        desk.page.get_by_role("button", name="New title by a model").click()
        expect(desk.page.locator("#title")).to_have_text(title)
    finally:
        call(desk, "PUT", "/api/settings/system", {"titles.by_model": "off", "titles.model": None})


def test_on_a_phone_the_list_is_put_in_order_from_the_drawer(visit: Visit) -> None:
    phone = visit(width=390, height=844, touch=True)
    phone.go("/chat")
    (id,) = begin(phone, "on the phone")
    phone.page.get_by_role("button", name="Open the sidebar").tap()
    expect(row(phone, id)).to_be_visible()
    row(phone, id).locator(".row__more").tap()
    heights = phone.page.locator("#row-menu .menu__item:visible").evaluate_all(
        "items => items.map(item => item.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44, json.dumps(heights)
    phone.page.locator("#row-menu").get_by_role("button", name="Pin", exact=True).tap()
    wait_for_place(phone, id, "Pinned")
    expect(phone.page.locator("#side")).to_be_visible()
    undo(phone.page)
    wait_for_place(phone, id, "Today")
