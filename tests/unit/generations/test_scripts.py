"""The life of a generation as transactions, on an SQLite in memory and without a loop."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.generations import scripts
from parley.generations.facts import CANCELLED, Ending, Fact, Timing, Used, texts
from parley.generations.scripts import Answered, Claim, Held, Part, Written
from parley.lib.db import Many, Row, Script
from parley.providers.base import UsageReport
from piccolo_migrations import m0001_foundations, m0002_providers, m0008_quotas, m0011_traces, m0016_figures

T = TypeVar("T")
LEASE = 10


class Ledger:
    """Runs scripts, each as one transaction; foreign keys stay off."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        for migration in (m0001_foundations, m0002_providers):
            self.db.executescript(migration.TABLES.format(serial=migration.SERIAL["sqlite"]))
        for migration in (m0008_quotas, m0011_traces):
            for statement in migration.TABLES:
                self.db.execute(statement.format(**migration.KEYS["sqlite"]))
        for statement in m0016_figures.CHARGES:
            self.db.execute(statement)
        self.stored: list[tuple[int, str, str]] = []

    def close(self) -> None:
        self.db.close()

    def run(self, script: Script[T]) -> T:
        """Drive a script to its end; a failure leaves nothing."""
        self.db.execute("BEGIN")
        try:
            step = next(script)
            while True:
                rows: list[Row] = []
                if isinstance(step, Many):
                    self.db.executemany(step.sql, step.rows)
                else:
                    rows = [dict(row) for row in self.db.execute(step[0], step[1])]
                step = script.send(rows)
        except StopIteration as end:
            self.db.execute("COMMIT")
            return end.value  # type: ignore[no-any-return]
        except BaseException:
            self.db.execute("ROLLBACK")
            raise

    def store(self, answered: Answered, now: int) -> Script[None]:
        self.stored.append((answered.message, answered.text, answered.reasoning))
        yield "SELECT 1", ()

    def queue(self, generation: int = 1, *, now: int = 0) -> int:
        self.db.execute(
            "INSERT INTO generation (id, owner, conversation, message, model, status, created_at)"
            " VALUES (?, 1, 1, 7, 'demo', 'queued', ?)",
            (generation, now),
        )
        return generation

    def row(self, generation: int = 1) -> Row:
        return dict(self.db.execute("SELECT * FROM generation WHERE id = ?", (generation,)).fetchone())

    def facts(self, generation: int = 1) -> list[Fact]:
        rows = self.db.execute(
            "SELECT seq, kind, data FROM generation_event WHERE generation = ? ORDER BY seq", (generation,)
        )
        return [(row["seq"], row["kind"], row["data"]) for row in rows]

    def claim(self, now: int = 0) -> Claim | None:
        return self.run(scripts.claim(1, now, now + LEASE))

    def write(self, part: Part, now: int = 0) -> Written:
        return self.run(scripts.write_batch([part], now, self.store, ""))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """One queued generation, number 1, with message 7."""
    ledger = Ledger()
    ledger.queue()
    yield ledger
    ledger.close()


def said(text: str, *, seq: int = 1, attempt: int = 1, ending: Ending | None = None) -> Part:
    return Part(Held(1, attempt), ((seq, "text", text),), seq == 1, seq == 1, ending)


def test_a_claim_is_had_once(ledger: Ledger) -> None:
    assert ledger.claim() == Claim(1, 1, 7, "demo", 0)
    assert ledger.claim() is None


def test_a_dead_lease_is_the_sweeps_to_decide(ledger: Ledger) -> None:
    ledger.claim(now=0)
    assert ledger.claim(now=LEASE + 1) is None


