"""Exports of other services as they look in 2026, small, with what is odd about them.

Shapes after mohamed-chs/convoviz docs/dev/chatgpt-spec.md, LibreChat's and Polylogue's importers, and
docs.openwebui.com (import-export); every word in them is ours.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.unit.files.drawings import picture

START = 1_700_000_000.25  # seconds
START_MS = 1_700_000_000_250
PNG = picture()


def zipped(path: Path, entries: Mapping[str, bytes | str | list[Any] | dict[str, Any]]) -> Path:
    """A ZIP; what is no bytes or text is written as JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            data = content if isinstance(content, bytes | str) else json.dumps(content, ensure_ascii=False)
            archive.writestr(name, data)
    return path


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def said(id: str, parent: str | None, role: str, *parts: Any, at: float = 0, **more: Any) -> dict[str, Any]:
    """A node of ChatGPT's mapping. `children` is left out, as in exports since July 2026."""
    kind = "multimodal_text" if any(isinstance(part, dict) for part in parts) else "text"
    message = {
        "id": id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": START + at,
        "content": {"content_type": kind, "parts": list(parts)},
        "recipient": "all",
        "weight": 1.0,
        "metadata": {"model_slug": "gpt-5"} if role == "assistant" else {},
    }
    return {"id": id, "parent": parent, "message": {**message, **more}}


def chatgpt_chat(id: str = "c-1", *, longer: bool = False) -> dict[str, Any]:
    """Two answers to one question, reasoning, a program with its output, pictures from both sides."""
    asked = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_0000aaaa", "width": 64}
    drawn = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-BBBB", "width": 64}
    hidden: dict[str, Any] = {"metadata": {"is_visually_hidden_from_conversation": True}}
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "先想一想", "content": "看图"}]}
    program = {"content_type": "code", "language": "unknown", "text": "print(6 * 7)"}
    output = {"content_type": "execution_output", "text": "42"}
    cited = "长江很长。\ue200cite\ue202turn0search1\ue201【3†source】"
    nodes = [
        {"id": "root", "parent": None, "message": None},
        said("system", "root", "system", "", **hidden),
        said("q1", "system", "user", asked, "这张图里有什么？", at=1),
        said("thinking", "q1", "assistant", at=2, content=thoughts),
        said("recap", "thinking", "assistant", content={"content_type": "reasoning_recap", "content": "5s"}),
        said("call", "recap", "assistant", at=3, content=program, recipient="python"),
        said("output", "call", "tool", at=4, content=output),
        said("search", "output", "assistant", "search('river')", at=4, recipient="web.run"),
        said("a1", "search", "assistant", cited, at=5),
        said("a1b", "q1", "assistant", "A second try.", at=6),
        said("q2", "a1", "user", "Draw it", at=7),
        said("tool", "q2", "tool", drawn, at=8),
        said("a2", "tool", "assistant", "Here it is.", at=9),
    ]
    if longer:
        nodes += [said("q3", "a2", "user", "Thanks", at=20), said("a3", "q3", "assistant", "Welcome", at=21)]
    return {
        "id": id,
        "conversation_id": id,
        "title": "长江 and more" if not longer else "长江",
        "create_time": START,
        "update_time": START + (30 if longer else 10),
        "current_node": "a3" if longer else "a2",
        "is_archived": False,
        "is_starred": None,
        "mapping": {node["id"]: node for node in nodes},
    }


def chatgpt_zip(path: Path, chats: list[Any] | None = None) -> Path:
    """The form in several files: shards, sidecars, files under their ids."""
    chats = chats if chats is not None else [chatgpt_chat()]
    half = len(chats) // 2
    return zipped(
        path,
        {
            "export_manifest.json": {"version": 1, "logical_files": {}},
            "conversations-001.json": chats[half:],
            "conversations-000.json": chats[:half],
            "chat.html": "<html><script>alert(1)</script></html>",
            "user.json": {"id": "user-1"},
            "message_feedback.json": [],
            "file_0000aaaa.dat": PNG,
            "user-1/file-BBBB-11111111.png": PNG,
            "__MACOSX/._conversations-000.json": b"junk",
        },
    )


