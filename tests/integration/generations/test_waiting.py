"""What becomes of an answer while it waits for a provider that asked to wait."""

from __future__ import annotations

import msgspec

from parley.generations.service import request_stop
from parley.providers.base import ProviderError
from tests.integration.generations.test_runs import Reach
from tests.integration.generations.workshop import ScriptedProvider, Worker, Workshop, until, words

BUSY = ProviderError.of("rate_limit", retry_after=30.0)


async def until_it_waits(workshop: Workshop) -> tuple[int, Worker]:
    """A generation whose first try was refused, and the worker that has it."""
    workshop.provider = ScriptedProvider([BUSY], words("one two"))
    generation, worker = await workshop.ask(), workshop.worker()
    worker.runs.start(generation)

    async def told() -> bool:
        return bool(await workshop.facts(generation))

    await until(told, "the wait is told")
    return generation, worker


async def answered_by_another(workshop: Workshop, generation: int) -> None:
    """The second worker goes on where the first one's facts end, and calls the provider once."""
    row, facts = await workshop.until_ended(generation), await workshop.facts(generation)
    assert (row["status"], row["attempt"], workshop.provider.calls) == ("done", 2, 2)
    assert [seq for seq, _, _ in facts] == list(range(1, len(facts) + 1))
    assert [kind for kind in (kind for _, kind, _ in facts) if kind in ("notice", "end")] == ["notice", "end"]
    assert (await workshop.message(generation))["text"] == "one two "
    assert row["notices"] == "[]"  # a wait does not stay


async def test_a_dead_worker_leaves_the_wait_to_another(workshop: Workshop) -> None:
    generation, worker = await until_it_waits(workshop)
    assert not (await workshop.row(generation))["shown"]
    await worker.kill()
    await workshop.expire_lease(generation)
    await workshop.worker().sweeper.sweep()
    await answered_by_another(workshop, generation)


async def test_a_leaving_worker_hands_the_wait_over(workshop: Workshop) -> None:
    generation, worker = await until_it_waits(workshop)
    await worker.runs.leave(0)
    assert (await workshop.row(generation))["status"] == "queued"
    workshop.worker().runs.start(generation)
    await answered_by_another(workshop, generation)


async def test_a_stop_ends_the_wait_at_once(workshop: Workshop) -> None:
    generation, _worker = await until_it_waits(workshop)
    await request_stop(Reach.of(workshop), generation)
    row = await workshop.until_ended(generation)
    assert (row["status"], row["completion_tokens"], workshop.provider.calls) == ("cancelled", None, 1)
    kind, data = (await workshop.facts(generation))[-1][1:]
    assert (kind, msgspec.json.decode(data)["status"]) == ("end", "cancelled")
