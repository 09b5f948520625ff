"""One generation as a process sees it."""

import msgspec

from parley.generations.follow import Live


async def test_an_answer_heard_whole_before_the_database_was_read_is_ready() -> None:
    live = Live(7, lambda _live: None)
    live.hear(msgspec.json.encode([[1, "text", "short"]]))
    assert not live.ready.is_set()
    live.hear(msgspec.json.encode([[2, "end", '{"status": "done"}']]))
    assert live.done
    assert live.ready.is_set()


async def test_an_end_after_a_gap_is_not_an_end() -> None:
    asked: list[Live] = []
    live = Live(7, asked.append)
    live.hear(msgspec.json.encode([[2, "end", '{"status": "done"}']]))
    assert not live.done
    assert asked == [live]
