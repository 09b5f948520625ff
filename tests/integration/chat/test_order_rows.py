"""The statements of order among chats, on both engines."""

from __future__ import annotations

import pytest

from parley.chat.organising import queries, scripts
from parley.chat.organising.scripts import Arrangement, State
from parley.chat.titling import queries as titling_queries
from parley.chat.titling import scripts as titling
from parley.lib.db import Database, Many, Script
from parley.lib.errors import Invalid, NotFound

ME, OTHER = 1, 2


def people_and_chats(count: int) -> Script[None]:
    """Two people; chats 1..count of the first with rising stamps, 901 of the second."""
    yield Many(
        "INSERT INTO user_account (id, username, username_key, password_hash, role, status, created_at)"
        " VALUES (?, ?, ?, 'x', 'user', 'active', 0)",
        [(ME, "me", "me"), (OTHER, "other", "other")],
    )
    yield Many(
        "INSERT INTO conversation (id, owner, title, created_at, updated_at) VALUES (?, ?, ?, 0, ?)",
        [(n, ME, f"chat {n}", n) for n in range(1, count + 1)] + [(901, OTHER, "theirs", 5)],
    )


@pytest.fixture
async def chats(db: Database) -> Database:
    await db.write(people_and_chats, 8)
    return db


async def ids_in_the_sidebar(db: Database, folders: list[int]) -> dict[str, list[int]]:
    rows = await queries.sidebar_rows(db, ME, folders, pinned=10, folded=10, loose=10)
    return {place: [row.id for row in rows if row.place == place] for place in ("pinned", "folder", "loose")}


async def test_each_chat_stands_in_one_place_of_the_sidebar(chats: Database) -> None:
    work = await chats.write(scripts.create_folder, ME, "Work", 1)
    await chats.write(scripts.arrange, ME, [2], Arrangement(pinned=True), 50)
    await chats.write(scripts.arrange, ME, [6], Arrangement(pinned=True), 60)
    await chats.write(scripts.arrange, ME, [3, 4, 2], Arrangement(folder=work), 70)
    await chats.write(scripts.arrange, ME, [5], Arrangement(archived=True), 80)
    assert await ids_in_the_sidebar(chats, [work]) == {"pinned": [6, 2], "folder": [4, 3], "loose": [8, 7, 1]}
    assert (await ids_in_the_sidebar(chats, []))["folder"] == []
    assert [row.id for row in await queries.archived_conversations(chats, ME)] == [5]
    assert [row.id for row in await queries.conversations_in(chats, ME, work)] == [4, 3, 2]
    assert [folder.chats for folder in await queries.folders_of(chats, ME)] == [2]
    assert [row.id for row in await queries.recent_conversations(chats, ME)] == [8, 7, 6, 4, 3, 2, 1]


async def test_lists_go_on_where_they_stopped(chats: Database) -> None:
    first = await queries.loose_conversations(chats, ME, limit=3)
    after = (first[-1].updated_at, first[-1].id)
    assert [row.id for row in first] == [8, 7, 6]
    assert [row.id for row in await queries.loose_conversations(chats, ME, limit=3, before=after)] == [
        5,
        4,
        3,
    ]


async def test_undoing_puts_exactly_those_back_that_moved(chats: Database) -> None:
    work = await chats.write(scripts.create_folder, ME, "Work", 1)
    home = await chats.write(scripts.create_folder, ME, "Home", 1)
    await chats.write(scripts.arrange, ME, [1, 2], Arrangement(folder=work), 10)
    await chats.write(scripts.arrange, ME, [3], Arrangement(folder=home), 10)
    moved = await chats.write(scripts.arrange, ME, [1, 2, 3, 4, 901, 777], Arrangement(folder=home), 20)
    assert sorted((state.id, state.folder) for state in moved) == [(1, work), (2, work), (4, 0)]
    assert await chats.write(scripts.put_back, ME, [*moved, State(901, home, 1, 1)])
    assert [row.id for row in await queries.conversations_in(chats, ME, work)] == [2, 1]
    assert [row.id for row in await queries.conversations_in(chats, ME, home)] == [3]
    theirs = await chats.fetch("SELECT folder, pinned_at FROM conversation WHERE id = 901")
    assert theirs == [{"folder": None, "pinned_at": None}]


async def test_a_deletion_takes_what_is_mine_and_comes_back_whole(chats: Database) -> None:
    deleted = await chats.write(scripts.delete, ME, [1, 2, 901], 10)
    assert sorted(deleted.chats) == [1, 2]
    assert (await ids_in_the_sidebar(chats, []))["loose"] == [8, 7, 6, 5, 4, 3]
    assert sorted(await chats.write(scripts.restore, ME, [1, 2, 3, 901])) == [1, 2]


