"""What we rely on inside arq, which is pinned."""

import asyncio
import inspect
from importlib.metadata import version

from arq.connections import ArqRedis
from arq.worker import Worker

from parley.lib.queue import DoorbellWorker, JobQueue, NullQueue


def test_arq_is_the_version_whose_private_members_we_use() -> None:
    assert version("arq").startswith("0.28.")


def test_the_members_we_override_or_call_are_there() -> None:
    assert list(inspect.signature(Worker.start_jobs).parameters) == ["self", "job_ids"]
    assert inspect.iscoroutinefunction(Worker.main)
    assert inspect.iscoroutinefunction(Worker._poll_iteration)
    assert list(inspect.signature(Worker._release_sem_dec_counter_on_complete).parameters) == ["self"]
    assert {"_job_id"} <= set(inspect.signature(ArqRedis.enqueue_job).parameters)
    assert DoorbellWorker.main is not Worker.main


async def test_a_worker_has_the_counters_we_repair() -> None:
    worker = DoorbellWorker("unix:///nowhere.sock", {"job": _job}, ctx={})
    assert worker.job_counter == 0
    assert worker.tasks == {}
    assert worker.poll_delay_s == 5.0
    working = asyncio.create_task(worker.main())
    await worker.close()
    await working


def test_arqs_own_main_still_does_what_ours_leaves_out() -> None:
    """When arq changes its loop, ours must be read again."""
    source = inspect.getsource(Worker.main)
    assert "await self._poll_iteration()" in source
    assert "async for _ in poll(self.poll_delay_s)" in source


async def test_nobody_is_told_without_a_queue() -> None:
    queue: JobQueue = NullQueue()
    assert await queue.enqueue("job", 1, key="1") is False
    await queue.close()


async def _job(ctx: dict[object, object], number: int) -> None:
    """Nothing."""
