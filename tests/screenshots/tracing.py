"""Traces of answers: one as usual, one refused and tried again, one that broke, one stopped."""

from __future__ import annotations

import sqlite3

import msgspec

from tests.screenshots.rows import insert

QUESTION = "How many panels fit on the boathouse, and what do they give in December?"
HOST = "https://gateway.example/openai/v1/chat/completions"
BODY = {"bytes": 48_213, "model": "gpt-5", "stream": True, "messages": {"count": 7, "turns": [
    {"role": "system", "characters": 212, "preview": "You are the assistant of the harbour museum."},
    {"role": "user", "characters": 73, "preview": QUESTION},
]}}  # fmt: skip
HEADERS = {"authorization": "[hidden]", "content-type": "application/json"}
USAGE = {"prompt_tokens": 11_840, "completion_tokens": 612}
BUSY = {"headers": {"retry-after": "2", "content-type": "application/json"}, "status": 429}
# Kind, name, ms after the beginning, ms it took, data.
Step = tuple[str, str, float, float | None, dict[str, object]]
BEGUN: list[Step] = [
    ("accept", "ada", 0, None, {"characters": 73}),
    ("saved", "", 0.4, 3.1, {"messages": 2}),
    ("queue", "", 3.5, 38, {"attempt": 1}),
    ("context", "", 42, 6.2, {"messages": 7, "tokens": 11_840, "window": 128_000, "left_out": 2}),
    ("try", "GPT-5", 49, None, {"connection": "Studio gateway", "model": "GPT-5"}),
]  # fmt: skip
REFUSED: list[Step] = [
    ("request", HOST, 50, None, {"method": "POST", "headers": HEADERS, "body": BODY}),
    ("response", "429", 50, 182, BUSY),
    ("wait", "", 232, 2_000, {"seconds": 2, "asked": 2}),
]  # fmt: skip


def _given(late: float) -> list[Step]:
    return [
        ("request", HOST, late, None, {"method": "POST", "headers": HEADERS, "body": BODY}),
        ("response", "200", late, 310, {"headers": {"content-type": "text/event-stream"}, "status": 200}),
        ("first", "reasoning", late + 420, None, {}),
        ("reasoning", "", late + 420, 2_600, {"characters": 840, "pieces": 44}),
        ("store", "", late + 480, 4.2, {"facts": 3, "write_us": 2_900, "publish_us": 700}),
        ("tool", "get_solar_hours", late + 3_020, None, {"arguments": {"month": "December", "lat": 68.1}}),
        ("result", "get_solar_hours", late + 3_020, 640, {"result": {"hours_per_day": 0.7}}),
        ("first", "text", late + 3_700, None, {}),
        ("text", "", late + 3_700, 5_400, {"characters": 2_480, "pieces": 131}),
        ("body", "", late + 310, 8_800, {"bytes": 51_400, "first": ['data: {"id":"chatcmpl-1"}'],
                                         "last": ["data: [DONE]"]}),
        ("stored", "", late + 9_100, None, {"flushes": 88, "write_us": 212_000, "slowest_us": 9_400,
                                            "publish_us": 31_000}),
        ("finish", "done", late + 9_140, None, {"usage": USAGE, "cost_nano": 20_920_000,
                                                "finish_reason": "stop"}),
    ]  # fmt: skip


def _broken(late: float) -> list[Step]:
    why = "The provider closed the connection."
    return [
        ("request", HOST, late, None, {"method": "POST", "headers": HEADERS, "body": BODY}),
        ("failure", "network", late + 900, None, {"message": why}),
        ("finish", "error", late + 920, None, {"error": why}),
    ]


STORIES: list[tuple[str, list[Step]]] = [
    ("done", [*BEGUN, *_given(50)]),
    ("done", [*BEGUN, *REFUSED, *_given(2_240)]),
    ("error", [*BEGUN, *_broken(50)]),
    ("cancelled", [*BEGUN, REFUSED[0], ("halt", "stopped", 1_500, None, {}),
                   ("finish", "cancelled", 1_520, None, {})]),
]  # fmt: skip


def trace(db: sqlite3.Connection, place: int, message: int, now: int) -> int:
    """The story of that place, of the answer's generation; its id."""
    status, steps = STORIES[place]
    began = now - (4 - place) * 3_000_000
    about = db.execute(
        "SELECT id, owner, conversation, model FROM generation WHERE message = ? ORDER BY id DESC", (message,)
    ).fetchone()
    metadata: dict[str, object] = {"question": QUESTION}
    if status == "done":
        metadata["usage"] = USAGE
    id = insert(
        db, "trace", generation=about["id"], owner=about["owner"], conversation=about["conversation"],
        model=about["model"], connection="Studio gateway", status=status, level="explicit", reason="asked",
        most=2_000, started_at=began, ended_at=began + int(steps[-1][2]), events=len(steps),
        metadata=msgspec.json.encode(metadata).decode(),
    )  # fmt: skip
    for seq, (kind, name, after, took, data) in enumerate(steps, 1):
        insert(
            db, "trace_event", trace=id, seq=seq, at=int(began * 1000 + after * 1000), kind=kind, name=name,
            duration=None if took is None else int(took * 1000), data=msgspec.json.encode(data).decode(),
        )  # fmt: skip
    return id
