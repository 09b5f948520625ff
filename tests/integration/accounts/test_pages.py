"""The pages of entry, first run, devices and users, as a browser without scripts sees them."""

from __future__ import annotations

import re

import httpx
import pytest

from parley.lib.db import Script
from tests.world import PASSWORD, World

pytestmark = pytest.mark.one_engine

NEW = {"username": "newcomer", "password": "quiet otter 47"}


async def token_on(client: httpx.AsyncClient, path: str) -> str:
    """The form token of the page at `path`."""
    page = await client.get(path)
    assert page.status_code == 200, page.text
    found = re.search(r'name="_csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


async def send(client: httpx.AsyncClient, path: str, form: str = "", **fields: str) -> httpx.Response:
    """Fill in the form on `form` (or `path` itself) and send it to `path`."""
    return await client.post(path, data={"_csrf": await token_on(client, form or path), **fields})


async def test_the_first_run_leads_from_an_empty_house_to_the_chat(client: httpx.AsyncClient) -> None:
    for door in ("/", "/login", "/register"):
        assert (await client.get(door)).headers["location"] == "/setup"
    answer = await send(client, "/setup", **NEW, language="zh")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/setup?step=2"
    assert client.cookies["lang"] == "zh"
    second = await client.get("/setup?step=2")
    assert 'action="/chat"' in second.text
    assert 'value="demo"' in second.text
    assert 'href="/admin/connections"' in (await client.get("/setup?step=3")).text
    assert (await client.get("/chat")).text == "chat of newcomer"
    assert (await client.get("/")).headers["location"] == "/chat"


async def test_setup_is_over_once_somebody_has_the_house(world: World) -> None:
    assert (await world.visitor.pages.get("/setup")).headers["location"] == "/"
    assert (await world.member.pages.get("/setup?step=3")).headers["location"] == "/"
    answer = await send(world.visitor.pages, "/setup", form="/register", **NEW)
    assert answer.headers["location"] == "/register"
    rows = await world.resources.db.fetch("SELECT id FROM user_account WHERE username = 'newcomer'")
    assert rows == []


async def test_registering_leads_to_the_waiting_page_which_leaves_by_itself(world: World) -> None:
    browser = world.visitor.pages
    answer = await send(browser, "/register", **NEW)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/pending"
    waiting = await browser.get("/pending")
    assert 'hx-get="/pending"' in waiting.text
    assert (await browser.get("/chat")).headers["location"] == "/pending"
    (row,) = await world.resources.db.fetch("SELECT id FROM user_account WHERE username = 'newcomer'")
    await send(world.admin.pages, f"/admin/users/{row['id']}/approval", form="/admin/users")
    polled = await browser.get("/pending", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert polled.headers["hx-redirect"] == "/chat"
    assert (await browser.get("/chat")).text == "chat of newcomer"


async def test_a_form_that_is_refused_says_why_and_keeps_what_was_typed(world: World) -> None:
    answer = await send(world.visitor.pages, "/register", username="member", password="quiet otter 47")
    assert answer.status_code == 409
    assert 'value="member"' in answer.text
    assert "username-error" in answer.text
    assert "quiet otter 47" not in answer.text
    short = await send(world.visitor.pages, "/register", username="newcomer", password="short")
    assert short.status_code == 400
    assert "password-error" in short.text
    empty = await send(world.visitor.pages, "/login", username="", password="")
    assert empty.status_code == 400


async def test_signing_in_leads_back_to_where_one_wanted_to_go(world: World) -> None:
    browser = world.visitor.pages
    sent = await browser.get("/account/sessions?a=b")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=/account/sessions%3Fa%3Db"
    page = await browser.get(sent.headers["location"])
    assert 'name="next" value="/account/sessions?a=b"' in page.text
    answer = await send(browser, "/login", username="member", password=PASSWORD, next="/account/sessions?a=b")
    assert answer.headers["location"] == "/account/sessions?a=b"


async def test_htmx_too_is_led_back_to_an_address_in_any_script(world: World) -> None:
    browser = world.visitor.pages
    token = await token_on(browser, "/login")
    form = {"_csrf": token, "username": "member", "password": PASSWORD, "next": "/search?q=中文"}
    answer = await browser.post("/login", data=form, headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/search?q=%E4%B8%AD%E6%96%87"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil", "javascript:alert(1)"])
async def test_nobody_is_sent_to_another_site(world: World, target: str) -> None:
    answer = await send(world.visitor.pages, "/login", username="member", password=PASSWORD, next=target)
    assert answer.headers["location"] == "/chat"


async def test_a_wrong_password_is_a_form_with_one_sentence(world: World) -> None:
    answer = await send(world.visitor.pages, "/login", username="member", password="wrong password")
    assert answer.status_code == 401
    assert "The username or the password is wrong." in answer.text
    assert "sid" not in world.visitor.pages.cookies


async def test_a_declined_person_reads_the_reason(world: World) -> None:
    await send(
        world.admin.pages,
        f"/admin/users/{world.pending.id}/rejection",
        form="/admin/users",
        reason="<b>No</b>",
    )
    page = await world.pending.pages.get("/pending")
    assert "&lt;b&gt;No&lt;/b&gt;" in page.text
    assert "hx-trigger" not in page.text
    login = await send(world.visitor.pages, "/login", username="waiting", password=PASSWORD)
    assert login.status_code == 403
    assert "&lt;b&gt;No" in login.text


async def test_signing_in_gives_a_new_id_and_ends_the_old_one(world: World) -> None:
    browser = world.member.pages
    before = browser.cookies["sid"]
    # A planted or left-over cookie is not taken over.
    token = await token_on(browser, "/account/password")
    answer = await browser.post("/login", data={"_csrf": token, "username": "outsider", "password": PASSWORD})
    assert answer.status_code == 303
    assert browser.cookies["sid"] != before
    old = httpx.AsyncClient(base_url=world.url, cookies={"sid": before}, trust_env=False)
    async with old:
        assert (await old.get("/chat")).status_code == 303


async def test_signing_out_ends_the_login_session(world: World) -> None:
    secret = world.member.pages.cookies["sid"]
    answer = await send(world.member.pages, "/logout", form="/account/sessions")
    assert answer.headers["location"] == "/login"
    assert "sid" not in world.member.pages.cookies
    async with httpx.AsyncClient(base_url=world.url, cookies={"sid": secret}, trust_env=False) as thief:
        assert (await thief.get("/chat")).headers["location"].startswith("/login")


async def test_devices_are_listed_and_signed_out_one_by_one_or_all(world: World) -> None:
    here = world.member.pages
    for _ in range(2):
        await world.visitor.api.post("/api/auth/login", json={"username": "member", "password": PASSWORD})
    page = (await here.get("/account/sessions")).text
    others = re.findall(r'action="/account/sessions/(\d+)/revocation"', page)
    assert len(others) == 2
    await send(here, f"/account/sessions/{others[0]}/revocation", form="/account/sessions")
    assert len(re.findall(r"/sessions/\d+/revocation", (await here.get("/account/sessions")).text)) == 1
    await send(here, "/account/sessions/revocation", form="/account/sessions")
    assert "/revocation" not in (await here.get("/account/sessions")).text
    assert (await here.get("/chat")).status_code == 200


async def test_nobody_signs_out_anybody_else(world: World) -> None:
    assert world.member.actor
    path = f"/account/sessions/{world.member.actor.session}/revocation"
    assert (await world.outsider.pages.post(path)).status_code == 404
    assert (await world.admin.pages.post(path)).status_code == 404
    assert (await world.member.pages.get("/chat")).status_code == 200


async def test_a_new_password_signs_out_everywhere_else_and_changes_the_id(world: World) -> None:
    here, before = world.member.pages, world.member.pages.cookies["sid"]
    wrong = await send(here, "/account/password", current="wrong password", new="a longer word")
    assert wrong.status_code == 400
    assert "current-error" in wrong.text
    assert (await send(here, "/account/password", current=PASSWORD, new="short")).status_code == 400
    answer = await send(here, "/account/password", current=PASSWORD, new="a longer word")
    assert answer.status_code == 303
    assert here.cookies["sid"] != before
    assert (await here.get("/chat")).status_code == 200
    assert (await world.member.api.get("/api/secret")).status_code == 401
    login = await world.visitor.api.post(
        "/api/auth/login", json={"username": "member", "password": "a longer word"}
    )
    assert login.status_code == 200


async def test_the_list_of_users_is_for_administrators(world: World) -> None:
    page = await world.admin.pages.get("/admin/users")
    assert page.text.index("waiting") < page.text.index("outsider")
    assert f"/admin/users/{world.admin.id}/" not in page.text
    assert (await world.member.pages.get("/admin/users")).status_code == 404
    assert (await world.pending.pages.get("/admin/users")).headers["location"] == "/pending"
    assert (await world.visitor.pages.get("/admin/users")).headers["location"].startswith("/login")


@pytest.mark.parametrize("verb", ["approval", "rejection", "disabling", "enabling"])
async def test_decisions_on_the_page_are_for_administrators(world: World, verb: str) -> None:
    path = f"/admin/users/{world.outsider.id}/{verb}"
    assert (await world.member.pages.post(path)).status_code == 404
    assert (await world.pending.pages.post(path)).headers["location"] == "/pending"


async def test_htmx_gets_the_row_after_a_decision(world: World) -> None:
    answer = await world.admin.pages.post(
        f"/admin/users/{world.pending.id}/approval",
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    assert answer.status_code == 200
    assert f'<tr id="user-{world.pending.id}"' in answer.text
    assert "<html" not in answer.text


async def test_a_disabled_person_is_told_so(world: World) -> None:
    await world.admin.pages.post(f"/admin/users/{world.member.id}/disabling")
    page = await world.member.pages.get("/chat")
    assert page.status_code == 403
    assert "disabled" in page.text


async def test_preferences_are_kept_and_lead_back(world: World) -> None:
    answer = await send(world.member.pages, "/preferences", form="/account/password", lang="zh", next="/chat")
    assert answer.headers["location"] == "/chat"
    rows = await world.resources.db.fetch("SELECT language FROM user_account WHERE id = ?", world.member.id)
    assert rows == [{"language": "zh"}]
    await send(world.visitor.pages, "/preferences", form="/login", theme="dark", next="//evil.example")
    assert world.visitor.pages.cookies["theme"] == "dark"
    page = (await world.visitor.pages.get("/login?next=/chat%3Fx=1")).text
    assert 'name="next" value="/login?next=/chat%3Fx=1"' in page


def pressed(page: str) -> list[str]:
    """What is chosen on the page about the account, the menu included, as "name=value"."""
    found = re.findall(r'<button name="(\w+)" value="(\w+)"[^>]* aria-pressed="true"', page)
    return sorted(f"{name}={value}" for name, value in found)


async def test_language_and_theme_are_one_choice_on_page_and_menu(world: World) -> None:
    pages, form = world.member.pages, "/account/profile"
    assert pressed((await pages.get(form)).text) == ["lang=auto", "lang=en", "theme=auto", "theme=auto"]
    await send(pages, "/preferences", form=form, lang="zh", next=form)
    await send(pages, "/preferences", form=form, theme="dark", next=form)
    page = (await pages.get(form)).text
    assert pressed(page) == ["lang=zh", "lang=zh", "theme=dark", "theme=dark"]
    assert '<html lang="zh-Hans" data-theme="dark"' in page
    await send(pages, "/account/preferences", form="/account/preferences", enter="send", density="snug")
    elsewhere = world.visitor.pages
    await elsewhere.get("/login")
    await send(elsewhere, "/login", form="/login", username="member", password=PASSWORD)
    assert (elsewhere.cookies["lang"], elsewhere.cookies["theme"]) == ("zh", "dark")
    del pages.cookies["theme"]
    assert 'data-theme="dark"' in (await pages.get(form)).text  # a browser that forgot
    await send(pages, "/preferences", form=form, lang="auto", next=form)
    assert "lang" not in pages.cookies
    assert "lang=auto" in pressed((await pages.get(form)).text)
    rows = await world.resources.db.fetch("SELECT language FROM user_account WHERE id = ?", world.member.id)
    assert rows == [{"language": ""}]


async def test_a_login_session_ends_when_idle_and_when_old(world: World) -> None:
    assert world.member.actor
    db, day = world.resources.db, 86_400_000

    def age(column: str, by: int) -> Script[None]:
        yield f"UPDATE login_session SET {column} = {column} - ? WHERE owner = ?", (by, world.member.id)

    await db.write(age, "seen_at", 6 * day)
    assert (await world.member.pages.get("/chat")).status_code == 200
    (row,) = await db.fetch("SELECT seen_at, created_at FROM login_session WHERE owner = ?", world.member.id)
    assert row["seen_at"] >= row["created_at"]
    await db.write(age, "seen_at", 8 * day)
    assert (await world.member.pages.get("/chat")).status_code == 303
    await db.write(age, "seen_at", -8 * day)
    assert (await world.member.pages.get("/chat")).status_code == 200
    await db.write(age, "expires_at", 31 * day)
    assert (await world.member.pages.get("/chat")).status_code == 303
