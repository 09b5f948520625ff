"""Files that are damaged, too much, or no exports at all."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from parley.importing import elements
from parley.importing.container import BOMB, CROWDED, DAMAGED, LOCKED, NO_EXPORT, Refused
from parley.importing.elements import Broken
from parley.importing.neutral import Unreadable
from parley.importing.reading import CUT_OFF, NOTHING_KNOWN, Reading
from tests.unit.importing import exports


def cut(path: Path) -> Path:
    exports.chatgpt_zip(path)
    path.write_bytes(path.read_bytes()[:-60])
    return path


def locked(path: Path) -> Path:
    exports.chatgpt_zip(path)
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        flags = struct.unpack("<H", data[start + 8 : start + 10])[0] | 1
        data = data[: start + 8] + struct.pack("<H", flags) + data[start + 10 :]
        start += 4
    path.write_bytes(data)
    return path


def crowded(path: Path) -> Path:
    exports.chatgpt_zip(path)
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    path.write_bytes(data[: end + 12] + struct.pack("<L", 2**31) + data[end + 16 :])
    return path


def picture(path: Path) -> Path:
    path.write_bytes(exports.PNG)
    return path


def empty_zip(path: Path) -> Path:
    return exports.zipped(path, {"readme.txt": "nothing"})


def endless(path: Path) -> Path:
    """500 bytes that `zipfile` would unpack as a whole, however few it is asked for."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("conversations.json", b"[" + b" " * 3_000_000)
    return path


def lying(path: Path) -> Path:
    """A ZIP whose end names one of its 200,000 entries, and hides behind a second end."""
    entry = b"PK\x01\x02" + b"\0" * 24 + b"\1\0" + b"\0" * 16 + b"a"
    second = b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, 1, 1, 46, 0)
    table = entry * 200_000 + second
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, len(table), 4, 0)
    path.write_bytes(b"PK\x03\x04" + table + end)
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (cut, DAMAGED),
        (locked, LOCKED),
        (crowded, CROWDED),
        (lying, CROWDED),
        (endless, DAMAGED),
        (exports.bomb, BOMB),
        (picture, NO_EXPORT),
        (empty_zip, NOTHING_KNOWN),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    with pytest.raises(Refused) as refused, Reading(make(tmp_path / "x.zip")):
        pass
    assert str(refused.value) == sentence


def test_what_came_before_the_end_of_a_cut_file_is_there(tmp_path: Path) -> None:
    path = exports.written(tmp_path / "x.json", [exports.claude_chat(), exports.chatgpt_chat()])
    path.write_bytes(path.read_bytes()[:-200])
    with Reading(path) as reading:
        found = list(iter(reading.next, None))
    assert len(found) == 1
    assert reading.error == CUT_OFF


def test_a_damaged_entry_of_a_zip_does_not_hide_the_others(tmp_path: Path) -> None:
    path = exports.zipped(
        tmp_path / "x.zip",
        {"conversations-000.json": "[{", "conversations-001.json": [exports.chatgpt_chat()]},
    )
    with Reading(path) as reading:
        assert isinstance(reading.next(), tuple)
        assert reading.next() is None
    assert reading.error == CUT_OFF


def test_names_of_entries_are_never_paths(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../tmp/conversations.json", json.dumps([exports.chatgpt_chat()]))
        archive.writestr("../../file_0000aaaa.dat", exports.PNG)
    before = sorted(tmp_path.iterdir())
    with Reading(path) as reading:
        found = reading.next()
        assert isinstance(found, tuple)
        assert found[1].entries[0].files[0].read() == exports.PNG
    assert sorted(tmp_path.iterdir()) == before


def test_depth_costs_no_memory() -> None:
    deep = b'[{"title": "deep", "mapping": ' + b'[{"a":' * 100_000 + b"1" + b"}]" * 100_000 + b"}, {}]"
    tracemalloc.start()
    found = list(elements.elements(io.BytesIO(deep)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found[0], Unreadable)
    assert (found[0].code, found[0].title) == ("too_deep", "deep")
    assert found[1] == {}
    assert peak < 5_000_000


def test_one_endless_value_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "LONGEST", 1_000_000)
    stream = io.BytesIO(b'[{"id": "1"}, {"title": "' + b"x" * 3_000_000)
    reading = elements.elements(stream)
    assert next(reading) == {"id": "1"}
    with pytest.raises(Broken):
        next(reading)
    assert stream.tell() < 1_500_000


def test_a_heavy_conversation_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "HEAVIEST", 10_000)
    heavy = {"title": "heavy", "id": "h", "mapping": {str(n): {"a": n} for n in range(1_000)}}
    found = list(elements.elements(exports.as_bytes([heavy, {"id": "light"}])))
    assert isinstance(found[0], Unreadable)
    assert (found[0].code, found[0].title, found[0].external) == ("too_large", "heavy", "h")
    assert found[1] == {"id": "light"}


@pytest.mark.parametrize(
    "body", [b"", b"3", b"[1, 2", b"{]", b'["\xff"]', b"[1e999]", b"[" + b"9" * 5000 + b"]"]
)
def test_what_is_no_json_is_broken_and_nothing_else(body: bytes) -> None:
    try:
        found = list(elements.elements(io.BytesIO(body)))
    except Broken:
        return
    assert all(isinstance(each, Unreadable) for each in found)


def test_a_long_export_is_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w") as f,
    ):
        f.write(b"[")
        for n in range(2_000):
            chat = exports.claude_chat(f"k-{n}")
            chat["chat_messages"][0]["text"] = f"{n} " * 500
            f.write(json.dumps(chat).encode() + (b"," if n < 1_999 else b"]"))
    tracemalloc.start()
    with Reading(path) as reading:
        number = sum(1 for _found in iter(reading.next, None))
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == 2_000
    assert peak < 4_000_000  # the file unpacks to more than 8 MB