def claude_chat(id: str = "k-1") -> dict[str, Any]:
    """A branch, thinking, an artifact, a long paste without a name, and a file that is only named."""

    def message(id: str, parent: str, sender: str, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "uuid": id,
            "parent_message_uuid": parent,
            "sender": sender,
            "text": "",
            "content": list(blocks),
            "created_at": f"2026-01-0{more.pop('day', 1)}T10:00:00.123456Z",
            "attachments": [],
            "files": [],
            **more,
        }

    def text(words: str) -> dict[str, Any]:
        return {"type": "text", "text": words, "citations": []}

    root = "00000000-0000-4000-8000-000000000000"
    artifact = {"command": "create", "title": "Plan", "type": "text/markdown", "content": "# 计划\n\n一"}
    paste = {"file_name": "", "file_type": "txt", "extracted_content": "a long paste"}
    notes = {"file_name": "notes.txt", "extracted_content": "``` inside ```"}
    return {
        "uuid": id,
        "name": "Claude 的聊天",
        "created_at": "2026-01-01T09:59:00Z",
        "updated_at": "2026-01-03T10:00:00Z",
        "account": {"uuid": "u"},
        "chat_messages": [
            message("h1", root, "human", attachments=[paste, notes], files=[{"file_name": "photo.png"}]),
            message("r1", "h1", "assistant", {"type": "thinking", "thinking": "Hm."}, text("First"), day=1),
            message("r2", "h1", "assistant", text("Second"), {"type": "token_budget"}, day=2),
            message("h2", "r2", "human", text("Write a plan"), day=2),
            message(
                "r3",
                "h2",
                "assistant",
                {"type": "tool_use", "name": "artifacts", "input": artifact},
                {"type": "tool_use", "name": "web_search", "input": {"query": "x"}},
                {"type": "tool_result", "content": []},
                text("Done."),
                day=3,
            ),
        ],
    }


def open_webui_chat(id: str = "w-1") -> dict[str, Any]:
    """Two models asked at once, folded reasoning, a picture in the JSON, one on the server, a document."""
    image = "data:image/png;base64," + base64.b64encode(PNG).decode()
    folded = (
        '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>\n'
        '&gt; 一步\n> two\n</details>\n<details type="tool_calls" done="true"></details>Answer **A**'
    )
    messages = {
        "u1": {
            "id": "u1",
            "parentId": None,
            "childrenIds": ["a1", "a2"],
            "role": "user",
            "content": "Compare 两个",
            "timestamp": 1_700_000_000,
            "files": [
                {"type": "image", "url": image},
                {"type": "image", "url": "/api/v1/files/abc"},
                {"type": "file", "name": "data.csv", "file": {"data": {"content": "a,b"}}},
            ],
        },
        "a1": {"id": "a1", "parentId": "u1", "role": "assistant", "content": folded, "model": "llama3"},
        "a2": {
            "id": "a2",
            "parentId": "u1",
            "role": "assistant",
            "content": f"Answer B ![x]({image})",
            "modelName": "Qwen 3",
            "timestamp": 1_700_000_005_000,
        },
    }
    return {
        "id": id,
        "user_id": "someone",
        "title": "Two models",
        "chat": {
            "title": "Two models",
            "models": ["llama3", "qwen3"],
            "params": {"system": "Be brief."},
            "history": {"messages": messages, "currentId": "a1"},
        },
        "created_at": 1_700_000_000,
        "updated_at": 1_700_000_100,
        "archived": False,
        "pinned": True,
    }


def parley_chat(id: str = "7") -> dict[str, Any]:
    """A document of Parley with a picture in the archive beside it."""
    return {
        "format": "parley.conversation",
        "version": 1,
        "id": id,
        "title": "Own",
        "createdAt": "2026-01-01T10:00:00.000Z",
        "updatedAt": "2026-01-02T10:00:00.000Z",
        "systemPrompt": "Say little.",
        "leaf": "2",
        "messages": [
            {
                "id": "1",
                "role": "user",
                "text": "Hi",
                "createdAt": "2026-01-01T10:00:00.000Z",
                "files": [
                    {"id": "f", "sha256": "ab" * 32, "mime": "image/png", "path": "files/" + "ab" * 32}
                ],
            },
            {"id": "2", "parent": "1", "role": "assistant", "text": "Yes", "modelName": "Demo"},
            {"id": "3", "parent": "1", "role": "assistant", "text": "No", "reasoning": "why"},
        ],
    }


def parley_zip(path: Path) -> Path:
    return zipped(
        path,
        {
            "conversations/7.json": parley_chat(),
            "files/" + "ab" * 32: PNG,
            "account.json": {"username": "me"},
            "manifest.json": {"format": "parley.archive", "version": 1},
        },
    )


def bomb(path: Path) -> Path:
    """A ZIP whose list of chats unpacks to a thousand times its size."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w") as f,
    ):
        for _ in range(60):
            f.write(b" " * 1_000_000)
    return path


def as_bytes(value: Any) -> io.BytesIO:
    return io.BytesIO(value if isinstance(value, bytes) else json.dumps(value).encode())
