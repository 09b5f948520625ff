"""A member's conversation with branches, files and everything else that must or must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from parley.files.content import Content
from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.unit.files.drawings import picture
from tests.world import World

TITLE = "会话 “标题” <script>alert(1)</script>"


@dataclass(frozen=True)
class Chat:
    """A conversation of the member: 1 question, 2 answers (the second chosen), 1 question, 1 answer."""

    id: int
    question: int
    rejected: int
    answer: int
    further: int
    last: int
    file: int
    sha256: str = ""
    bytes: bytes = b""


def _written(owner: int, sha256: str, size: int, now: int) -> Script[list[int]]:
    rows = yield (
        "INSERT INTO conversation (owner, title, model, system_prompt, created_at, updated_at)"
        " VALUES (?, ?, 'demo', 'the secret system prompt', ?, ?) RETURNING id",
        (owner, TITLE, now, now),
    )
    chat = rows[0]["id"]
    ids: list[int] = []
    for parent, role, text, reasoning in (
        (None, "user", "第一个问题 <b>bold</b>", ""),
        (0, "assistant", "the rejected version", ""),
        (0, "assistant", "你好，**世界**。\n\n```python\nprint('码')\n```", "thought *in private*"),
        (2, "user", "And further?", ""),
        (3, "assistant", "The last answer [x](javascript:alert(1)) <img src=x onerror=alert(1)>", ""),
    ):
        made = yield (
            "INSERT INTO message (conversation, parent, role, text, reasoning, model, model_name, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                chat,
                None if parent is None else ids[parent],
                role,
                text,
                reasoning,
                "" if role == "user" else "7:gpt",
                "" if role == "user" else "GPT Name",
                now,
            ),
        )
        ids.append(made[0]["id"])
    yield ("UPDATE message SET chosen_child = ? WHERE id = ?", (ids[2], ids[0]))
    yield ("UPDATE conversation SET leaf = ? WHERE id = ?", (ids[4], chat))
    rows = yield (
        "INSERT INTO stored_file (owner, sha256, mime, size, width, height, name, created_at)"
        " VALUES (?, ?, 'image/png', ?, 60, 40, '图 <x>.png', ?) RETURNING id",
        (owner, sha256, size, now),
    )
    yield (
        "INSERT INTO message_file (message, file, position) VALUES (?, ?, 0)",
        (ids[0], rows[0]["id"]),
    )
    yield (
        "INSERT INTO message_rating (message, owner, value, comment, created_at, updated_at)"
        " VALUES (?, ?, -1, 'my private comment', ?, ?)",
        (ids[2], owner, now, now),
    )
    return [chat, *ids, rows[0]["id"]]


@pytest.fixture
async def chat(world: World) -> Chat:
    data = picture("PNG", (60, 40))
    sha256 = Content.of(world.resources.config).keep(data)
    ids = await world.resources.db.write(_written, world.member.id, sha256, len(data), now_ms())
    id, question, rejected, answer, further, last, file = ids
    chat = Chat(id, question, rejected, answer, further, last, file)
    return replace(chat, sha256=sha256, bytes=data)
