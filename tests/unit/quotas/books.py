"""The real scripts on a database in memory or in a transaction, and what their books should say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg

from parley.chat import scripts as chat
from parley.chat.scripts import Accepted, Question, store_answer
from parley.generations import scripts as generations
from parley.generations.facts import OUTPUT, Ending, Fact, Used
from parley.generations.scripts import Held, Part
from parley.lib.db import Many, Row, Script
from parley.lib.db.postgres import numbered
from parley.lib.errors import AppError
from parley.lib.tokens import estimate
from parley.providers.base import UsageReport
from parley.quotas.counting import sum_of
from parley.quotas.reckoning import Guess
from parley.quotas.rules import Person, Plan, Rule, slots_of

T = TypeVar("T")
RULES = [
    Rule(1, "visitors", "", "", "messages", "day", 4),
    Rule(2, "visitors", "", "1:m", "tokens", "week", 900),
    Rule(3, "range", "", "", "messages", "day", 6),
    Rule(4, "pool", "", "", "money", "month", 5000),
]
GUESS = Guess(answer=100, input=100, output=400)
BEGIN = 1_795_262_400_000  # 2026-11-21 12:00 UTC


class Ground(Protocol):
    """What the stories happen on."""

    def run(self, script: Script[T]) -> T: ...
    def rows(self, sql: str, *values: object) -> list[Row]: ...
    def close(self) -> None: ...


class Engine:
    """Runs scripts, each as one transaction, on a copy of a migrated file."""

    def __init__(self, template: Path) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        with sqlite3.connect(template) as source:
            source.backup(self.db)
        source.close()
        self.db.row_factory = sqlite3.Row

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
                    rows = [dict(row) for row in self.db.execute(step[0], tuple(step[1]))]
                step = script.send(rows)
        except StopIteration as end:
            self.db.execute("COMMIT")
            return end.value  # type: ignore[no-any-return]
        except BaseException:
            self.db.execute("ROLLBACK")
            raise

    def rows(self, sql: str, *values: object) -> list[Row]:
        return [dict(row) for row in self.db.execute(sql, values)]

    def close(self) -> None:
        self.db.close()


class Transaction:
    """Runs scripts on PostgreSQL within one transaction that leaves nothing, each as a savepoint of it."""

    def __init__(self, runner: asyncio.Runner, connection: Any) -> None:
        self._do = runner.run
        self._connection = connection
        self._whole = connection.transaction()
        self._do(self._whole.start())

    @staticmethod
    def connected(runner: asyncio.Runner, url: str) -> Any:
        """A connection for one transaction after the other."""
        return runner.run(asyncpg.connect(url))

    def run(self, script: Script[T]) -> T:
        """Drive a script to its end; a failure leaves nothing."""
        return self._do(drive(self._connection, script))

    def rows(self, sql: str, *values: object) -> list[Row]:
        return [dict(row) for row in self._do(self._connection.fetch(numbered(sql), *values))]

    def close(self) -> None:
        self._do(self._whole.rollback())


async def drive(connection: Any, script: Script[T]) -> T:
    """One script as a transaction, tried once, on an asyncpg connection."""
    async with connection.transaction():
        rows: list[Row] = []
        try:
            step = next(script)
            while True:
                if isinstance(step, Many):
                    await connection.executemany(numbered(step.sql), step.rows)
                    rows = []
                else:
                    rows = [dict(row) for row in await connection.fetch(numbered(step[0]), *step[1])]
                step = script.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


@dataclass
class Books:
    """Two visitors of one network who ask, and workers that answer, stop and die."""

    engine: Ground
    now: int = BEGIN
    sent: list[Question] = field(default_factory=list)
    answers: list[Accepted] = field(default_factory=list)
    refused: int = 0
    people: tuple[Person, ...] = ()

    def __post_init__(self) -> None:
        people = []
        for n in (1, 2):
            made = self.engine.rows(
                "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at)"
                " VALUES ('', ?, '', 'visitor', 'active', 0) RETURNING id",
                f"~{n}",
            )
            people.append(Person(made[0]["id"], "visitor", network="192.0.2.0/24", zone="Asia/Shanghai"))
        self.people = tuple(people)

    def plan(self, person: Person, model: str) -> Plan:
        slots = slots_of(RULES, person, self.now, model)
        return Plan(person, model, self.now, slots, guess=GUESS)

    def ask(self, who: int) -> None:
        person, model = self.people[who % 2], ("1:m", "1:n")[who % 3 == 0]
        question = Question(
            person.id, None, "hello", f"c{len(self.sent)}", "hash", model, "M", "hello",
            plan=self.plan(person, model),
        )  # fmt: skip
        self._send(lambda: chat.accept(question, self.now))
        self.sent.append(question)

    def send_again(self, which: int) -> None:
        """The same client message id: found, or a first success after a refusal."""
        if self.sent:
            question = self.sent[which % len(self.sent)]
            person = next(each for each in self.people if each.id == question.owner)
            question = replace(question, plan=self.plan(person, question.model))
            self._send(lambda: chat.accept(question, self.now))

    def again(self, which: int) -> None:
        self._further(which, lambda at, plan: chat.answer_again(
            chat.Again(at["question"], at["conversation"], at["owner"], ("1:m", "M"), plan=plan), self.now
        ))  # fmt: skip

    def go_on(self, which: int) -> None:
        self._further(
            which,
            lambda at, plan: chat.go_on(at["answer"], at["conversation"], at["owner"], self.now, "", plan),
        )

    def _further(self, which: int, make: Callable[[Row, Plan], Script[Accepted]]) -> None:
        if self.answers:
            chosen = self.answers[which % len(self.answers)]
            rows = self.engine.rows("SELECT owner FROM conversation WHERE id = ?", chosen.conversation)
            person = next(each for each in self.people if each.id == rows[0]["owner"])
            at = {
                "question": chosen.question, "answer": chosen.answer,
                "conversation": chosen.conversation, "owner": person.id,
            }  # fmt: skip
            self._send(lambda: make(at, self.plan(person, "1:m")))

    def _send(self, make: Callable[[], Script[Accepted]]) -> None:
        try:
            accepted = self.engine.run(make())
        except AppError:  # over quota, still answering, or nothing to continue
            self.refused += 1
            return
        if not accepted.repeated:
            self.answers.append(accepted)

    # What workers do --------------------------------------------------------------

    def claim(self, which: int) -> None:
        for generation in self._pick("queued", which):
            self.engine.run(generations.claim(generation["id"], self.now, self.now + 10))

    def say(self, which: int) -> None:
        for row in self._pick("running", which):
            self._write(row, ((self._next(row), "text", "some words "),), None)

    def end(self, which: int) -> None:
        """Complete, empty, failed or stopped, with and without counts."""
        usage = UsageReport(30 + which % 400, 20) if which % 3 else None
        used = Used("1:m", "M", usage, cost_nano=1000 if usage and which % 2 else None)
        status = ("done", "error", "cancelled", "done")[which % 4]
        for row in self._pick("running", which):
            self._write(row, (), Ending(status, used=used))

    def stop(self, which: int) -> None:
        for row in self._pick("queued", which) or self._pick("running", which):
            self.engine.run(generations.request_stop(row["id"], self.now))

    def crash(self, which: int) -> None:
        """The worker is killed: the sweep requeues what showed nothing and ends what did."""
        for row in self._pick("running", which):
            self.now += 60
            held = Held(row["id"], row["attempt"])
            self.engine.run(generations.reap(held, self.now, store_answer))

    def pass_time(self, which: int) -> None:
        self.now += which % 40 * 3_600_000

    def _pick(self, status: str, which: int) -> list[Row]:
        rows = self.engine.rows("SELECT * FROM generation WHERE status = ? ORDER BY id", status)
        return [rows[which % len(rows)]] if rows else []

    def _next(self, row: Row) -> int:
        told = self.engine.rows("SELECT COUNT(*) AS n FROM generation_event WHERE generation = ?", row["id"])
        return int(told[0]["n"]) + 1

    def _write(self, row: Row, facts: tuple[Fact, ...], ending: Ending | None) -> None:
        part = Part(Held(row["id"], row["attempt"]), facts, bool(facts), bool(facts), ending)
        self.engine.run(generations.write_batch([part], self.now, store_answer, ""))

    # What must hold ----------------------------------------------------------------

    def check(self) -> None:
        self._each_generation_is_charged_once_for_what_arrived()
        for counter in self.engine.rows("SELECT * FROM quota_use"):
            person = self.people[0]
            slots = slots_of(
                [Rule(0, "user", str(person.id), "", counter["unit"], counter["period"], 1)], person, 0
            )
            slot = replace(
                slots[0], key=counter["key"], model=counter["model"],
                start=counter["start_at"], end=counter["end_at"],
            )  # fmt: skip
            sql, values = sum_of(slot)
            assert self.engine.rows(sql, *values)[0]["used"] == counter["used"], counter
            if counter["unit"] == "messages":
                assert counter["used"] <= (4 if counter["key"].startswith("user") else 6)

    def _each_generation_is_charged_once_for_what_arrived(self) -> None:
        charges = {row["generation"]: row for row in self.engine.rows("SELECT * FROM charge")}
        runs = self.engine.rows("SELECT * FROM generation")
        assert sorted(charges) == sorted(run["id"] for run in runs)
        assert len(charges) == len(self.answers)
        for run in runs:
            charge = charges[run["id"]]
            said = self.engine.rows(
                "SELECT kind, data FROM generation_event WHERE generation = ? ORDER BY seq", run["id"]
            )
            words = [each["data"] for each in said if each["kind"] in OUTPUT]
            expected = (1, charge["reserved_tokens"], charge["reserved_nano"])
            assert charge["reserved_tokens"] == charge["prompt_tokens"] + GUESS.answer
            if run["finished_at"] is not None:
                counted = (run["prompt_tokens"] or 0) + (run["completion_tokens"] or 0)
                expected = (1, counted, run["cost_nano"] or 0) if words else (0, 0, 0)
            if words and run["estimated"]:  # nobody counted: what was stored, after what was to be read
                assert counted == charge["prompt_tokens"] + (written := estimate("".join(words)))
                assert run["cost_nano"] == (charge["prompt_tokens"] * 100 + written * 400) // 1000
            assert (charge["state"] == "reserved") == (run["finished_at"] is None)
            assert (charge["messages"], charge["tokens"], charge["nano"]) == expected, (charge, run)
