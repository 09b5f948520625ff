"""Accounts with a great deal in them, for measurements; the same seed gives the same texts.

`people` makes owners, `populate` gives them conversations, `long_conversation` makes one that is very long.
All write in batches through `Database`, on either engine; the worker fills the search index afterwards,
or `chat.searching.jobs.index_all` does.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

from parley.lib.clock import now_ms
from parley.lib.db import Database, Many, Script

YEAR = 365 * 24 * 60 * 60 * 1000  # ms
BATCH = 200  # conversations in one transaction
GAP = 45_000  # ms between two messages of a conversation
BUSIEST = 0.6  # share of everything that is the first owner's

COMMON = """
the of and to in is you that it for was on are as with his they be at one have this from or had by
hot but some what there we can out other were all your when up use word how said an each she which
do their time if will way about many then them would write like so these her long make thing see him
two has look more day could go come did my sound no most number who over know water than call first
people may down side been now find any new work part take get place made live where after back
little only round man year came show every good me give our under name very through just form much
great think say help low line before turn cause same mean differ move right boy old too does tell
sentence set three want air well also play small end put home read hand port large spell add even
land here must big high such follow act why ask python server database function answer question
model table file error test query index search
""".split()  # noqa: SIM905
HAN = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
HAN += "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"


class Words:
    """A vocabulary with few common and many rare words, and texts made of them."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        choose = self.chance.choices
        syllables = [a + b for a in "bcdfglmnprst" for b in ("a", "e", "i", "o", "u", "an", "er", "on")]
        invented = ("".join(choose(syllables, k=self.chance.randint(2, 4))) for _ in range(20_000))
        characters = HAN + "".join(map(chr, range(0x4E00, 0x4E00 + 3_000)))
        weights = list(itertools.accumulate(1 / (n + 3) for n in range(len(characters))))
        self.english = list(dict.fromkeys([*COMMON, *invented]))
        made = (
            "".join(choose(characters, cum_weights=weights, k=length)) for length in self._lengths(30_000)
        )
        self.chinese = list(dict.fromkeys(made))
        self._pools = [self._pool(self.english), self._pool(self.chinese)]

    def _lengths(self, count: int) -> list[int]:
        return self.chance.choices((1, 2, 3, 4), (1, 6, 2, 1), k=count)

    def _pool(self, words: Sequence[str], size: int = 500_000) -> list[str]:
        """Words as often as they are used (Zipf), to cut texts out of."""
        weights = list(itertools.accumulate(1 / (n + 2) for n in range(len(words))))
        return self.chance.choices(words, cum_weights=weights, k=size)

    def text(self, words: int) -> str:
        """English, Chinese or both."""
        kind = self.chance.random()
        if kind < 0.4:
            return " ".join(self._cut(0, words)) + "."
        if kind < 0.8:
            return self._sentences(words)
        return f"{self._sentences(words // 2)} {' '.join(self._cut(0, words // 2 + 1))}。"

    def _sentences(self, words: int) -> str:
        cut = self._cut(1, words + 1)
        return "，".join("".join(cut[at : at + 7]) for at in range(0, len(cut), 7)) + "。"

    def _cut(self, pool: int, words: int) -> list[str]:
        start = self.chance.randrange(len(self._pools[pool]) - words)
        return self._pools[pool][start : start + words]

    def length(self) -> int:
        """Words of a message: mostly short, some long."""
        return self.chance.choice((5, 8, 12, 20, 35, 60))


async def people(db: Database, count: int) -> list[int]:
    """Accounts nobody can sign in to; their ids."""
    return [await db.write(_person, f"crowd{number}") for number in range(count)]


def _person(name: str) -> Script[int]:
    rows = yield (
        "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at, ver)"
        " VALUES (?, ?, 'x', 'user', 'active', 1, 1) RETURNING id",
        (name, name),
    )
    return int(rows[0]["id"])


async def populate(
    db: Database, owners: Sequence[int], *, conversations: int, messages: int, words: Words | None = None
) -> None:
    """That many conversations with that many messages in all, over three years up to now.

    The first owner has 60 % of them (all, when alone).
    """
    words = words or Words()
    each = max(1, messages // conversations)
    now = now_ms()
    step = 3 * YEAR // conversations
    for start in range(0, conversations, BATCH):
        chats = []
        for number in range(start, min(start + BATCH, conversations)):
            busiest = len(owners) == 1 or words.chance.random() < BUSIEST
            owner = owners[0] if busiest else words.chance.choice(owners[1:])
            chats.append((owner, now - (conversations - number) * step, each))
        await db.write_relaxed(_chats, chats, words, db.kind)


async def long_conversation(db: Database, owner: int, messages: int, words: Words | None = None) -> int:
    """One conversation whose chosen path has that many messages; its id."""
    at = now_ms() - messages * GAP
    (id,) = await db.write_relaxed(_chats, [(owner, at, messages)], words or Words(), db.kind)
    return id


def _chats(chats: Sequence[tuple[int, int, int]], words: Words, engine: str) -> Script[list[int]]:
    """Conversations of (owner, began at, messages); their ids."""
    chat = (yield "SELECT COALESCE(MAX(id), 0) + 1 AS id FROM conversation", ())[0]["id"]
    message = (yield "SELECT COALESCE(MAX(id), 0) + 1 AS id FROM message", ())[0]["id"]
    conversations, rows = [], []
    for number, (owner, began, count) in enumerate(chats):
        ended = began + count * GAP
        leaf = message + count - 1
        conversations.append((chat + number, owner, words.text(4)[:60], leaf, began, ended))
        rows += list(_messages(chat + number, message, began, count, words))
        message += count
    yield Many(
        "INSERT INTO conversation (id, owner, title, model, leaf, created_at, updated_at)"
        " VALUES (?, ?, ?, 'demo', ?, ?, ?)",
        conversations,
    )
    yield Many(
        "INSERT INTO message (id, conversation, parent, role, text, model, model_name, chosen_child,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    if engine == "postgres":
        for table in ("conversation", "message"):
            yield (
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))",
                (),
            )
    return [row[0] for row in conversations]


def _messages(chat: int, first: int, began: int, count: int, words: Words) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        id = first + number
        answer = number % 2 == 1
        yield (
            id,
            chat,
            id - 1 if number else None,
            "assistant" if answer else "user",
            words.text(words.length()),
            "demo" if answer else "",
            "Demo" if answer else "",
            id + 1 if number + 1 < count else None,
            began + number * GAP,
        )
