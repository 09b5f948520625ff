"""The settings centre: search, sources, pins, history and undo, import and export, the test of the proxy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from parley.admin.settings.network import BEATS, judged
from parley.lib.config import ConfigError
from parley.lib.logging import quieten
from parley.settings.branding import ACCENT, NAME
from parley.settings.pins import check, fix
from parley.settings.queries import load
from parley.settings.titling import BY_MODEL, LONGEST
from tests.world import World

pytestmark = pytest.mark.one_engine
API, PAGE = "/api/settings/system", "/admin/settings"


@pytest.fixture
def pinned() -> Iterator[None]:
    yield
    fix(())


async def test_only_administrators_see_the_centre(world: World) -> None:
    for path in ("/admin", PAGE, f"{PAGE}/titles", f"{PAGE}/history", f"{PAGE}/export", f"{PAGE}/import"):
        assert (await world.member.pages.get(path)).status_code == 404
        assert (await world.admin.pages.get(path)).status_code == 200
    assert (await world.admin.pages.get(f"{PAGE}/nothing")).status_code == 404
    moved = await world.admin.pages.get("/admin/answering")
    assert moved.headers["location"] == PAGE


async def test_a_search_finds_words_keys_and_explanations(world: World) -> None:
    for words, key in (
        ("longest title", "titles.longest"),
        ("wild", "sampling.temperature"),
        ("deleted", "retention.deleted"),
    ):
        page = (await world.admin.pages.get(PAGE, params={"q": words})).text
        assert f'id="{key}"' in page
        assert 'id="patience.total"' not in page
    assert "No setting is called like this." in (await world.admin.pages.get(f"{PAGE}?q=xyzzy")).text


@pytest.mark.usefixtures("pinned")
async def test_the_environment_decides_and_says_so(world: World) -> None:
    fix((("PARLEY_SETTING_TITLES_LONGEST", "33"),))
    assert (await load(world.resources.db))[LONGEST] == 33
    card = (await world.admin.pages.get(f"{PAGE}/titles")).text
    assert "Pinned by the environment" in card
    assert "<code>PARLEY_SETTING_TITLES_LONGEST</code>" in card
    assert 'name="titles.longest"' not in card
    refused = await world.admin.api.put(API, json={"titles.longest": 50})
    assert "PARLEY_SETTING_TITLES_LONGEST" in refused.json()["fields"]["titles.longest"]
    found = (await world.admin.api.get(API)).json()["data"]
    assert (found["sources"]["titles.longest"], found["sources"]["titles.model"]) == (
        "environment",
        "default",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TITLES_LONGEST", "many"),
        ("NOTHING_LIKE_IT", "1"),
        ("SAMPLING_TEMPERATURE", "nan"),
        ("TITLES_LONGEST", "1e99"),
        ("BRANDING_NAME", "a\udcff"),
        ("TITLES_BY_MODEL", "on\\noff"),
        ("BRANDING_ACCENT", "#2266aa;}body{display:none}"),
    ],
)
def test_a_pin_that_does_not_fit_is_refused_in_one_line(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"PARLEY_SETTING_{name}"):
        check(((f"PARLEY_SETTING_{name}", text),))


@pytest.mark.usefixtures("pinned")
async def test_a_pin_is_read_as_if_it_were_typed(world: World) -> None:
    pins = (("PARLEY_SETTING_TITLES_BY_MODEL", " off\\n"), ("PARLEY_SETTING_TITLES_LONGEST", " 33 "))
    check(pins)
    fix((*pins, ("PARLEY_SETTING_BRANDING_NAME", "  ")))
    values = await load(world.resources.db)
    assert (values[BY_MODEL], values[LONGEST], values[NAME]) == ("off", 33, "Parley")


async def test_every_change_is_kept_audited_and_can_be_undone(world: World) -> None:
    for longest in (50, 60):
        await world.admin.api.put(API, json={"titles.longest": longest})
    page = (await world.admin.pages.get(f"{PAGE}/history?key=titles.longest")).text
    ids = re.findall(r'name="id" value="(\d+)"', page)
    assert (len(ids), "keeper" in page) == (2, True)
    form = {"_csrf": world.admin.csrf, "id": ids[0]}
    assert (await world.admin.pages.post(f"{PAGE}/history/undo", data=form)).status_code == 303
    assert (await load(world.resources.db))[LONGEST] == 50
    form["id"] = ids[1]
    await world.admin.pages.post(f"{PAGE}/history/undo", data=form)
    assert not (await load(world.resources.db)).is_set("titles.longest")
    assert (await world.member.pages.post(f"{PAGE}/history/undo", data=form)).status_code in (403, 404)
    acts = await world.resources.db.fetch(
        "SELECT actor_name, subject, before, after FROM audit_entry"
        " WHERE act = 'setting.changed' ORDER BY seq"
    )
    assert len(acts) == 4
    assert acts[1] == {
        "actor_name": "keeper",
        "subject": "setting titles.longest",
        "before": '{"titles.longest":50}',
        "after": '{"titles.longest":60}',
    }


async def test_visitors_who_find_no_model_are_spoken_of(world: World) -> None:
    card, closed = f"{PAGE}/visitors", "Visitors can come in, but no model is open to them."
    before = (await world.admin.pages.get(card)).text
    assert ("No model is open to visitors yet." in before, closed in before) == (True, False)
    form = {"_csrf": world.admin.csrf, "visitors.mode": "on"}
    saved = await world.admin.pages.post(card, data=form, follow_redirects=True)
    assert "Saved." in saved.text
    assert closed in saved.text
    assert 'href="/admin/settings/models#models.access_visitor"' in saved.text
    assert 'id="models.access_visitor"' in (await world.admin.pages.get(f"{PAGE}/models")).text
    await world.admin.api.put(API, json={"models.access_visitor": "allow"})
    after = (await world.admin.pages.get(card)).text
    assert (closed in after, "No model is open" in after) == (False, False)


async def test_a_field_takes_its_default_again(world: World) -> None:
    form = {"_csrf": world.admin.csrf, "titles.longest": "70"}
    await world.admin.pages.post(f"{PAGE}/titles", data=form)
    assert "Default: 48" in (await world.admin.pages.get(f"{PAGE}/titles")).text
    await world.admin.pages.post(f"{PAGE}/titles", data={**form, "reset": "titles.longest"})
    assert (await load(world.resources.db)).source("titles.longest") == "default"


async def test_settings_travel_as_a_file_and_nothing_is_lost(world: World) -> None:
    await world.admin.api.put(API, json={"titles.longest": 55, "branding.name": "Here"})
    file = (await world.admin.pages.get(f"{PAGE}/export")).json()
    assert file["settings"] == {"branding.name": "Here", "titles.longest": 55}
    file["settings"] |= {"titles.longest": 66, "future.thing": [1], "sampling.temperature": 9}
    form = {"_csrf": world.admin.csrf, "document": json.dumps(file)}
    page = (await world.admin.pages.post(f"{PAGE}/import", data=form)).text
    for words in ("1 setting changes", "future.thing", "[1]", "from 0 to 2", "1 setting is the same"):
        assert words in page
    assert (await load(world.resources.db))[LONGEST] == 55
    done = await world.admin.pages.post(f"{PAGE}/import", data={**form, "sure": "1"})
    assert done.status_code == 303
    assert (await load(world.resources.db))[LONGEST] == 66
    deep = '{"kind": "parley-settings", "settings": {"x": ' + "[" * 90_000
    for text in ("{}", deep, "[]", '{"kind": "parley-settings", "settings": []}', "\ud800"):
        bad = await world.admin.pages.post(
            f"{PAGE}/import", data={**form, "document": text.encode("utf-8", "surrogatepass")}
        )
        assert (bad.status_code, "no file of settings" in bad.text) == (400, True)


async def test_hostile_values_are_text_on_pages_and_nothing_in_sheets(world: World) -> None:
    harm = "</title><script>alert(1)</script>{{ 7*7 }}"
    words = ("greeting", "login_text", "footer", "name", "starters")
    given = {f"branding.{word}": harm[:40] for word in words} | {"banner.text": harm, "branding.letter": '"<'}
    assert (await world.admin.api.put(API, json=given)).status_code == 200
    for path in ("/chat", PAGE, f"{PAGE}/history"):
        page = (await world.admin.pages.get(path)).text
        assert "<script>alert" not in page
    assert "<script>alert" not in (await world.visitor.pages.get("/login")).text
    for colour in ("red;}*{x:y", "#12345", "#123456\n", "url(//evil)", "#1234567"):
        await world.admin.api.put(API, json={"branding.accent": colour})
        assert (await load(world.resources.db))[ACCENT] in ("", "#123456")
    half = await world.admin.api.put(
        API, content=b'{"branding.name": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert half.status_code == 400
    undo = {"_csrf": world.admin.csrf, "id": "\u00b2", "times": "\u00b2"}
    assert (await world.admin.pages.post(f"{PAGE}/history/undo", data=undo)).status_code == 404
    verdict = await world.admin.pages.post("/admin/network/verdict/abcdef0123456789", data=undo)
    assert verdict.status_code == 200


async def test_the_proxy_is_judged_by_what_arrives(world: World, caplog: pytest.LogCaptureFixture) -> None:
    quieten()
    assert judged([n * 200 for n in range(BEATS)])[1]
    assert not judged([3_000 + n for n in range(BEATS)])[1]
    assert not judged([0, 200])[1]
    assert not judged([*(n * 200 for n in range(BEATS - 1)), 9_000])[1]
    admin, token = world.admin.pages, "abcdef0123456789"
    wish = {"Connection": "Upgrade", "Upgrade": "websocket"}
    arrived = await admin.get(f"/admin/network/upgrade?token={token}", headers=wish)
    assert (arrived.status_code, arrived.json()["data"]["upgrade"]) == (426, True)
    assert [each for each in caplog.messages if "upgrade" in each.lower() or "WebSocket" in each] == []
    form = {"_csrf": world.admin.csrf, "times": ",".join(str(n * 200) for n in range(BEATS))}
    verdict = (await admin.post(f"/admin/network/verdict/{token}", data=form)).text
    assert "arrives as it is sent" in verdict
    assert "proxy_buffering" not in verdict
    held = (await admin.post(f"/admin/network/verdict/{token}", data={**form, "times": ""})).text
    assert "proxy_buffering off" in held
    stream = (await admin.get("/admin/network/stream")).text
    assert stream.count("data: ") == BEATS
    assert (await world.member.pages.get("/admin/network/stream")).status_code == 404
