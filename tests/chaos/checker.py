"""The promises as a pure function: what clients saw, what is stored, what the upstream sent -> violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.history import Asked, History, Watched
from tests.chaos.page import STATES, rendered
from tests.upstream.script import text_of

Row = dict[str, Any]
TERMINAL = ("done", "error", "cancelled", "interrupted")
SETTLE = 60_000  # ms after the last fault in which everything has to have ended
MAX_ATTEMPTS = 3  # killed so often before the first word, a generation is given up, and says so
CLOCK_SLACK = 5  # ms between the clocks of two processes of one machine


@dataclass(frozen=True, slots=True)
class UpstreamCall:
    """One request the upstream received, and the text that it sent for it."""

    at: float  # ms since the epoch
    sent: str


@dataclass
class Stored:
    """What the database holds in the end."""

    messages: dict[int, Row]
    generations: dict[int, Row]
    events: dict[int, list[tuple[int, str, str]]]  # by generation: seq, kind, data
    integrity: list[str] = field(default_factory=list)  # what is wrong with the file itself


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the checker looks at."""

    history: History
    stored: Stored
    calls: dict[str, list[UpstreamCall]]


def check(evidence: Evidence) -> list[str]:
    """Every violation as a sentence; empty when all promises were kept."""
    return [
        *evidence.stored.integrity,
        *_messages_exist_once(evidence),
        *_all_ended_in_time(evidence),
        *_facts_spell_the_answer(evidence.stored),
        *_text_is_what_upstream_sent(evidence),
        *_upstream_was_called_once_where_text_was_shown(evidence),
        *_clients_saw_what_is_stored(evidence),
        *_pages_show_what_is_stored(evidence),
    ]


def _messages_exist_once(evidence: Evidence) -> Iterator[str]:
    stored = evidence.stored
    by_client_id: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in stored.messages.values():
        if row["client_message_id"]:
            by_client_id[row["conversation"], row["client_message_id"]].append(row)
    per_answer = Counter(row["message"] for row in stored.generations.values())
    for asked in evidence.history.asked:
        found = by_client_id[asked.conversation, asked.client_message_id]
        if len(found) > 1 or (asked.acks and not found):
            yield f"{asked.key}: acknowledged {len(asked.acks)} times, stored {len(found)} times"
        if len(set(asked.acks)) > 1:
            yield f"{asked.key}: the same send was acknowledged as {sorted(set(asked.acks))}"
        for question, answer, generation in set(asked.acks):
            if question not in stored.messages or stored.messages[question]["text"] != asked.content:
                yield f"{asked.key}: question {question} is not what was sent"
            if per_answer[answer] != 1 or generation not in stored.generations:
                yield f"{asked.key}: answer {answer} has {per_answer[answer]} generations"


def _all_ended_in_time(evidence: Evidence) -> Iterator[str]:
    last = max((fault.at for fault in evidence.history.faults), default=0)
    asked_last = max((asked.acked_at for asked in evidence.history.asked), default=0)
    for id, row in evidence.stored.generations.items():
        if row["status"] not in TERMINAL:
            yield f"generation {id} is still {row['status']} (attempt {row['attempt']})"
        elif row["finished_at"] > max(last, asked_last) + SETTLE:
            yield f"generation {id} ended {row['finished_at'] - last:.0f} ms after the last fault"


def _facts_spell_the_answer(stored: Stored) -> Iterator[str]:
    for id, row in stored.generations.items():
        events = stored.events.get(id, [])
        if [seq for seq, _, _ in events] != list(range(1, len(events) + 1)):
            yield f"generation {id}: its facts have gaps"
        if row["status"] in TERMINAL and [n for n, e in enumerate(events, 1) if e[1] == "end"] != [
            len(events)
        ]:
            yield f"generation {id}: not exactly one end, or it is not last"
        if (text := _text(events)) != stored.messages[row["message"]]["text"]:
            yield f"generation {id}: facts spell {len(text)} characters, the message has another text"


def _text(events: Iterable[tuple[int, str, str]]) -> str:
    return "".join(data for _, kind, data in events if kind in ("text", "content"))


