"""Searching the web: the door for tools, and the test that asks every engine."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import parley.websearch.engines  # noqa: F401  fills the registry
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.lib.secretbox import KeyUnreadable
from parley.settings.queries import load
from parley.settings.websearching import ALLOWED, BLOCKED, COUNT, engine_names, words_of
from parley.web.i18n import _
from parley.websearch import scripts
from parley.websearch.engines.base import REGISTRY, Engine, Question
from parley.websearch.exchange import ask
from parley.websearch.faults import SearchFailed
from parley.websearch.queries import EngineRow, engine_rows
from parley.websearch.results import Result, bare
from parley.websearch.service import key_column

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_QUERY = 400  # characters; the least that an engine takes
MOST_WORDS = 50
RESTS_MS = 60_000  # so long an engine that failed is asked after the others
FRESH_MS = 60_000  # so long a success need not be written again


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one engine made of a search: results, or a `fault` (a key of faults.SENTENCES)."""

    engine: Engine
    results: tuple[Result, ...] = ()
    fault: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The results of the engine that answered; `failed` are those that were asked before it."""

    engine: str
    results: tuple[Result, ...]
    failed: tuple[Attempt, ...] = ()


async def search(resources: Resources, query: str) -> Found:
    """Search with the first engine that works, in the administrator's order; an empty list is an answer.

    An engine that failed in the last minute is asked after the others. Raises Invalid for an empty query,
    SearchFailed with the first engine's cause when none works, or with "none" when none is on.
    """
    question, waiting = await _prepared(resources, query)
    now = now_ms()
    waiting.sort(key=lambda each: _rests(each[1], now))
    failed: list[Attempt] = []
    for engine, row in waiting:
        tried = await _attempt(resources, engine, row, question)
        if not tried.fault:
            return Found(engine.name, tried.results, tuple(failed))
        failed.append(tried)
    raise SearchFailed.of(failed[0].fault if failed else "none")


async def try_all(resources: Resources, query: str) -> list[Attempt]:
    """Search with every engine that is on, side by side; raises Invalid for an empty query."""
    question, waiting = await _prepared(resources, query)
    return list(
        await asyncio.gather(*(_attempt(resources, engine, row, question) for engine, row in waiting))
    )


def missing(engine: Engine, row: EngineRow | None) -> str:
    """What an engine still needs: "no_key", "no_address" or nothing."""
    if not engine.url and not (row and row.address):
        return "no_address"
    return "no_key" if engine.takes_key and not (row and row.sealed) else ""


async def _prepared(
    resources: Resources, query: str
) -> tuple[Question, list[tuple[Engine, EngineRow | None]]]:
    """The question and whom to ask; names of engines this version does not know are passed over."""
    words = " ".join(query.replace("\0", " ").split()[:MOST_WORDS])[:LONGEST_QUERY].strip()
    if not words:
        raise Invalid(_("Enter what to search for."), fields={"query": _("Enter what to search for.")})
    values = await load(resources.db)
    rows = await engine_rows(resources.db)
    question = Question(
        words,
        values[COUNT],
        tuple(map(bare, words_of(values[ALLOWED]))),
        tuple(map(bare, words_of(values[BLOCKED]))),
    )
    known = (name for name in engine_names(values) if name in REGISTRY)
    return question, [(REGISTRY.get(name), rows.get(name)) for name in known]


async def _attempt(
    resources: Resources, engine: Engine, row: EngineRow | None, question: Question
) -> Attempt:
    if lacks := missing(engine, row):
        return Attempt(engine, fault=lacks)
    assert row is not None, "what lacks nothing has a row"
    started = time.perf_counter()
    results: list[Result] = []
    fault = ""
    try:
        key = _opened(resources, row)
        results = await ask(resources.http, engine, row.address, key, question)
    except (SearchFailed, KeyUnreadable) as error:
        fault = error.code
    ms = round((time.perf_counter() - started) * 1000)
    await _remember(resources, row, fault, ms)
    return Attempt(engine, tuple(results), fault, ms)


def _opened(resources: Resources, row: EngineRow) -> str:
    """The key in the clear, "" without one; raises KeyUnreadable."""
    if row.sealed is None:
        return ""
    return resources.box.unseal(row.sealed, table="web_engine", row=row.id, column=key_column(row.address))


async def _remember(resources: Resources, row: EngineRow, fault: str, ms: int) -> None:
    now = now_ms()
    if not fault and not row.fault and row.worked_at is not None and now - row.worked_at < FRESH_MS:
        return
    await resources.db.write_relaxed(scripts.remember, row.id, row.updated_at, fault, ms, now)


def _rests(row: EngineRow | None, now: int) -> bool:
    """Whether it failed a moment ago."""
    return row is not None and bool(row.fault) and now - (row.tried_at or 0) < RESTS_MS
