"""Conversations put straight into the database of a running Parley, and asking its API from a page."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Page

from parley.lib.clock import now_ms
from tests.browser.visitor import Workspace

ASK_API = """async ([method, path, body]) => {
  const token = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
  const headers = { ...token, 'Content-Type': 'application/json' };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  return await answer.json(); }"""


def write(
    workspace: Workspace,
    answers: Iterable[str],
    *,
    title: str = "Written",
    question: str = "Show me",
    system_prompt: str = "",
    files: Iterable[str] = (),
) -> int:
    """A conversation of the administrator's: one question with files of these names, then the answers."""
    path = workspace.processes.data / "parley.db"
    now = now_ms()
    with contextlib.closing(sqlite3.connect(path, timeout=15)) as db, db:  # the second commits
        chat = db.execute(
            "INSERT INTO conversation (owner, title, system_prompt, titled_by_owner, created_at, updated_at)"
            " VALUES (1, ?, ?, TRUE, ?, ?) RETURNING id",
            (title[:200], system_prompt, now, now),
        ).fetchone()[0]
        parent = None
        for text in (question, *answers):
            role = "assistant" if parent else "user"
            parent = db.execute(
                "INSERT INTO message (conversation, parent, role, text, model_name, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (chat, parent, role, text, text[:100] if parent else "", now),
            ).fetchone()[0]
            if role == "user":
                _attach(db, parent, files, now)
        db.execute("UPDATE conversation SET leaf = ? WHERE id = ?", (parent, chat))
    return int(chat)


def _attach(db: sqlite3.Connection, message: int, names: Iterable[str], now: int) -> None:
    for position, name in enumerate(names):
        file = db.execute(
            "INSERT INTO stored_file (owner, sha256, mime, size, name, extracted, created_at)"
            " VALUES (1, ?, 'text/plain', 3, ?, 'abc', ?) RETURNING id",
            ("0" * 64, name[:200], now),
        ).fetchone()[0]
        db.execute(
            "INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)", (message, file, position)
        )


def ask_api(page: Page, method: str, path: str, body: Any) -> Any:
    """What the JSON API answers to the person at this page; asserts that it did what was asked."""
    answer = page.evaluate(ASK_API, [method, path, body])
    assert answer["success"], answer
    return answer["data"]
