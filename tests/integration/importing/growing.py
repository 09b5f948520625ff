"""Conversations grown at random with everything that a document can hold, and how two documents compare."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from parley.lib.db import Script
from parley.sharing import document
from parley.sharing.document import Document

START = 1_700_000_000_000
WORDS = ("lighthouse", "长江很长", "`code`", "  spaced\n", "<b>bold</b>", "", "$x^2$", "🦦")
ENDINGS = (
    ("done", "stop", "", ""),
    ("done", "length", "", ""),
    ("cancelled", "", "", ""),
    ("interrupted", "", "The connection broke.", "incomplete"),
    ("error", "", "The vendor is overloaded.", "overloaded"),
)


def grown(owner: int, files: Sequence[int], seed: int) -> Script[int]:
    """One conversation of 5 to 30 messages; its id."""
    dice = random.Random(seed)
    row = yield (
        "INSERT INTO conversation (owner, title, model, system_prompt, sampling, reasoning, folder,"
        " pinned_at, archived_at, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            owner,
            f"会话 {seed}",
            "demo",
            dice.choice(["", "Be brief.\nAlways."]),
            dice.choice(
                ["{}", '{"temperature":0.5,"stop":["END"],"response_format":{"type":"json_object"}}']
            ),
            dice.choice(["{}", '{"mode":"on","effort":"high","budget":2000}']),
            (yield from _folder(owner, dice.choice(["Travel", "工作"]))),
            dice.choice([None, START]),
            dice.choice([None, START]),
            START + seed,
            START + 90_000_000 + seed,
        ),
    )
    conversation = row[0]["id"]
    for tag in dice.sample(["sea", "海", "Ähre"], dice.randint(0, 3)):
        yield (
            "INSERT INTO conversation_tag (conversation, owner, name) VALUES (?, ?, ?)",
            (conversation, owner, tag),
        )
    messages: list[tuple[int, str]] = []
    for number in range(dice.randint(5, 30)):
        # Rarely a question follows a question: the answer between them was deleted.
        parents = [each for each in messages if each[1] == "assistant" or dice.random() < 0.7]
        parent = dice.choice(parents) if parents and dice.random() < 0.95 else None
        asks = parent is None or parent[1] == "assistant" or dice.random() < 0.1
        id = yield from _message(conversation, parent and parent[0], asks, number, dice)
        messages.append((id, "user" if asks else "assistant"))
        if parent is not None and dice.random() < 0.7:
            yield "UPDATE message SET chosen_child = ? WHERE id = ?", (id, parent[0])
        if parent is not None:
            yield (
                "UPDATE message SET chosen_child = COALESCE(chosen_child, ?) WHERE id = ?",
                (id, parent[0]),
            )
        for position, file in enumerate(dice.sample(files, dice.choice([0, 0, 1, 2]))):
            yield (
                "INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)",
                (id, file, position),
            )
        if not asks:
            yield from _course(owner, conversation, id, number, dice)
    yield from _settled(conversation, dice.choice(messages)[0])
    return int(conversation)


def _folder(owner: int, name: str) -> Script[int]:
    found = yield "SELECT id FROM folder WHERE owner = ? AND name = ?", (owner, name)
    if not found:
        found = yield (
            "INSERT INTO folder (owner, name, created_at) VALUES (?, ?, 1) RETURNING id",
            (owner, name),
        )
    return int(found[0]["id"])


def _message(
    conversation: int, parent: int | None, asks: bool, number: int, dice: random.Random
) -> Script[int]:
    text = " ".join(dice.choices(WORDS, k=dice.randint(0, 5)))
    made = yield (
        "INSERT INTO message (conversation, parent, role, text, reasoning, model, model_name, instruction,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            conversation,
            parent,
            "user" if asks else "assistant",
            text,
            "" if asks else dice.choice(["", "thought *hard*\n"]),
            "" if asks else "demo",
            "" if asks else "Demo",
            "" if asks else dice.choice(["", "shorter"]),
            START + number * 1000,
        ),
    )
    return int(made[0]["id"])


def _course(owner: int, conversation: int, message: int, number: int, dice: random.Random) -> Script[None]:
    """How it was answered; of some nobody knows, as of those that came from elsewhere."""
    if dice.random() < 0.2:
        return
    at = START + number * 1000
    yield (
        "INSERT INTO generation (owner, conversation, message, model, attempt, created_at, started_at,"
        " first_fact_at, first_text_at, finished_at, status, finish_reason, error, error_code, answered_by,"
        " answered_name, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens, window_tokens,"
        " reasoning_ms, estimated, cost_nano, notices)"
        " VALUES (?, ?, ?, 'demo', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'demo', 'Demo', ?, ?, ?, ?, 8000,"
        " ?, ?, ?, ?)",
        (
            *(owner, conversation, message),
            *(at, at + 10, at + 400, at + 900, at + 5000),
            *dice.choice(ENDINGS),
            *(dice.randint(1, 9999), dice.randint(1, 999), 3, 4),
            *(dice.choice([None, 500]), dice.random() < 0.5, dice.choice([None, 1_284_000])),
            dice.choice(["[]", '[{"code":"fallback","model":"Demo","reason":"quota","text":"x"}]']),
        ),
    )
    if dice.random() < 0.3:
        yield (
            "INSERT INTO message_rating (message, owner, value, comment, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (message, owner, dice.choice([1, -1]), dice.choice(["", "很好"]), at, at),
        )


def _settled(conversation: int, message: int) -> Script[None]:
    """Let the path lead through one of its messages to where that last led."""
    at, above = message, True
    while above:
        rows = yield "SELECT parent FROM message WHERE id = ?", (at,)
        above = rows[0]["parent"] is not None
        if above:
            yield "UPDATE message SET chosen_child = ? WHERE id = ?", (at, rows[0]["parent"])
            at = rows[0]["parent"]
    at = message
    while (rows := (yield "SELECT chosen_child FROM message WHERE id = ?", (at,)))[0]["chosen_child"]:
        at = rows[0]["chosen_child"]
    yield "UPDATE conversation SET leaf = ? WHERE id = ?", (at, conversation)


def documents(archive: bytes) -> dict[str, Document]:
    """The conversations of an archive by their titles."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        names = [name for name in found.namelist() if name.startswith(document.CONVERSATIONS)]
        read = [document.decode(found.read(name)) for name in names]
    return {each.title: each for each in read}


def told(found: Document) -> dict[str, Any]:
    """Everything a document says, with places in the tree instead of ids."""
    places = {message.id: str(place) for place, message in enumerate(found.messages)}
    plain: dict[str, Any] = json.loads(msgspec.json.encode(found))
    plain.update(id="", leaf=places[found.leaf or ""])
    for message in plain["messages"]:
        for field in ("id", "parent", "chosen"):
            if field in message:
                message[field] = places[message[field]]
        for file in message.get("files", ()):
            file["id"] = ""
    return plain


def saved(path: Path, archive: bytes) -> Path:
    path.write_bytes(archive)
    return path
