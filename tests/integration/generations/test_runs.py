"""Claim, run, end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec
import pytest

from parley.generations import scripts
from parley.generations.flusher import Run
from parley.generations.scripts import Answered, Held, Part
from parley.generations.service import request_stop
from parley.lib.clock import now_ms
from parley.lib.db import Database, Script
from parley.lib.errors import StorageFull
from parley.lib.hub import Hub, Listener
from parley.lib.queue import JobQueue, NullQueue
from parley.providers.base import Finished, ProviderError, ReasoningDelta, TextDelta, UsageReport
from tests.integration.generations.workshop import ScriptedProvider, Workshop, until


@dataclass(frozen=True)
class Reach:
    """What the verbs need, with a queue that tells nobody."""

    db: Database
    hub: Hub
    queue: JobQueue = field(default_factory=NullQueue)

    @classmethod
    def of(cls, workshop: Workshop) -> Reach:
        return cls(workshop.db, workshop.hub)


async def test_an_answer_ends_with_its_text_in_the_message(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider(
        [
            ReasoningDelta("hm"),
            TextDelta("Hel"),
            TextDelta("lo"),
            UsageReport(3, 2),
            Finished("stop"),
        ]
    )
    generation = await workshop.ask()
    workshop.worker().runs.start(generation)
    row = await workshop.until_ended(generation)
    facts = await workshop.facts(generation)
    message = await workshop.message(generation)
    assert (row["status"], row["finish_reason"], row["completion_tokens"]) == ("done", "stop", 2)
    assert (message["text"], message["reasoning"]) == ("Hello", "hm")
    assert [seq for seq, _, _ in facts] == list(range(1, len(facts) + 1))
    assert [kind for _, kind, _ in facts].count("end") == 1
    end = msgspec.json.decode(facts[-1][2])
    assert (end["usage"]["prompt_tokens"], end["usage"]["completion_tokens"]) == (3, 2)
    assert (end["answered_by"], row["answered_name"]) == ("1:m", "M")
    assert end["metrics"]["reasoningMs"] == row["reasoning_ms"] is not None
    assert end["metrics"]["durationMs"] >= end["metrics"]["firstTokenMs"] >= 0


async def test_a_continuation_appends_to_what_the_message_said(workshop: Workshop) -> None:
    generation = await workshop.ask(prefix="zero ")
    workshop.worker().runs.start(generation)
    await workshop.until_ended(generation)
    assert (await workshop.message(generation))["text"] == "zero one two three four "


async def test_of_two_workers_one_answers(workshop: Workshop) -> None:
    workers = [workshop.worker(), workshop.worker()]
    generations = [await workshop.ask() for _ in range(10)]
    for generation in generations:
        for worker in workers:
            worker.runs.start(generation)
    for generation in generations:
        row = await workshop.until_ended(generation)
        assert (row["attempt"], row["status"]) == (1, "done")
    assert workshop.provider.calls == len(generations)


async def test_a_worker_starts_a_generation_once_however_often_it_is_told(workshop: Workshop) -> None:
    generation = await workshop.ask()
    worker = workshop.worker()
    assert [worker.runs.start(generation) for _ in range(3)] == [True, False, False]
    await workshop.until_ended(generation)
    assert workshop.provider.calls == 1


async def test_only_the_first_facts_and_the_end_wait_for_the_disk(workshop: Workshop) -> None:
    said = [step for word in "abcdefgh" for step in (TextDelta(word), 0.05)]
    workshop.provider = ScriptedProvider([*said, Finished("stop")])
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_ended(generation)
    assert (worker.writes[0], worker.writes[-1]) == (True, True)
    assert len(worker.writes) > 3
    assert not any(worker.writes[1:-1])


async def test_a_worker_without_its_claim_writes_nothing(workshop: Workshop) -> None:
    forever = asyncio.Event()
    workshop.provider = ScriptedProvider([TextDelta("mine "), forever, TextDelta("late"), Finished("stop")])
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_shown(generation)
    await workshop.db.write(_take_over, generation)  # another attempt, as after a stopped process
    forever.set()

    async def let_go() -> bool:
        return not worker.runs.holds(generation)

    await until(let_go, "the zombie lets go")
    assert [(kind, data) for _, kind, data in await workshop.facts(generation)] == [("text", "mine ")]
    assert (await workshop.row(generation))["status"] == "running"
    assert (await workshop.message(generation))["text"] == ""


async def test_a_lost_lease_closes_the_upstream_request(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([TextDelta("a"), asyncio.Event()])
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_shown(generation)
    await workshop.db.write(_take_over, generation)
    await worker.runs.beat()

    async def closed() -> bool:
        return workshop.provider.closed == 1

    await until(closed, "the upstream request is closed")


async def test_the_same_batch_written_twice_is_stored_once(workshop: Workshop) -> None:
    generation = await workshop.ask()
    now = now_ms()
    assert await workshop.db.write(scripts.claim, generation, now, now + 10_000)
    lock = scripts.row_lock(workshop.db)
    part = Part(Held(generation, 1), ((1, "text", "a"), (2, "usage", "{}")), True, True, None)
    for _ in range(2):  # the answer to the first commit was lost
        written = await workshop.db.write(scripts.write_batch, [part], now, _no_store, lock)
        assert not written.lost
    assert len(await workshop.facts(generation)) == 2


async def test_what_no_database_takes_ends_its_own_answer_only(workshop: Workshop) -> None:
    """Half a surrogate pair has no UTF-8 form; the runner keeps such out, this is the net below."""
    good, bad = await workshop.ask(), await workshop.ask()
    worker = workshop.worker()
    workshop.provider = ScriptedProvider([TextDelta("all is well"), Finished("stop")])
    worker.runs.start(good)
    await workshop.until_ended(good)
    claim = await workshop.db.write(scripts.claim, bad, now_ms(), now_ms() + 10_000)
    assert claim is not None
    run, other = Run(claim, worker.flusher), await workshop.ask()
    run.put("text", "shown")
    await until_seq(run, 1)
    run.put("text", "half \ud83d")
    worker.runs.start(other)
    row = await workshop.until_ended(bad)
    assert (row["status"], row["error_code"]) == ("error", "internal")
    assert (await workshop.message(bad))["text"] == "shown"
    assert (await workshop.until_ended(other))["status"] == "done"
    assert run.lost


async def until_seq(run: Run, seq: int) -> None:
    async def stored() -> bool:
        return run.seq >= seq

    await until(stored, "the fact is stored")


async def test_facts_survive_a_full_disk_and_are_told_after_it(workshop: Workshop) -> None:
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.refuse = StorageFull("The disk is full.")
    worker.runs.start(generation)

    async def claimed() -> bool:
        return bool((await workshop.row(generation))["status"] == "running")

    await until(claimed, "claimed")
    assert await workshop.facts(generation) == []
    worker.refuse = None
    await workshop.until_ended(generation)
    assert (await workshop.message(generation))["text"] == "one two three four "


async def test_stopping_a_queued_generation_ends_it_at_once(workshop: Workshop) -> None:
    generation = await workshop.ask()
    await request_stop(Reach.of(workshop), generation)
    row = await workshop.row(generation)
    assert row["status"] == "cancelled"
    assert [kind for _, kind, _ in await workshop.facts(generation)] == ["end"]
    worker = workshop.worker()
    worker.runs.start(generation)
    await request_stop(Reach.of(workshop), generation)  # stopping what has ended changes nothing
    assert workshop.provider.calls == 0
    assert len(await workshop.facts(generation)) == 1


@pytest.mark.parametrize("told", [True, False])
async def test_a_stop_closes_the_upstream_and_keeps_the_text(workshop: Workshop, told: bool) -> None:
    workshop.provider = ScriptedProvider([TextDelta("part"), asyncio.Event()])
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_shown(generation)
    if told:
        await request_stop(Reach.of(workshop), generation)
    else:  # the word was lost: the heartbeat finds it in the row
        await workshop.db.write(scripts.request_stop, generation, now_ms())
        await worker.runs.beat()
    row = await workshop.until_ended(generation)
    assert row["status"] == "cancelled"
    assert (await workshop.message(generation))["text"] == "part"
    assert workshop.provider.closed == 1


async def test_a_stop_between_claim_and_subscription_is_found(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.provider = ScriptedProvider([asyncio.Event()])
    generation = await workshop.ask()
    worker = workshop.worker()
    entered = asyncio.Event()
    subscribe = workshop.hub.subscribe

    stopped = asyncio.Event()

    async def late(channel: str, listener: Listener) -> None:
        entered.set()
        await stopped.wait()  # the stop is said meanwhile and nobody hears it
        await subscribe(channel, listener)

    monkeypatch.setattr(workshop.hub, "subscribe", late)
    worker.runs.start(generation)
    await entered.wait()
    await request_stop(Reach.of(workshop), generation)
    stopped.set()
    assert (await workshop.until_ended(generation))["status"] == "cancelled"


async def test_a_provider_error_is_kept_with_what_came_before(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([TextDelta("half "), ProviderError("Quota used up.", code="quota")])
    generation = await workshop.ask()
    workshop.worker().runs.start(generation)
    row = await workshop.until_ended(generation)
    assert (row["status"], row["error_code"], row["error"]) == ("error", "quota", "Quota used up.")
    assert (await workshop.message(generation))["text"] == "half "
    end = msgspec.json.decode((await workshop.facts(generation))[-1][2])
    assert (end["status"], end["code"], end["error"]) == ("error", "quota", "Quota used up.")


async def test_a_fault_of_ours_ends_the_answer_too(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([ZeroDivisionError("oops")])
    generation = await workshop.ask()
    workshop.worker().runs.start(generation)
    row = await workshop.until_ended(generation)
    assert (row["status"], row["error_code"]) == ("error", "internal")
    assert "oops" not in row["error"]


async def test_text_no_database_takes_is_made_fit(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider(
        [TextDelta("a\0b\ud83d"), UsageReport(2**40, -1), Finished("x" * 99)]
    )
    generation = await workshop.ask()
    workshop.worker().runs.start(generation)
    row = await workshop.until_ended(generation)
    assert (await workshop.message(generation))["text"] == "ab�"
    assert (row["prompt_tokens"], row["completion_tokens"]) == (2**31 - 1, 0)


async def test_a_deleted_conversation_ends_its_runs_quietly(workshop: Workshop) -> None:
    more = asyncio.Event()
    workshop.provider = ScriptedProvider([TextDelta("a"), more, TextDelta("b"), Finished("stop")])
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_shown(generation)
    await workshop.db.write(_delete_conversation, workshop.conversation)
    more.set()

    async def let_go() -> bool:
        return not worker.runs.holds(generation)

    await until(let_go, "the run ends")


async def test_leaving_finishes_what_can_and_hands_over_the_rest(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider(
        [0.1, TextDelta("quick"), Finished("stop")],
        [TextDelta("shown"), asyncio.Event()],
        [asyncio.Event()],
    )
    worker = workshop.worker()
    generations = []
    for calls in (1, 2, 3):
        generations.append(await workshop.ask())
        worker.runs.start(generations[-1])

        async def called(calls: int = calls) -> bool:
            return workshop.provider.calls == calls

        await until(called, "the provider is called")
    await workshop.until_shown(generations[1])
    await worker.runs.leave(0.5)
    quick, shown, silent = [await workshop.row(generation) for generation in generations]
    assert (quick["status"], shown["status"], silent["status"]) == ("done", "interrupted", "queued")
    assert silent["lease_until"] is None
    assert (await workshop.message(generations[1]))["text"] == "shown"
    assert not worker.runs.start(await workshop.ask())


def _take_over(generation: int) -> Script[None]:
    yield "UPDATE generation SET attempt = attempt + 1 WHERE id = ?", (generation,)


def _delete_conversation(conversation: int) -> Script[None]:
    yield "DELETE FROM conversation WHERE id = ?", (conversation,)


def _no_store(answered: Answered, now: int) -> Script[None]:
    yield "SELECT 1", ()
