"""A checker that never objects proves nothing: each promise is broken once, and has to be named."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.chaos.checker import Evidence, Stored, UpstreamCall, check
from tests.chaos.history import Asked, Fault, History, Watched
from tests.chaos.page import Page, rendered
from tests.upstream.script import text_of, tokens_of

TEXT = text_of("k", 4)
PIECES = tokens_of("k", 4)


def kept() -> Evidence:
    """A run in which every promise was kept: one answer whole, one interrupted."""
    history = History(seed=1, faults=[Fault(5_000, "worker", 1)])
    events = {1: _events(PIECES, "done"), 2: _events(PIECES[:2], "interrupted")}
    stored = Stored({}, {}, events)
    calls = {}
    for n, status in ((1, "done"), (2, "interrupted")):
        text = "".join(data for _, kind, data in events[n] if kind == "text")
        question, answer = 10 * n, 10 * n + 1
        asked = Asked("k", 7, f"c{n}", "hello", 4, stamped=False, at=0, acks=[(question, answer, n)])
        asked.key = "k"
        history.asked.append(asked)
        history.watched.append(Watched(n, "device", _seen(events[n]), ended=True))
        page = Page(n, "page", {"done": f"<p>{rendered(text)}</p>"}, [1, 3, 5])
        page.state = "complete" if status == "done" else "failed"
        history.pages.append(page)
        stored.messages[question] = _message(question, "hello", f"c{n}")
        stored.messages[answer] = _message(answer, text, None)
        stored.generations[n] = {
            "id": n, "message": answer, "status": status, "attempt": 1, "error": "", "error_code": "",
            "first_fact_at": 1_000, "finished_at": 6_000, "started_at": 500,
        }  # fmt: skip
    calls["k"] = [UpstreamCall(900, TEXT)]
    return Evidence(history, stored, calls)


def _message(id: int, text: str, client_id: str | None) -> dict[str, Any]:
    return {"id": id, "conversation": 7, "text": text, "client_message_id": client_id}


def _events(pieces: tuple[str, ...], status: str) -> list[tuple[int, str, str]]:
    texts = [(n, "text", piece) for n, piece in enumerate(pieces, 1)]
    return [*texts, (len(pieces) + 1, "end", status)]


def _seen(events: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    return [(seq, {"text": "content"}.get(kind, kind), data) for seq, kind, data in events]


def test_a_run_that_kept_its_promises_passes() -> None:
    assert check(kept()) == []


def lose_a_message(e: Evidence) -> None:
    del e.stored.messages[10]


def store_a_message_twice(e: Evidence) -> None:
    e.stored.messages[99] = {**e.stored.messages[10], "id": 99}


def acknowledge_two_answers_for_one_send(e: Evidence) -> None:
    e.history.asked[0].acks.append((10, 11, 2))


def start_two_generations_for_one_answer(e: Evidence) -> None:
    e.stored.generations[2]["message"] = 11


def leave_one_running(e: Evidence) -> None:
    e.stored.generations[2]["status"] = "running"


def end_two_minutes_later(e: Evidence) -> None:
    e.stored.generations[2]["finished_at"] = 125_000


def lose_a_fact(e: Evidence) -> None:
    del e.stored.events[1][1]


def say_end_twice(e: Evidence) -> None:
    e.stored.events[1].append((6, "end", "done"))


def lose_the_last_word_of_the_message(e: Evidence) -> None:
    e.stored.messages[11]["text"] = TEXT[:-3]


def call_a_short_answer_done(e: Evidence) -> None:
    e.stored.generations[2]["status"] = "done"


def mix_two_attempts(e: Evidence) -> None:
    e.stored.messages[21]["text"] = PIECES[0] + "something else"


def stop_what_nobody_stopped(e: Evidence) -> None:
    e.stored.generations[2]["status"] = "cancelled"


def blame_a_healthy_upstream(e: Evidence) -> None:
    e.stored.generations[2].update(status="error", error="The provider failed.")


def call_again_after_text_was_shown(e: Evidence) -> None:
    e.calls["k"].append(UpstreamCall(1_500, TEXT))


def call_twice_in_one_attempt(e: Evidence) -> None:
    e.calls["k"].append(UpstreamCall(950, TEXT))


def show_what_was_never_stored(e: Evidence) -> None:
    e.history.watched[1].events[1] = (2, "content", "a ghost")


def show_one_event_twice(e: Evidence) -> None:
    e.history.watched[0].events.insert(1, e.history.watched[0].events[0])


def skip_an_event(e: Evidence) -> None:
    del e.history.watched[0].events[1]


def tell_a_client_another_end(e: Evidence) -> None:
    e.history.watched[0].events[-1] = (5, "end", "interrupted")


def never_tell_a_client_the_end(e: Evidence) -> None:
    e.history.watched[0].events.pop()
    e.history.watched[0].ended = False


def show_a_block_twice(e: Evidence) -> None:
    e.history.pages[0].places["done"] *= 2


def tell_a_page_another_end(e: Evidence) -> None:
    e.history.pages[0].state = "stopped"


def never_tell_a_page_the_end(e: Evidence) -> None:
    e.history.pages[0].state = ""


def send_a_page_back(e: Evidence) -> None:
    e.history.pages[0].ids = [3, 1]


def damage_the_file(e: Evidence) -> None:
    e.stored.integrity.append("integrity_check: row 3 missing from index")


CRIMES = [value for value in list(globals().values()) if getattr(value, "__annotations__", {}).get("e")]


@pytest.mark.parametrize("crime", CRIMES, ids=lambda crime: crime.__name__)
def test_the_checker_notices(crime: Any) -> None:
    evidence = deepcopy(kept())
    crime(evidence)
    assert check(evidence)
