import json
from dataclasses import replace
from typing import Any

from parley.chat import wire
from tests.unit.chat.paths import ANSWER


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
    assert (failed["type"], failed["error"], failed["code"]) == ("error", "No.", "server")


def test_an_end_says_who_answered_and_what_it_took() -> None:
    end = {
        "status": "done",
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "reasoning_tokens": 2, "cached_tokens": 1},
        "cost": {"nano": 1200},
        "answered_by": "2:small",
        "answered_name": "Small",
    }
    complete = payload(wire.fact(9, "end", json.dumps(end)))
    assert (complete["answeredBy"], complete["answeredName"]) == ("2:small", "Small")
    assert (complete["usage"], complete["cost"]) == (end["usage"], {"nano": 1200})


def test_a_picture_comes_with_its_address_and_size() -> None:
    image = payload(wire.fact(4, "image", '{"file": 7, "width": 64, "height": 48}'))
    assert image == {"type": "image", "fileId": 7, "url": "/files/7", "width": 64, "height": 48}


def test_a_notice_is_passed_on_with_its_parameters() -> None:
    notice = {"code": "waiting", "text": "Wait.", "seconds": 12, "until": 5}
    assert payload(wire.fact(4, "notice", json.dumps(notice))) == {"type": "notice", **notice}


def test_an_answer_carries_its_usage_and_its_notices() -> None:
    told = wire.message(replace(ANSWER, notices='[{"code":"left_out","count":2}]'), "text", "")
    assert told["usage"]["total_tokens"] == 3410 + 1284
    assert (told["cost"], told["notices"]) == ({"nano": 1_234_000}, [{"code": "left_out", "count": 2}])
    assert wire.message(replace(ANSWER, completion_tokens=None), "", "")["usage"] is None
    assert "usage" not in wire.message(replace(ANSWER, role="user"), "", "")


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    assert wire.fact(2, "hologram", "…") is None


def test_times_are_rfc_3339_in_utc() -> None:
    assert wire.iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


def test_a_sign_of_life_has_the_last_seq() -> None:
    assert wire.keep_alive(7).startswith(b"id: 7\n")
    assert payload(wire.keep_alive(7)) == {"type": "keepalive"}
