"""The JSON in which conversations travel."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.lib.errors import Invalid
from parley.sharing import document
from parley.sharing.document import Document, FileEntry, Manifest, MessageEntry, Rating, Usage

FULL = Document(
    id="7",
    title="会话 “标题”",
    created_at=document.iso(1_700_000_000_123),
    updated_at=document.iso(1_700_000_000_124),
    model="1:gpt",
    system_prompt="Be brief.",
    sampling={"temperature": 0.5},
    tags=["工作"],
    folder="文件夹",
    pinned=True,
    leaf="3",
    messages=[
        MessageEntry(
            id="1",
            role="user",
            text="你好 👋",
            chosen="3",
            files=[FileEntry(id="9", sha256="a" * 64, name="图.png", path="files/" + "a" * 64)],
        ),
        MessageEntry(id="2", role="assistant", parent="1", text="first try", status="error", error="cut"),
        MessageEntry(
            id="3",
            role="assistant",
            parent="1",
            text="**你好**",
            usage=Usage(prompt_tokens=1, completion_tokens=2, cost_nano=5),
            rating=Rating(value=-1, comment="meh"),
        ),
    ],
)


def changed(**values: Any) -> bytes:
    return json.dumps({**json.loads(document.encode(FULL)), **values}).encode()


@pytest.mark.parametrize("indent", [0, 2])
def test_what_is_written_is_read_again(indent: int) -> None:
    data = document.encode(FULL, indent=indent)
    assert document.decode(data) == FULL
    assert document.decode(document.BOM + data) == FULL
    assert "你好 👋" in data.decode()
    assert [each.id for each in document.path(FULL)] == ["1", "3"]


def test_times_go_there_and_back() -> None:
    assert document.iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"
    assert document.ms_of("2023-11-14T22:13:20.123Z") == 1_700_000_000_123
    assert document.ms_of("2023-11-14T23:13:20.123+01:00") == 1_700_000_000_123
    assert (document.iso(None), document.ms_of("")) == ("", None)


MESSAGE = {"id": "1", "role": "user"}


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"no", "not_json", "not JSON"),
        (b"\xff\xfe", "not_json", "not JSON"),
        (b"[" * 100_000, "other_format", "parley.conversation"),
        (b"[]", "other_format", "parley.conversation"),
        (b'{"format": 7}', "other_format", "parley.conversation"),
        (changed(format="parley.archive"), "other_format", "parley.conversation"),
        (changed(version=2), "newer_version", "version 2"),
        (changed(title=3), "damaged", r"\$\.title"),
        (changed(messages=[{"id": "1", "role": "system"}]), "damaged", r"\$\.messages\[0\]\.role"),
        (changed(messages=[MESSAGE, MESSAGE]), "damaged", "used twice"),
        (changed(messages=[{**MESSAGE, "parent": "1"}]), "damaged", "no earlier message"),
        (changed(messages=[MESSAGE], leaf="5"), "damaged", r"\$\.leaf"),
        (changed(updatedAt="yesterday"), "damaged", r"\$\.updatedAt"),
        (
            changed(messages=[{**MESSAGE, "files": [{"id": "1", "sha256": "../x"}]}], leaf="1"),
            "damaged",
            "sha256",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(data: bytes, code: str, place: str) -> None:
    with pytest.raises(Invalid, match=place) as caught:
        document.decode(data)
    assert caught.value.code == code


def test_what_it_does_not_know_is_passed_over() -> None:
    assert document.decode(changed(colour="blue")) == FULL


def test_a_manifest_is_told_from_a_conversation() -> None:
    data = document.encode(Manifest(conversations=3, files=1))
    assert document.decode_manifest(data).conversations == 3
    assert document.format_of(data) == "parley.archive"
    assert document.format_of(document.encode(FULL)) == "parley.conversation"
    assert document.format_of(b"[]") == document.format_of(b"\xff") == ""
    with pytest.raises(Invalid):
        document.decode_manifest(document.encode(FULL))


def test_the_names_on_the_wire_are_as_documented() -> None:
    raw = msgspec.json.decode(document.encode(FULL))
    assert {"format", "version", "createdAt", "updatedAt", "systemPrompt", "leaf"} <= raw.keys()
    assert raw["messages"][0].keys() == {"id", "role", "chosen", "text", "files"}


def test_the_examples_of_the_documentation_are_true() -> None:
    text = (Path(__file__).parents[3] / "docs/formats.md").read_text("utf-8")
    conversation, manifest = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert [each.id for each in document.path(document.decode(conversation.encode()))] == ["41", "42"]
    assert document.decode_manifest(manifest.encode()).messages == 4210
    fields = {each.encode_name for each in msgspec.structs.fields(MessageEntry)}
    assert {name for name in fields if f"`{name}`" not in text} - {"id", "createdAt", "finishedAt"} == set()