async def test_nobody_moves_chats_into_the_folder_of_another(chats: Database) -> None:
    theirs = await chats.write(scripts.create_folder, OTHER, "Theirs", 1)
    with pytest.raises(NotFound):
        await chats.write(scripts.arrange, ME, [1], Arrangement(folder=theirs), 2)
    await chats.write(scripts.put_back, ME, [State(1, theirs, 0, 0)])
    assert (await chats.fetch("SELECT folder FROM conversation WHERE id = 1")) == [{"folder": None}]


async def test_folders_move_and_end_with_or_without_their_chats(chats: Database) -> None:
    a, b, c = [await chats.write(scripts.create_folder, ME, name, 1) for name in "abc"]
    with pytest.raises(Invalid):
        await chats.write(scripts.create_folder, ME, "B", 1)
    await chats.write(scripts.move_folder, ME, c, -1)
    await chats.write(scripts.move_folder, ME, a, -1)
    assert [folder.id for folder in await queries.folders_of(chats, ME)] == [a, c, b]
    await chats.write(scripts.arrange, ME, [1], Arrangement(folder=a), 2)
    await chats.write(scripts.arrange, ME, [2], Arrangement(folder=b), 2)
    await chats.write(scripts.delete_folder, ME, a, 3, with_chats=False)
    ended = await chats.write(scripts.delete_folder, ME, b, 3, with_chats=True)
    assert [folder.id for folder in await queries.folders_of(chats, ME)] == [c]
    assert (await ids_in_the_sidebar(chats, []))["loose"] == [8, 7, 6, 5, 4, 3, 1]
    back = await chats.write(scripts.bring_back_folder, ME, "b", 1, [*ended.chats, 901], 4)
    assert [folder.id for folder in await queries.folders_of(chats, ME)] == [back, c]
    assert [row.id for row in await queries.conversations_in(chats, ME, back)] == [2]


async def test_tags_are_replaced_listed_once_and_found(chats: Database) -> None:
    await chats.write(scripts.set_tags, ME, 1, ["周报", "invoices"])
    await chats.write(scripts.set_tags, ME, 2, ["invoices", "backup"])
    await chats.write(scripts.set_tags, OTHER, 901, ["secret"])
    await chats.write(scripts.set_tags, ME, 1, ["invoices", "later"])
    assert await queries.tags_of(chats, 1) == ["invoices", "later"]
    assert sorted(await queries.all_tags(chats, ME)) == ["backup", "invoices", "later"]
    assert [row.id for row in await queries.tagged_conversations(chats, ME, "invoices")] == [2, 1]
    assert await queries.tagged_conversations(chats, ME, "secret") == []
    with pytest.raises(NotFound):
        await chats.write(scripts.set_tags, ME, 901, ["mine"])


async def test_a_title_is_claimed_once_and_never_over_a_name_of_the_owner(chats: Database) -> None:
    await chats.write(titling.ask_for, 1, ME, 100)
    assert await titling_queries.due(chats, 200) == []  # nothing was answered yet
    await chats.write(an_answer, 1)
    assert [due.id for due in await titling_queries.due(chats, 200)] == [1]
    assert await chats.write(titling.claim, 1, 100, 300) == 1
    assert await chats.write(titling.claim, 1, 100, 300) is None
    assert await titling_queries.due(chats, 299) == []  # whoever has it may still finish
    assert await chats.write(titling.claim, 1, 300, 500) == 2  # they died
    assert not await chats.write(titling.store, 1, 300, "late")
    await chats.write(named_by_its_owner, 1)
    assert not await chats.write(titling.store, 1, 500, "too late")
    await chats.write(titling.tidy, 600)
    left = await chats.fetch("SELECT title, title_due FROM conversation WHERE id = 1")
    assert left == [{"title": "mine", "title_due": None}]


def an_answer(conversation: int) -> Script[None]:
    """A question with an answer that ended well."""
    yield (
        "INSERT INTO message (id, conversation, role, text, created_at) VALUES (1, ?, 'user', 'Why?', 1)",
        (conversation,),
    )
    yield (
        "INSERT INTO message (id, conversation, parent, role, text, created_at)"
        " VALUES (2, ?, 1, 'assistant', 'So.', 1)",
        (conversation,),
    )
    yield (
        "INSERT INTO generation (owner, conversation, message, model, status, created_at, finished_at)"
        " VALUES (?, ?, 2, 'm', 'done', 1, 2)",
        (ME, conversation),
    )


def named_by_its_owner(conversation: int) -> Script[None]:
    """What a rename stores."""
    yield (
        "UPDATE conversation SET title = 'mine', titled_by_owner = TRUE WHERE id = ?",
        (conversation,),
    )


async def test_a_folder_is_read_from_its_own_index(db: Database) -> None:
    if db.kind == "sqlite":  # PostgreSQL chooses by what it has counted
        plan = await db.fetch("EXPLAIN QUERY PLAN " + queries._FOLDED + queries._OLDER, 1, ME, 9, 9, 9)
        assert "conversation_folder" in " ".join(row["detail"] for row in plan)
