"""Both engines find the same texts in the same order, and nobody else's."""

from __future__ import annotations

import random

import pytest

from parley.chat.searching import service
from parley.chat.searching.filters import Filters, filters_of
from parley.chat.searching.jobs import index_all
from parley.chat.searching.service import search
from parley.lib.db import Database, Script
from parley.search import index
from parley.search.asking import wanted

NONE = Filters()
NOW = 1_795_000_000_000
DAY = 24 * 60 * 60 * 1000

TEXTS = (
    "The quick brown fox jumps over the lazy dog.",
    "我家在上海东边，离外滩不远。",
    "用Python写一个查找重复文件的函数。",
    "In Shanghai 上海 the Python meetup is well-known; 人工智能 is the topic.",
    "To be or not to be, that is the question.",
    "Be to or be, not the question: 智能人工。",
    "Say \"NEAR(a b)\" AND * - ^ : {tokens} ' \\ to it; 100 % of users' O'Reilly books",
    "Ein Café in der Straße: naïve façade, 3.14 and 2,000 €",
    "東京タワーで写真を撮った。한국어 문장도 있다. 𠮷野家",
    "猫",
)
QUERIES = {
    "fox": [0],
    "FOX quick": [0],
    "上海": [3, 1],
    "海": [3, 1],
    "用Python": [2],
    "python": [3, 2],
    "pyth": [3, 2],
    "人工智能": [3],
    '"to be or"': [4],
    "to be or": [5, 4],
    "“not the question”": [5],
    "well-known": [3],
    "known well": [3],
    "known-well": [],
    "the": [5, 4, 3, 0],
    "AND": [7, 6],
    "NEAR(a b)": [6],
    '"': [],
    "***": [],
    "-": [],
    "fox -dog": [0],
    "fox NOT dog": [],
    "tokens:fox": [],
    "{tokens}": [6],
    "o'reilly": [6],
    "cafe strasse": [7],
    "NAIVE": [7],
    "3.14": [7],
    "3.15": [],
    "東京": [8],
    "タワー": [8],
    "문장": [8],
    "𠮷野": [8],
    "猫": [9],
    "狗": [],
    "zebra": [],
}


def account(name: str) -> Script[int]:
    rows = yield (
        "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at, ver)"
        " VALUES (?, ?, 'x', 'user', 'active', 1, 1) RETURNING id",
        (name, name),
    )
    return int(rows[0]["id"])


def chat(owner: int, title: str, texts: tuple[str, ...], at: int = NOW) -> Script[list[int]]:
    """A conversation with these texts, an hour apart; its id, then theirs."""
    made = yield (
        "INSERT INTO conversation (owner, title, model, created_at, updated_at) VALUES (?, ?, 'demo', ?, ?)"
        " RETURNING id",
        (owner, title, at, at),
    )
    ids = [int(made[0]["id"])]
    for number, text in enumerate(texts):
        role = "assistant" if number % 2 else "user"
        rows = yield (
            "INSERT INTO message (conversation, role, text, created_at) VALUES (?, ?, ?, ?) RETURNING id",
            (ids[0], role, text, at + number * 3_600_000),
        )
        ids.append(int(rows[0]["id"]))
    return ids


def run(sql: str, *values: object) -> Script[None]:
    yield sql, values


async def found(
    db: Database, owner: int, query: str, filters: Filters = NONE, before: int | None = None
) -> list[int | None]:
    """The messages that are found, newest first; None is a title."""
    page = await search(db, owner, wanted(query), filters, before)
    hits = sorted((hit for group in page.groups for hit in group), key=lambda hit: -hit.id)
    return [hit.message for hit in hits]


@pytest.fixture
async def owner(db: Database) -> int:
    return await db.write(account, "reader")


