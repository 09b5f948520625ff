"""Windows of a long chat: its end, the surroundings of a message, more above and below."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

TURNS = 130
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def long_chat(owner: int) -> Script[tuple[int, list[int]]]:
    """A conversation of TURNS messages in one line; its id and theirs."""
    now = now_ms()
    made = yield (
        "INSERT INTO conversation (owner, title, created_at, updated_at) VALUES (?, 'Long', ?, ?)"
        " RETURNING id",
        (owner, now, now),
    )
    chat, ids = int(made[0]["id"]), list[int]()
    for n in range(TURNS):
        row = yield (
            "INSERT INTO message (conversation, parent, role, text, model, model_name, created_at)"
            " VALUES (?, ?, ?, ?, 'demo', 'Demo model', ?) RETURNING id",
            (chat, ids[-1] if ids else None, "assistant" if n % 2 else "user", f"Turn {n}.", now + n),
        )
        ids.append(int(row[0]["id"]))
    for message, child in pairwise(ids):
        yield "UPDATE message SET chosen_child = ? WHERE id = ?", (child, message)
    yield "UPDATE conversation SET leaf = ? WHERE id = ?", (ids[-1], chat)
    return chat, ids


def second_beginning(chat: int) -> Script[int]:
    """Another first question, which the conversation follows; its id."""
    made = yield (
        "INSERT INTO message (conversation, role, text, created_at) VALUES (?, 'user', 'Other.', 1)"
        " RETURNING id",
        (chat,),
    )
    yield "UPDATE conversation SET leaf = ? WHERE id = ?", (made[0]["id"], chat)
    return int(made[0]["id"])


async def shown(person: Person, address: str) -> tuple[list[int], list[str]]:
    """The messages of a page or part of one, and where it says more can be had."""
    answer = await person.pages.get(address, headers=HTMX if address.startswith("/f/") else {})
    assert answer.status_code == 200, address
    turns = [int(id) for id in re.findall(r'<article [^>]*data-message="(\d+)"', answer.text)]
    return turns, re.findall(r'hx-get="([^"]*/turns\?[^"]*)"', answer.text)


async def test_a_long_chat_opens_at_its_end_and_is_read_up_to_its_beginning(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    turns, ways = await shown(world.member, f"/chat/{chat}")
    assert turns == ids[-40:]
    for _window in range(3):
        assert len(ways) == 1
        more, ways = await shown(world.member, ways[0])
        turns = more + turns
    assert turns == ids
    assert ways == []


async def test_a_link_to_a_message_shows_its_surroundings_and_both_ways_from_it(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    turns, ways = await shown(world.member, f"/chat/{chat}?at={ids[60]}")
    assert turns == ids[40:81]
    assert [way.rpartition("?")[2] for way in ways] == [f"before={ids[40]}", f"after={ids[80]}"]
    below, further = await shown(world.member, ways[1])
    assert below == ids[81:121]
    last, none = await shown(world.member, further[0])
    assert last == ids[121:]
    assert none == []
    assert (await shown(world.member, ways[0]))[0] == ids[:40]


async def test_a_message_that_is_gone_is_said_and_the_end_is_shown(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    for missing in (10**12, ids[-1] + 1):
        page = (await world.member.pages.get(f"/chat/{chat}?at={missing}")).text
        assert "not in this chat any more" in page
        assert "Turn 129." in page


async def test_a_deleted_message_and_what_followed_it_is_shown_no_more(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    await world.member.pages.post(f"/messages/{ids[100]}/deletion", headers=HTMX)
    page = (await world.member.pages.get(f"/chat/{chat}?at={ids[110]}")).text
    assert "not in this chat any more" in page
    assert "Turn 99." in page
    assert (await shown(world.member, f"/f/chat/{chat}/turns?before={ids[110]}"))[0] == []
    assert (await shown(world.member, f"/f/chat/{chat}/turns?after={ids[110]}"))[0] == ids[60:100]


async def test_where_the_first_question_is_deleted_all_of_the_other_one_can_be_read(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    other = await world.resources.db.write(second_beginning, chat)
    part = (await world.member.pages.post(f"/messages/{other}/deletion", headers=HTMX)).text
    assert f'data-message="{ids[-1]}"' in part
    assert f"before={ids[-40]}" in part


async def test_nobody_else_sees_a_window(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    own, _ids = await world.resources.db.write(long_chat, world.outsider.id)
    for address in (f"/chat/{chat}?at={ids[3]}", f"/f/chat/{chat}/turns?after={ids[3]}"):
        assert (await world.outsider.pages.get(address)).status_code == 404
    for way in ("before", "after"):
        part = (await world.outsider.pages.get(f"/f/chat/{own}/turns?{way}={ids[60]}", headers=HTMX)).text
        assert f'id="m{ids[61]}"' not in part
        assert f'id="m{ids[59]}"' not in part


async def test_the_map_of_a_long_chat_leads_evenly_through_all_of_it(world: World) -> None:
    chat, ids = await world.resources.db.write(long_chat, world.member.id)
    page = (await world.member.pages.get(f"/chat/{chat}")).text
    assert f'data-from="/f/chat/{chat}/ruler"' in page
    part = (await world.member.pages.get(f"/f/chat/{chat}/ruler", headers=HTMX)).text
    marks = [int(id) for id in re.findall(r'data-mark="(\d+)"', part)]
    assert len(marks) == 40
    assert marks == sorted(marks)
    assert marks[0] == ids[0]
    assert marks[-1] >= ids[-6]
    assert set(marks) <= set(ids[::2])
    assert (await world.outsider.pages.get(f"/f/chat/{chat}/ruler")).status_code == 404