def test_the_end_is_numbered_stored_and_timed_in_one_transaction(ledger: Ledger) -> None:
    ledger.claim()
    ledger.write(said("ab"), now=100)
    used = Used("1:m", "M", UsageReport(3, 50), cost_nano=12, window=1000)
    ending = Ending("done", finish_reason="stop", used=used)
    written = ledger.write(said("cd", seq=2, ending=ending), now=600)
    assert written.ends[1].fact == ledger.facts()[-1]
    assert msgspec.json.decode(ledger.facts()[-1][2]) == {
        "status": "done",
        "error": "",
        "code": "",
        "finish_reason": "stop",
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 50,
            "total_tokens": 53,
            "reasoning_tokens": 0,
            "cached_tokens": 0,
            "estimated": False,
        },
        "cost": {"nano": 12},
        "answered_by": "1:m",
        "answered_name": "M",
        "window": 1000,
        "metrics": {"firstTokenMs": 100, "durationMs": 600, "tokensPerSecond": 100.0, "reasoningMs": None},
    }
    assert ledger.stored == [(7, "abcd", "")]
    assert (ledger.row()["status"], ledger.row()["finished_at"], ledger.row()["lease_until"]) == (
        "done",
        600,
        None,
    )


def test_metrics_without_text_or_usage_do_not_invent_numbers() -> None:
    assert Timing(100, 300).metrics(None) == {
        "firstTokenMs": None,
        "durationMs": 200,
        "tokensPerSecond": None,
        "reasoningMs": None,
    }
    assert Timing(100, 300, 300, 300).metrics(UsageReport(1, 1))["tokensPerSecond"] is None


def test_the_speed_leaves_reasoning_out() -> None:
    timing = Timing(0, 4000, 1000, 3000, reasoned=True)
    found = timing.metrics(UsageReport(9, 150, reasoning_tokens=100))
    assert (found["tokensPerSecond"], found["reasoningMs"]) == (50.0, 2000)


def test_another_attempt_writes_nothing(ledger: Ledger) -> None:
    ledger.claim()
    assert ledger.write(said("x", attempt=2)).lost == {1}
    assert ledger.write(said("x", attempt=0)).lost == {1}
    assert ledger.facts() == []
    assert not ledger.row()["shown"]


def test_a_run_in_the_same_batch_is_not_harmed_by_a_lost_one(ledger: Ledger) -> None:
    ledger.queue(2)
    ledger.claim()
    ledger.run(scripts.claim(2, 0, LEASE))
    parts = [said("mine"), Part(Held(2, 9), ((1, "text", "not mine"),), True, True, CANCELLED)]
    written = ledger.run(scripts.write_batch(parts, 0, ledger.store, ""))
    assert written.lost == {2}
    assert written.ends == {}
    assert ledger.facts(1) == [(1, "text", "mine")]
    assert ledger.facts(2) == []


def test_a_heartbeat_prolongs_what_is_ours_and_brings_the_stop(ledger: Ledger) -> None:
    ledger.claim()
    assert ledger.run(scripts.heartbeat([Held(1, 1)], 99, "")) == {1: False}
    assert ledger.row()["lease_until"] == 99
    ledger.run(scripts.request_stop(1, 0))
    assert ledger.run(scripts.heartbeat([Held(1, 1)], 100, "")) == {1: True}
    assert ledger.run(scripts.heartbeat([Held(1, 2), Held(5, 1)], 101, "")) == {}
    assert ledger.row()["lease_until"] == 100


def test_only_a_silent_run_is_handed_back(ledger: Ledger) -> None:
    ledger.claim()
    assert ledger.run(scripts.hand_back(Held(1, 1)))
    assert ledger.row()["status"] == "queued"
    assert ledger.write(said("late")).lost == {1}
    claim = ledger.claim()
    assert claim is not None
    assert claim.attempt == 2
    ledger.write(said("shown", attempt=2))
    assert not ledger.run(scripts.hand_back(Held(1, 2)))


def test_a_living_lease_is_not_reaped(ledger: Ledger) -> None:
    ledger.claim(now=0)
    assert ledger.run(scripts.reap(Held(1, 1), LEASE, ledger.store)) == (False, None)
    assert ledger.row()["status"] == "running"


