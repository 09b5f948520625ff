"""Each service's export, read into one form."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from parley.importing.neutral import Conversation, Unreadable
from parley.importing.normalising import Entry, Tree
from parley.importing.reading import NOTHING_KNOWN, Reading
from tests.unit.importing import exports

Found = tuple[Conversation, Tree]


def read(path: Path) -> list[Found | Unreadable]:
    with Reading(path) as reading:
        return list(iter(reading.next, None))


def one(path: Path) -> Found:
    """The only chat of a file, all its pictures read to be as they were."""
    with Reading(path) as reading:
        found = list(iter(reading.next, None))
        assert len(found) == 1
        assert isinstance(found[0], tuple), found[0]
        for entry in found[0][1].entries:
            assert all(picture.read() == exports.PNG for picture in entry.files if picture.kind == "pictures")
        return found[0]


def texts_of(entry: Entry) -> dict[str, str]:
    return {file.name: file.read().decode() for file in entry.files if file.kind == "files"}


def path_of(tree: Tree) -> list[str]:
    texts: list[str] = []
    at = tree.leaf
    while at is not None:
        texts.append(tree.entries[at].text)
        at = tree.entries[at].parent
    return texts[::-1]


def roles_alternate(tree: Tree) -> bool:
    return all(
        entry.role
        == (
            "user"
            if entry.parent is None
            else {"user": "assistant", "assistant": "user"}[tree.entries[entry.parent].role]
        )
        for entry in tree.entries
    )


def test_chatgpt_keeps_branches_reasoning_programs_and_pictures(tmp_path: Path) -> None:
    conversation, tree = one(exports.chatgpt_zip(tmp_path / "x.zip"))
    assert (conversation.external, conversation.title) == ("c-1", "长江 and more")
    assert (conversation.created, conversation.updated) == (exports.START_MS, exports.START_MS + 10_000)
    question, *answers = tree.entries[:3]
    assert question.text == "这张图里有什么？"
    assert len(question.files) == 1
    first = next(entry for entry in tree.entries if entry.id == "a1")
    assert first.text == "```python\nprint(6 * 7)\n```\n\n```\n42\n```\n\n长江很长。"
    assert first.reasoning == "**先想一想**\n\n看图"
    assert first.model == "gpt-5"
    assert {entry.id for entry in tree.entries if entry.parent == 0} == {"a1", "a1b"}
    assert path_of(tree)[2:] == ["Draw it", "Here it is."]
    assert len(tree.entries[tree.leaf or 0].files) == 1
    assert roles_alternate(tree)
    assert conversation.notes["tools"] == 1
    assert answers


def test_claude_keeps_branches_thinking_pastes_and_artifacts(tmp_path: Path) -> None:
    path = exports.zipped(
        tmp_path / "x.zip",
        {"conversations.json": [exports.claude_chat()], "projects.json": [], "users.json": [{"uuid": "u"}]},
    )
    conversation, tree = one(path)
    assert conversation.title == "Claude 的聊天"
    assert tree.entries[0].text == "a long paste"
    assert texts_of(tree.entries[0]) == {"notes.txt": "``` inside ```"}
    assert [entry.text for entry in tree.entries if entry.parent == 0] == ["First", "Second"]
    assert tree.entries[1].reasoning == "Hm."
    assert path_of(tree)[1:] == ["Second", "Write a plan", "**Plan**\n\n# 计划\n\n一\n\nDone."]
    assert dict(conversation.notes) == {"tools": 1, "files": 1}
    assert tree.entries[0].created == 1_767_261_600_123


def test_an_old_claude_export_without_parents_is_a_chain(tmp_path: Path) -> None:
    chat = exports.claude_chat()
    for message in chat["chat_messages"]:
        del message["parent_message_uuid"]
        message["text"] = message["uuid"]
        message["content"] = []
    _conversation, tree = one(exports.written(tmp_path / "x.json", [chat]))
    assert [entry.role for entry in tree.entries] == ["user", "assistant", "user", "assistant"]
    assert tree.entries[1].text == "r1\n\nr2"


def test_open_webui_keeps_models_reasoning_and_files(tmp_path: Path) -> None:
    conversation, tree = one(exports.written(tmp_path / "x.json", [exports.open_webui_chat()]))
    question, a1, a2 = tree.entries
    assert question.text == "Compare 两个"
    assert (len(question.files), texts_of(question)) == (2, {"data.csv": "a,b"})
    assert (a1.text, a1.reasoning, a1.model) == ("Answer **A**", "一步\ntwo", "llama3")
    assert (a2.text.strip(), a2.model, len(a2.files)) == ("Answer B", "Qwen 3", 1)
    assert question.chosen == 1
    assert a2.created == 1_700_000_005_000
    assert (conversation.system_prompt, conversation.pinned) == ("Be brief.", True)
    assert dict(conversation.notes) == {"pictures": 1, "tools": 1}


def test_pictures_without_end_are_counted_and_not_kept(tmp_path: Path) -> None:
    row = exports.open_webui_chat()
    image = "data:image/png;base64," + base64.b64encode(exports.PNG).decode()
    row["chat"]["history"]["messages"]["a2"]["content"] = "B" + f"![]({image})" * 60 + "![" * 1000
    conversation, tree = one(exports.written(tmp_path / "x.json", [row]))
    assert len(tree.entries[2].files) == 40
    assert conversation.notes["pictures"] == 21
    assert tree.entries[2].text.strip() == "B" + "![" * 1000


@pytest.mark.parametrize("inner", [True, False])
def test_one_chat_of_open_webui_alone(tmp_path: Path, inner: bool) -> None:
    row = exports.open_webui_chat()
    _conversation, tree = one(exports.written(tmp_path / "x.json", row["chat"] if inner else row))
    assert len(tree.entries) == 3


def test_parley_reads_what_it_wrote(tmp_path: Path) -> None:
    conversation, tree = one(exports.parley_zip(tmp_path / "x.zip"))
    assert conversation.system_prompt == "Say little."
    assert [(entry.text, entry.parent) for entry in tree.entries] == [("Hi", None), ("Yes", 0), ("No", 0)]
    assert len(tree.entries[0].files) == 1
    assert tree.entries[0].chosen == 1
    _again, same = one(exports.written(tmp_path / "x.json", exports.parley_chat()))
    assert len(same.entries) == 3


BROKEN: list[tuple[Any, str]] = [
    ({**exports.chatgpt_chat(), "mapping": {}}, "empty"),
    ({**exports.chatgpt_chat(), "id": "", "conversation_id": None}, "no_id"),
    ({**exports.chatgpt_chat(), "mapping": {"a": {"message": {"author": "x", "content": 3}}}}, "empty"),
    ({"uuid": "k", "chat_messages": ["x", None, {"sender": "human", "content": [{"text": 1}]}]}, "empty"),
    ({"format": "parley.conversation", "version": 9, "id": "1"}, "newer"),
    ({"format": "parley.conversation", "version": 1, "id": "1", "messages": [{}]}, "damaged"),
    ({"something": "else"}, "unknown"),
    ("text", "no_conversation"),
    ([[]], "no_conversation"),
]  # fmt: skip


@pytest.mark.parametrize(("chat", "code"), BROKEN)
def test_a_broken_chat_is_named_and_the_next_one_comes(tmp_path: Path, chat: Any, code: str) -> None:
    path = exports.written(tmp_path / "x.json", [exports.claude_chat(), chat, exports.chatgpt_chat("c-2")])
    found = read(path)
    assert len(found) == 3
    assert isinstance(found[1], Unreadable)
    assert found[1].code == code
    assert isinstance(found[2], tuple)


@pytest.mark.parametrize(
    "other",
    [
        [{"mapping": {}, "inserted_at": "2026", "title": "DeepSeek"}],
        {"conversations": [{"conversation": {}}]},
        [],
        {},
    ],
)
def test_an_export_of_somebody_else_is_not_guessed_at(tmp_path: Path, other: Any) -> None:
    with Reading(exports.written(tmp_path / "x.json", other)) as reading:
        assert reading.next() is None
    assert reading.error == NOTHING_KNOWN
