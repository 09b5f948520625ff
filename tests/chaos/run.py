"""One run: start everything, let it suffer, wait until it has settled, and judge."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from parley.lib.db import Database, open_database
from tests.chaos.checker import SETTLE, Evidence, Row, Stored, UpstreamCall, check
from tests.chaos.faults import Faults, SecondWorker
from tests.chaos.history import History
from tests.chaos.load import Lane, open_site
from tests.processes import Parley
from tests.servers import PostgresServer
from tests.upstream.server import Upstream, upstream


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    seed: int
    seconds: float
    lanes: int = 50
    engine: str = "sqlite"


@dataclass
class Verdict:
    """What came of it."""

    plan: Plan
    evidence: Evidence
    violations: list[str]

    def certificate(self) -> str:
        """A page for people: the seed, what was done, what was counted, what was broken."""
        history, stored = self.evidence.history, self.evidence.stored
        ends = Counter(row["status"] for row in stored.generations.values())
        calls = [len(calls) for calls in self.evidence.calls.values()]
        lines = [
            f"Parley chaos certificate, seed {self.plan.seed}",
            f"  {self.plan.seconds:g} s, {self.plan.lanes} conversations at a time, {self.plan.engine}, "
            "one web, two workers, one Redis",
            f"  faults: {_counted(Counter(fault.what for fault in history.faults))}",
            f"  questions: {len(history.asked)} asked in {sum(a.sends for a in history.asked)} sends, "
            f"{sum(bool(a.acks) for a in history.asked)} acknowledged",
            f"  generations: {len(stored.generations)}: {_counted(ends)}",
            f"  upstream: {sum(calls)} calls, {sum(n > 1 for n in calls)} questions asked again "
            "before anything was shown",
            f"  clients: {len(history.watched)} readers over {sum(w.connections for w in history.watched)} "
            f"connections, {sum(len(w.events) for w in history.watched)} events compared one by one",
            f"  pages: {len(history.pages)} over {sum(p.connections for p in history.pages)} connections, "
            "their HTML compared with one rendering of the stored answer",
            f"  tries that failed and were repeated: {_counted(Counter(history.refusals)) or 'none'}",
            *(f"  {line}" for line in _recovery(self.evidence)),
            f"  ready {history.started_in:.1f} s after the command",
            f"  everything had ended {history.settled_in:.1f} s after the last fault; stopping took "
            f"{history.stopped_in:.1f} s",
            f"  violations: {len(self.violations) or 'none'}",
            *(f"    {line}" for line in self.violations[:40]),
        ]
        return "\n".join(lines)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


def _recovery(evidence: Evidence) -> Iterator[str]:
    """How long people waited, in the worst case of the run."""
    history, rows = evidence.history, evidence.stored.generations.values()
    answers = [(asked.at, asked.first_text_at) for asked in history.asked if asked.first_text_at]
    for kind, what, moments in (
        ("web", "web killed -> next stream open", [(at, at) for at in history.heads]),
        ("redis", "Redis killed and wiped -> first text of a later question", answers),
    ):
        waits = [
            min((seen - fault.at for begun, seen in moments if begun > fault.at), default=None)
            for fault in history.faults
            if fault.what == kind
        ]
        if known := [wait for wait in waits if wait is not None]:
            yield f"{what}: worst {max(known) / 1000:.1f} s"
    left = [
        row["finished_at"] - _last_fault_before(history, row)
        for row in rows
        if row["status"] == "interrupted"
    ]
    if left:
        yield f"worker lost -> its answers marked interrupted: worst {max(left) / 1000:.1f} s"


def _last_fault_before(history: History, row: Row) -> float:
    """When a worker was last struck while this generation ran."""
    struck = [
        fault.at
        for fault in history.faults
        if fault.what in ("worker", "second worker", "worker sleeps")
        and (row["started_at"] or 0) - 50 <= fault.at <= row["finished_at"]
    ]
    return min(struck, default=float(row["finished_at"]))


@contextlib.asynccontextmanager
async def _database_url(engine: str, directory: Path) -> AsyncIterator[dict[str, str]]:
    if engine == "sqlite":
        yield {}
        return
    server = await asyncio.to_thread(_cluster, directory)
    try:
        await asyncio.to_thread(server.start)
        yield {"DATABASE_URL": await asyncio.to_thread(server.create, "parley")}
    finally:
        await asyncio.to_thread(server.stop)


def _cluster(directory: Path) -> PostgresServer:
    directory.chmod(0o755)
    (directory / "postgres").mkdir()
    return PostgresServer(directory / "postgres")


async def run(plan: Plan) -> Verdict:
    """Everything, from start to verdict; raises only when the servers did not even start."""
    history, broken = History(plan.seed), []
    with tempfile.TemporaryDirectory(prefix="parley-") as directory:
        async with _database_url(plan.engine, Path(directory)) as settings, upstream() as fake:
            parley = Parley({**settings, "PARLEY_LOG_LEVEL": "warning"})
            try:
                await asyncio.to_thread(parley.start)
                history.started_in = parley.started_in
                second = SecondWorker(parley)
                second.start()
                try:
                    await _suffer(plan, parley, second, fake, history)
                finally:
                    began = time.monotonic()
                    broken += await asyncio.to_thread(_stop, parley, second)
                    history.stopped_in = time.monotonic() - began
                url = settings.get("DATABASE_URL", f"sqlite://{parley.data / 'parley.db'}")
                stored = await _read(url)
                stored.integrity += broken
                evidence = Evidence(history, stored, _calls(fake))
                verdict = Verdict(plan, evidence, _check(evidence))
                if verdict.violations:
                    print(parley.log_tail(200))
                return verdict
            finally:
                parley.cleanup()


def _check(evidence: Evidence) -> list[str]:
    broken = check(evidence)
    server_errors = {why: n for why, n in evidence.history.refusals.items() if why in ("500", "404", "401")}
    return broken + [f"{n} requests were answered with {why}" for why, n in server_errors.items()]


async def _suffer(plan: Plan, parley: Parley, second: SecondWorker, fake: Upstream, history: History) -> None:
    site = await open_site(parley.url, fake.url)
    until = time.monotonic() + plan.seconds
    lanes = [
        asyncio.ensure_future(Lane(site, history, number, plan.seed).run(until))
        for number in range(plan.lanes)
    ]
    await Faults(parley, second, history).run(until)
    _, late = await asyncio.wait(lanes, timeout=SETTLE / 1000 + 5)
    history.settled_in = time.monotonic() - until
    for lane in late:
        lane.cancel()
    outcomes = await asyncio.gather(*lanes, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


def _stop(parley: Parley, second: SecondWorker) -> list[str]:
    """Stop as an operator does; what went wrong with it."""
    broken = []
    if code := second.stop():
        broken.append(f"the second worker ended with {code} after SIGTERM")
    try:
        parley.stop()
    except AssertionError as error:
        broken.append(f"stopping: {error}")
    return broken


async def _read(url: str) -> Stored:
    database = open_database(url)
    await database.open()
    try:
        stored = await _rows(database)
    finally:
        await database.close()
    if url.startswith("sqlite:"):
        stored.integrity = _integrity(url.removeprefix("sqlite://"))
    return stored


async def _rows(database: Database) -> Stored:
    stored = Stored({}, {}, {})
    for row in await database.fetch("SELECT * FROM message"):
        stored.messages[row["id"]] = row
    for row in await database.fetch("SELECT * FROM generation"):
        stored.generations[row["id"]] = row
    for row in await database.fetch("SELECT * FROM generation_event ORDER BY generation, seq"):
        data = row["data"]
        stored.events.setdefault(row["generation"], []).append((row["seq"], row["kind"], data))
    return stored


def _integrity(path: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as file:
        found = [row[0] for row in file.execute("PRAGMA integrity_check")]
        orphans = file.execute("PRAGMA foreign_key_check").fetchall()
    return [f"integrity_check: {line}" for line in found if line != "ok"] + [
        f"orphan: {row}" for row in orphans
    ]


def _calls(fake: Upstream) -> dict[str, list[UpstreamCall]]:
    """The upstream's record, its monotonic times turned into times of day."""
    offset = time.time() - time.monotonic()
    return {
        key: [UpstreamCall((call.at + offset) * 1000, call.sent) for call in calls]
        for key, calls in fake.calls.items()
    }


def keep(verdict: Verdict) -> Path:
    """Write down everything about a broken run; where."""
    path = Path(tempfile.gettempdir()) / f"parley-chaos-{verdict.plan.seed}.json"
    stored = asdict(verdict.evidence.stored)
    calls = {key: [asdict(call) for call in calls] for key, calls in verdict.evidence.calls.items()}
    verdict.evidence.history.write(path, stored=stored, calls=calls, violations=verdict.violations)
    return path
