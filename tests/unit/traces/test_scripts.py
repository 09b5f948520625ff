"""What still comes for a trace that was deleted, and readers without end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.traces import scripts
from parley.traces.recorder import FOLLOWING, Event, TracePart
from parley.traces.scripts import MOST_READERS, NewTrace
from tests.unit.quotas.books import Engine


@pytest.fixture
def engine(migrated_file: Path) -> Iterator[Engine]:
    """An empty database in memory."""
    made = Engine(migrated_file)
    yield made
    made.db.close()


def begin(engine: Engine, generation: int) -> int:
    """A trace of a generation; its id."""
    engine.run(scripts.begin(NewTrace("standard", "always", 10, "hello"), (generation, 1, 1, "m"), 0))
    return engine.run(scripts.of_generation(generation))[0]


def noted(seq: int) -> Event:
    return Event(seq, 0, None, "tool", "", "{}")


def test_what_comes_for_a_deleted_trace_is_in_no_other(engine: Engine) -> None:
    gone = begin(engine, 1)
    engine.run(scripts.delete([gone]))
    other = begin(engine, 2)
    parts = [TracePart(gone, "Its", (noted(1),)), TracePart(other, "Other", (noted(2),))]
    engine.run(scripts.append(parts))
    stored = engine.rows("SELECT trace, seq FROM trace_event")
    assert [(row["trace"], row["seq"]) for row in stored] == [(other, 2)]
    assert [row["connection"] for row in engine.rows("SELECT connection FROM trace")] == ["Other"]


def test_readers_who_come_and_go_are_noted_so_often(engine: Engine) -> None:
    begin(engine, 1)
    for number in range(MOST_READERS + 5):
        engine.run(scripts.append_one(1, noted(FOLLOWING + number)))
    (row,) = engine.rows("SELECT COUNT(*) AS n FROM trace_event")
    assert row["n"] == MOST_READERS
