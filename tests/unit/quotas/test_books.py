"""Whatever people and workers do, the ledger is the sum of what was delivered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.quotas.books import BEGIN, Books, Engine, Ground, Transaction

ACTS = ("ask", "send_again", "again", "go_on", "claim", "say", "end", "stop", "crash", "pass_time")
acts = st.tuples(st.sampled_from((*ACTS, "ask", "ask", "claim", "claim", "say", "end")), st.integers(0, 11))


stories = st.lists(acts, min_size=8, max_size=60)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(stories)
def test_the_ledger_is_the_sum_of_what_was_delivered(
    migrated_file: Path, story: list[tuple[str, int]]
) -> None:
    lived(story, Engine(migrated_file))


def test_and_on_postgresql(postgres_url: str) -> None:
    with asyncio.Runner() as runner:
        connection = Transaction.connected(runner, postgres_url)

        @settings(max_examples=8, deadline=None, suppress_health_check=SLOW)
        @given(stories)
        def whatever_happens(story: list[tuple[str, int]]) -> None:
            lived(story, Transaction(runner, connection))

        whatever_happens()
        runner.run(connection.close())


def lived(story: list[tuple[str, int]], engine: Ground) -> None:
    """What must hold holds after the story."""
    try:
        books = Books(engine)
        for act, which in story:
            getattr(books, act)(which)
        books.check()
    finally:
        engine.close()


def test_a_story_with_everything_in_it(migrated_file: Path) -> None:
    books = Books(Engine(migrated_file))
    for act, which in [
        ("ask", 1), ("claim", 0), ("say", 0), ("crash", 0),  # shown: charged as interrupted
        ("go_on", 0), ("claim", 0), ("crash", 0), ("claim", 0), ("say", 0), ("end", 7),  # retried: once
        ("again", 0), ("stop", 0),  # never began: given back
        ("again", 0), ("claim", 0), ("end", 3),  # empty: given back
        ("again", 0), ("claim", 0), ("say", 0), ("end", 6),  # stopped, nobody counted
        ("send_again", 0), ("ask", 1), ("ask", 1), ("ask", 1), ("send_again", 3),
    ]:  # fmt: skip
        getattr(books, act)(which)
        books.check()
    charged = books.engine.rows("SELECT reason, state, messages, tokens FROM charge ORDER BY id")
    assert [(row["reason"], row["state"], row["messages"]) for row in charged] == [
        ("question", "interrupted", 1),
        ("continuation", "complete", 1),
        ("again", "empty", 0),
        ("again", "empty", 0),
        ("again", "stopped", 1),
        ("question", "reserved", 1),
    ]
    assert books.refused == 3  # the fourth message of the day was the last
    books.pass_time(23)
    books.send_again(3)  # the same message, the next day
    assert len(books.answers) == len(charged) + 1
    assert books.now > BEGIN
    books.check()
    books.engine.close()
