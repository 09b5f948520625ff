import json
from typing import Any

from parley.chat import wire


def payload(event: bytes | None) -> dict[str, Any]:
    assert event is not None
    assert event.endswith(b"\n\n")
    assert b"\r" not in event
    lines = event.decode().rstrip("\n").split("\n")
    assert lines[0].startswith("id: ")
    assert len(lines) == 2
    decoded: dict[str, Any] = json.loads(lines[1].removeprefix("data: "))
    return decoded


def test_text_and_reasoning_are_increments() -> None:
    assert payload(wire.fact(3, "text", "Hel\nlo")) == {"type": "content", "content": "Hel\nlo"}
    assert payload(wire.fact(4, "reasoning", "hm")) == {"type": "reasoning", "content": "hm"}


def test_the_id_of_an_event_is_the_seq_of_its_fact() -> None:
    event = wire.fact(7, "text", "x")
    assert event is not None
    assert event.startswith(b"id: 7\n")


def test_an_end_is_complete_unless_it_is_an_error() -> None:
    end = {"status": "cancelled", "error": "", "code": "", "usage": None, "metrics": {"durationMs": 5}}
    complete = payload(wire.fact(9, "end", json.dumps(end)))
    assert (complete["type"], complete["status"], complete["metrics"]) == (
        "complete",
        "cancelled",
        {"durationMs": 5},
    )
    failed = payload(
        wire.fact(9, "end", json.dumps(end | {"status": "error", "error": "No.", "code": "server"}))
    )
    assert failed == {"type": "error", "error": "No.", "code": "server"}


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    assert wire.fact(2, "hologram", "…") is None


def test_times_are_rfc_3339_in_utc() -> None:
    assert wire.iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


def test_a_sign_of_life_has_the_last_seq() -> None:
    assert wire.keep_alive(7).startswith(b"id: 7\n")
    assert payload(wire.keep_alive(7)) == {"type": "keepalive"}
