"""Log files: they turn, are read from the end, and hold no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parley.lib import logfiles
from parley.lib.logfiles import RotatingFile, Tail, Wanted, everything, newest, processes
from parley.lib.scrubbing import scrubbed


def line(number: int, **more: object) -> str:
    return json.dumps(
        {"timestamp": f"2026-01-01T{number:06d}Z", "level": "info", "event": f"e{number}", **more}
    )


def test_a_full_file_turns_and_the_newest_lines_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfiles, "LARGEST", 2_000)
    monkeypatch.setattr(logfiles, "BLOCK", 100)
    file, other = RotatingFile(tmp_path, "web"), RotatingFile(tmp_path, "web")
    for number in range(300):
        (other if number % 3 == 0 else file).write(line(number))
    assert {path.name for path in tmp_path.glob("*.log*")} >= {"web.log", "web.log.4", "web-2.log"}
    assert not (tmp_path / "web.log.5").exists()
    assert [each.event for each in newest(tmp_path, Wanted(), limit=5)] == [
        "e299",
        "e298",
        "e297",
        "e296",
        "e295",
    ]
    older = newest(tmp_path, Wanted(before="2026-01-01T000290Z", text="E28"), limit=3)
    assert [each.event for each in older] == ["e289", "e288", "e287"]
    assert processes(tmp_path) == ["web"]
    assert sum(block.count(b"\n") for block in everything(tmp_path)) == len(
        newest(tmp_path, Wanted(), limit=999)
    )
    file.close()
    other.close()


def test_a_tail_gives_complete_lines_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = RotatingFile(tmp_path, "web")
    file.write(line(1))
    tail = Tail(tmp_path)
    assert tail.news() == []
    file.write(line(2))
    with (tmp_path / "web.log").open("ab") as half:
        half.write(b'{"timestamp": "3"')
    assert [each.event for each in tail.news()] == ["e2"]
    assert tail.news() == []
    file.close()


def test_a_huge_line_is_cut_and_still_shown(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path, "web")
    tail = Tail(tmp_path)
    file.write(line(1, exception="x" * 50_000, password="hunter22", ms=7))
    file.write("no JSON " * 9_000)
    file.write(line(2, level="e" * 90_000, **{f"f{number}" * 9: "y" for number in range(3_000)}))
    for shown in (newest(tmp_path, Wanted(), limit=9)[::-1], tail.news()):
        assert [each.event for each in shown] == ["e1", "e2"]
        assert "hunter22" not in shown[0].fields
        assert "ms=7" in shown[0].fields
    assert max(map(len, (tmp_path / "web.log").read_text().splitlines())) <= logfiles.LONGEST
    file.close()


def test_a_tail_survives_a_file_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = RotatingFile(tmp_path, "web")
    file.write(line(1))
    tail = Tail(tmp_path)
    gone = tmp_path / "gone.log"
    monkeypatch.setattr(logfiles, "_files", lambda _folder: [gone, tmp_path / "web.log"])
    file.write(line(2))
    assert [each.event for each in tail.news()] == ["e2"]
    assert [each.event for each in newest(tmp_path, Wanted(), limit=9)] == ["e2", "e1"]
    file.close()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('{"password": "hunter22", "n": 1}', '{"password": "[hidden]", "n": 1}'),
        ("Authorization: Bearer abc.def-123456", "Authorization: [hidden]"),
        ("postgresql://me:s3cr3t@db/x", "postgresql://me:[hidden]@db/x"),
        ("key sk-abcdefghijklmnopqrstuv", "key [hidden]"),
        (r'{"body": "{\"api_key\": \"abcdefgh\"}"}', r'{"body": "{\"api_key\": \"[hidden]\"}"}'),
        ("{'cookie': 'abcdefgh', 'n': 1}", "{'cookie': '[hidden]', 'n': 1}"),
        ("GET /s/" + "a" * 43, "GET /s/[hidden]"),
        ("GET /reset/" + "a" * 43, "GET /reset/[hidden]"),
        ('{"tokens_in": 1234, "event": "request"}', '{"tokens_in": 1234, "event": "request"}'),
    ],
)
def test_secrets_stay_out(said: str, kept: str) -> None:
    assert scrubbed(said) == kept