async def test_each_question_finds_the_same_texts_in_the_same_order(
    db: Database, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, *ids = await db.write(chat, owner, "", TEXTS)
    await db.write(chat, await db.write(account, "other"), "", TEXTS)
    await index_all(db)
    wrong = {}
    steps = ((1, 2, 3), (service.FIRST_LOOK, index.NEAR, index.FAR))  # small ones first
    for first, near, far in steps:
        monkeypatch.setattr(service, "FIRST_LOOK", first)
        monkeypatch.setattr(index, "NEAR", near)
        monkeypatch.setattr(index, "FAR", far)
        for query, expected in QUERIES.items():
            have = [ids.index(message) for message in await found(db, owner, query) if message]
            if have != expected:
                wrong[query, first, near] = have
    assert wrong == {}
    assert await found(db, owner, "fox " * 2500) == [ids[0]]
    assert await found(db, owner, "东" * 10_000) == []


async def test_another_persons_texts_never_appear(db: Database, owner: int) -> None:
    other = await db.write(account, "other")
    await db.write(chat, other, "fox 上海", TEXTS)
    await index_all(db)
    assert [await found(db, owner, query) for query in QUERIES if await found(db, owner, query)] == []
    assert len(await found(db, other, "fox")) == 2


async def test_what_is_gone_is_found_no_more_and_leaves_the_index(db: Database, owner: int) -> None:
    conversation, first, second, *_ = await db.write(chat, owner, "fox", TEXTS)
    await index_all(db)
    assert await found(db, owner, "fox") == [first, None]
    await db.write(run, "UPDATE message SET deleted_at = 1 WHERE id = ?", first)
    assert await found(db, owner, "fox") == [None]
    await db.write(run, "UPDATE conversation SET deleted_at = 1 WHERE id = ?", conversation)
    assert await found(db, owner, "fox") == []
    await db.write(run, "UPDATE conversation SET deleted_at = NULL WHERE id = ?", conversation)
    await db.write(run, "UPDATE message SET text = 'now it is a walrus' WHERE id = ?", second)
    assert await found(db, owner, "fox") == [None]
    await index_all(db)
    assert await found(db, owner, "walrus") == [second]
    assert await found(db, owner, "外滩") == []
    await db.write(run, "DELETE FROM conversation WHERE id = ?", conversation)
    assert await found(db, owner, "walrus") == []
    await index_all(db)
    assert await db.fetch("SELECT id FROM search_entry") == []
    if db.kind == "sqlite":
        await db.write(run, "INSERT INTO search_index (search_index) VALUES ('integrity-check')")
        sql = (
            'SELECT rowid AS id FROM search_index WHERE search_index MATCH \'"{0:x}_fox" OR "{0:x}_walrus"\''
        )
        assert await db.fetch(sql.format(owner)) == []
    else:
        assert await db.fetch("SELECT id FROM search_index") == []


async def test_a_temporary_chat_is_never_indexed_until_it_is_kept(db: Database, owner: int) -> None:
    conversation, first, *_ = await db.write(chat, owner, "fox", TEXTS)
    await db.write(run, "UPDATE conversation SET temporary = ? WHERE id = ?", True, conversation)
    await index_all(db)
    assert await db.fetch("SELECT id FROM search_entry") == []
    await db.write(run, "UPDATE conversation SET temporary = ? WHERE id = ?", False, conversation)
    await index_all(db)
    assert await found(db, owner, "fox") == [first, None]
    await db.write(run, "UPDATE conversation SET temporary = ? WHERE id = ?", True, conversation)
    assert await found(db, owner, "fox") == []
    await index_all(db)
    assert await db.fetch("SELECT id FROM search_entry") == []


async def test_filters_leave_out_what_does_not_pass(db: Database, owner: int) -> None:
    old, *_ = await db.write(chat, owner, "tea", ("green tea", "black tea"), NOW - 40 * DAY)
    new, *_ = await db.write(chat, owner, "", ("oolong tea", "more tea"))
    await index_all(db)

    async def chats(**given: str) -> list[int]:
        page = await search(db, owner, wanted("tea"), filters_of(given, 0))
        return [group[0].conversation for group in page.groups]

    await db.write(run, "UPDATE conversation SET folder = 7, pinned_at = 1, model = 'a/b' WHERE id = ?", old)
    await db.write(
        run, "INSERT INTO conversation_tag (conversation, owner, name) VALUES (?, ?, 'x')", old, owner
    )
    assert await chats() == [new, old]
    for given in ({"folder": "7"}, {"pinned": "1"}, {"model": "a/b"}, {"tag": "x"}, {"chat": str(old)}):
        assert await chats(**given) == [old], given
    assert await chats(role="title") == [old]
    assert await chats(**{"from": "2026-11-01"}) == [new]
    assert await chats(to="2026-11-01") == [old]
    assert await chats(**{"from": "2026-10-09", "to": "2026-10-09"}) == [old]
    assert await chats(folder="8") == []


async def test_pages_follow_each_other_without_gap_or_repeat(db: Database, owner: int) -> None:
    for number in range(45):
        await db.write(chat, owner, "", (f"tea {number}",), NOW - number * DAY)
    await index_all(db)
    seen: list[int] = []
    before, pages = None, 0
    while pages == 0 or before is not None:
        page = await search(db, owner, wanted("tea"), Filters(), before)
        seen += [hit.id for group in page.groups for hit in group]
        before, pages = page.next, pages + 1
    assert pages == 3
    assert len(seen) == 45
    assert seen == sorted(seen, reverse=True)


async def test_one_long_chat_does_not_crowd_out_the_others(db: Database, owner: int) -> None:
    other, *_ = await db.write(chat, owner, "", ("tea",), NOW - DAY)
    long, *_ = await db.write(chat, owner, "", ("tea",) * 300)
    await index_all(db)
    page = await search(db, owner, wanted("tea"), Filters())
    assert [(group[0].conversation, len(group)) for group in page.groups] == [(long, 10), (other, 1)]
    page = await search(db, owner, wanted("tea"), Filters(chat=long))
    assert [len(group) for group in page.groups] == [60]
    page = await search(db, owner, wanted("tea"), Filters(chat=long), page.next)
    assert [len(group) for group in page.groups] == [60]


async def test_older_texts_are_indexed_when_the_tokeniser_changes(db: Database, owner: int) -> None:
    _, first, *_ = await db.write(chat, owner, "fox", TEXTS)
    await index_all(db)
    await db.write(run, "UPDATE search_state SET version = -1")
    await index_all(db)
    assert await found(db, owner, "fox") == [first, None]
    assert await db.fetch("SELECT id FROM search_change") == []


async def test_many_texts_of_one_moment_all_find_a_place(db: Database, owner: int) -> None:
    conversation, *_ = await db.write(chat, owner, "", ())
    for id in (5, 5 + (1 << 17), 5 + (2 << 17)):
        await db.write(
            run, "INSERT INTO message (id, conversation, role, text, created_at) VALUES (?, ?, 'user', ?, ?)",
            id, conversation, "tea", NOW,
        )  # fmt: skip
    await index_all(db)
    assert len(await found(db, owner, "tea")) == 3


async def test_two_characters_of_any_text_find_it(db: Database, owner: int) -> None:
    chance = random.Random(4)
    letters = "的一是在不了有和人这中大为上个国我以要他，。 aB1\n"
    texts = tuple("".join(chance.choices(letters, k=chance.randint(2, 60))) for _ in range(60))
    _, *ids = await db.write(chat, owner, "", texts)
    await index_all(db)
    missing = []
    for number, text in enumerate(texts):
        start = chance.randrange(len(text) - 1)
        part = text[start : start + chance.randint(2, 8)]
        if not any(each.isascii() and each.isalnum() for each in part) and part.strip(" ，。\n"):
            page = await search(db, owner, wanted(part), Filters(chat=0))
            hits = [hit.message for group in page.groups for hit in group]
            if ids[number] not in hits and len(hits) < 10:
                missing.append((text, part))
    assert missing == []