def _answers(evidence: Evidence) -> Iterator[tuple[Asked, Row, str]]:
    """Acknowledged questions with their generation and stored answer."""
    for asked in evidence.history.asked:
        for _, answer, generation in set(asked.acks):
            row = evidence.stored.generations.get(generation)
            if row is not None and answer in evidence.stored.messages:
                yield asked, row, evidence.stored.messages[answer]["text"]


def _text_is_what_upstream_sent(evidence: Evidence) -> Iterator[str]:
    for asked, row, text in _answers(evidence):
        calls = evidence.calls.get(asked.key, [])
        what = f"{asked.key} (generation {row['id']}, {row['status']})"
        if row["status"] == "done":
            if not any(call.sent == text for call in calls):
                yield f"{what}: the text is not what one call sent"
            if not asked.stamped and text != text_of(asked.key, asked.tokens):
                yield f"{what}: the text is not the whole answer"
        elif text and not any(call.sent.startswith(text) for call in calls):
            yield f"{what}: the text is no beginning of what one call sent"
        given_up = row["error_code"] == "worker_lost" and row["attempt"] >= MAX_ATTEMPTS and not text
        if row["status"] == "error" and not given_up:
            yield f"{what}: the upstream was healthy, yet: {row['error']}"
        if row["status"] == "cancelled" and row["id"] not in evidence.history.stops:
            yield f"{what}: nobody stopped it"


def _upstream_was_called_once_where_text_was_shown(evidence: Evidence) -> Iterator[str]:
    for asked, row, text in _answers(evidence):
        calls = evidence.calls.get(asked.key, [])
        if len(calls) > row["attempt"]:
            yield f"{asked.key}: {len(calls)} calls in {row['attempt']} attempts"
        shown = row["first_fact_at"]
        late = [call for call in calls if shown is not None and call.at > shown + CLOCK_SLACK]
        if text and late:
            yield f"{asked.key}: called again {late[0].at - shown:.0f} ms after text was shown"


def _clients_saw_what_is_stored(evidence: Evidence) -> Iterator[str]:
    for seen in evidence.history.watched:
        yield from _one_client(seen, evidence.stored)


def _one_client(seen: Watched, stored: Stored) -> Iterator[str]:
    who = f"{seen.device} of generation {seen.generation}"
    if [seq for seq, _, _ in seen.events] != list(range(1, len(seen.events) + 1)):
        yield f"{who}: seq not strictly increasing by one: {_around_gap(seen.events)}"
    facts = {seq: (kind, data) for seq, kind, data in stored.events.get(seen.generation, [])}
    for seq, kind, data in seen.events:
        stored_kind, stored_data = facts.get(seq, ("nothing", ""))
        if _wire(stored_kind) != kind or (kind in ("content", "reasoning") and data != stored_data):
            yield f"{who}: saw {kind} as {seq}, stored is {stored_kind}"
            break
    row = stored.generations.get(seen.generation)
    if row is not None and row["status"] in TERMINAL and not seen.ended:
        yield f"{who}: was never told that it ended ({len(seen.events)} of {len(facts)} events seen)"
    if seen.ended and row is not None:
        if _text(seen.events) != stored.messages[row["message"]]["text"]:
            yield f"{who}: what it read to the end is not the stored text"
        if seen.events[-1][2] != row["status"]:
            yield f"{who}: was told {seen.events[-1][2]}, stored is {row['status']}"


def _pages_show_what_is_stored(evidence: Evidence) -> Iterator[str]:
    for page in evidence.history.pages:
        row = evidence.stored.generations.get(page.generation)
        if row is None or row["status"] not in TERMINAL:
            continue
        who = f"{page.device} (generation {page.generation})"
        if page.ids != sorted(page.ids):
            yield f"{who}: ids went back"
        if not page.ended:
            yield f"{who}: was never told that it ended"
        elif row["status"] not in STATES.get(page.state, ()):
            yield f"{who}: was told {page.state}, stored is {row['status']}"
        elif page.text != rendered(evidence.stored.messages[row["message"]]["text"]):
            yield f"{who}: shows other words than are stored"


def _wire(kind: str) -> str:
    return {"text": "content"}.get(kind, kind)


def _around_gap(events: Sequence[tuple[int, str, str]]) -> list[int]:
    seqs = [seq for seq, _, _ in events]
    wrong = next((n for n, seq in enumerate(seqs) if seq != n + 1), 0)
    return seqs[max(0, wrong - 3) : wrong + 4]