def test_pruning_forgets_events_and_says_so(ledger: Ledger) -> None:
    ledger.claim()
    ledger.write(said("a", ending=CANCELLED))
    ledger.run(scripts.prune([1]))
    assert ledger.facts() == []
    assert ledger.row()["pruned"]


def test_a_worker_is_seen_and_forgotten(ledger: Ledger) -> None:
    ledger.run(scripts.beat("old:1", "1", 0, 5, 0))
    ledger.run(scripts.beat("new:2", "1", 0, 100, 50))
    ledger.run(scripts.beat("new:2", "2", 90, 110, 50))
    seen = [
        tuple(row) for row in ledger.db.execute("SELECT name, version, started_at, seen_at FROM worker_beat")
    ]
    assert seen == [("new:2", "2", 90, 110)]
    ledger.run(scripts.leave("new:2"))
    assert not ledger.db.execute("SELECT 1 FROM worker_beat").fetchall()


@dataclass
class Life:
    """Random events around one generation and three workers, none of which knows about the others."""

    ledger: Ledger
    chance: random.Random
    now: int = 0
    held: dict[int, int] = field(default_factory=dict)  # worker -> the attempt it believes in
    seqs: dict[int, int] = field(default_factory=dict)
    shown_by: set[int] = field(default_factory=set)  # attempts that showed something
    ends: list[Fact] = field(default_factory=list)

    def step(self) -> None:
        self.now += self.chance.choice([0, 1, 3, LEASE + 1])
        worker = self.chance.randrange(3)
        match self.chance.choice(["claim", "write", "write", "end", "beat", "reap", "hand_back", "stop"]):
            case "claim":
                claim = self.ledger.run(scripts.claim(1, self.now, self.now + LEASE))
                if claim is not None:
                    self.held[worker], self.seqs[worker] = claim.attempt, 0
            case "write" if worker in self.held:
                self._write(worker, None)
            case "end" if worker in self.held:
                self._write(worker, Ending("done"))
            case "beat" if worker in self.held:
                held = Held(1, self.held[worker])
                if not self.ledger.run(scripts.heartbeat([held], self.now + LEASE, "")):
                    del self.held[worker]
            case "reap":
                row = self.ledger.row()
                reaped = self.ledger.run(scripts.reap(Held(1, row["attempt"]), self.now, self.ledger.store))
                self.ends += [reaped.end.fact] if reaped.end else []
            case "hand_back" if worker in self.held:
                self.ledger.run(scripts.hand_back(Held(1, self.held.pop(worker))))
            case "stop" if self.chance.random() < 0.1:
                stopping = self.ledger.run(scripts.request_stop(1, self.now))
                self.ends += [stopping.end.fact] if stopping.end else []

    def _write(self, worker: int, ending: Ending | None) -> None:
        attempt, seq = self.held[worker], self.seqs[worker]
        part = Part(Held(1, attempt), ((seq + 1, "text", f"{attempt}."),), seq == 0, seq == 0, ending)
        written = self.ledger.write(part, self.now)
        if written.lost:
            del self.held[worker]
            return
        self.seqs[worker] += 1
        self.shown_by.add(attempt)
        self.ends += [ended.fact for ended in written.ends.values()]
        if ending is not None:
            del self.held[worker]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_workers_do_a_generation_is_told_once_by_one_attempt(seed: int) -> None:
    ledger = Ledger()
    ledger.queue()
    life = Life(ledger, random.Random(seed))
    for _ in range(60):
        life.step()
    facts, row = ledger.facts(), ledger.row()
    ledger.close()
    assert [seq for seq, _, _ in facts] == list(range(1, len(facts) + 1))
    assert len(life.shown_by) <= 1, "a second attempt showed something"
    assert life.ends == [fact for fact in facts if fact[1] == "end"]
    assert len(life.ends) == (1 if row["finished_at"] is not None else 0)
    assert bool(row["shown"]) == bool(life.shown_by)
    if life.ends:
        assert facts[-1] == life.ends[0]
        assert msgspec.json.decode(facts[-1][2])["status"] == row["status"]
        assert ledger.stored in ([], [(7, *texts(facts))])
