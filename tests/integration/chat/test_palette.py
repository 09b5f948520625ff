"""The palette and the list of keys over HTTP."""

import pytest

from tests.integration.chat.test_pages import started
from tests.world import World

pytestmark = pytest.mark.one_engine


async def test_it_finds_own_chats_by_title_and_nobody_elses(world: World) -> None:
    await started(world.member, "Pelican 100% notes")
    assert "Pelican" in (await world.member.pages.get("/f/palette?q=pelican")).text
    assert "Pelican" in (await world.member.pages.get("/f/palette?q=100%25")).text
    assert "Pelican" not in (await world.member.pages.get("/f/palette?q=l_can")).text
    assert "Pelican 100" not in (await world.outsider.pages.get("/f/palette?q=pelican")).text


async def test_capital_letters_of_every_alphabet_are_found_as_small_ones(world: World) -> None:
    await started(world.member, "Über ПРИВЕТ")
    for typed in ("Über", "über", "привет"):
        assert "offer-chats-1" in (await world.member.pages.get("/f/palette", params={"q": typed})).text


async def test_settings_are_offered_to_administrators_only(world: World) -> None:
    for typed in ("", "?q=conn", "?q=patience", "?q=waiting"):
        assert "/admin/" not in (await world.member.pages.get(f"/f/palette{typed}")).text
    assert "/admin/settings/patience" in (await world.admin.pages.get("/f/palette?q=waiting")).text
    assert "/admin/connections" in (await world.admin.pages.get("/f/palette")).text


async def test_the_dialog_comes_once_and_then_its_lines(world: World) -> None:
    assert "<dialog" in (await world.member.pages.get("/f/palette")).text
    assert "<dialog" not in (await world.member.pages.get("/f/palette?q=")).text


async def test_english_names_find_lines_in_chinese_too(world: World) -> None:
    world.member.pages.cookies.set("lang", "zh", domain="127.0.0.1")
    answer = (await world.member.pages.get("/f/palette?q=temporary")).text
    assert "/chat?temporary=1" in answer


async def test_the_list_of_keys_follows_the_preferences(world: World) -> None:
    assert "Ctrl</kbd>" in (await world.member.pages.get("/keys")).text
    await world.member.pages.post("/account/preferences", data={"enter": "ctrl", "density": "snug"})
    page = (await world.member.pages.get("/f/keys")).text
    assert "<html" not in page
    assert ">Ctrl</kbd><kbd" in page.split("Send; while")[1][:200]


async def test_the_service_worker_is_of_this_version_and_never_kept(world: World) -> None:
    answer = await world.visitor.pages.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "__" not in answer.text.split("const CACHE")[1].partition("\n")[0]
    assert len(answer.content) <= 2048
    offline = (await world.member.pages.get("/offline")).text
    assert "member" not in offline
    assert "csrf" not in offline.lower()
