"""Doorbells over a real Redis."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from parley.lib.hub import Hub
from parley.lib.queue import BELL, ArqQueue, DoorbellWorker, open_redis
from tests.integration.lib.test_hub import running, until_connected
from tests.servers import RedisServer


class Workbench:
    """A queue, a worker, and what it was asked for."""

    def __init__(self, url: str, hub: Hub) -> None:
        self.hub = hub
        self.queue = ArqQueue(url, hub)
        self.asked: asyncio.Queue[int] = asyncio.Queue()
        self.hold = asyncio.Event()
        self.hold.set()
        self.worker = DoorbellWorker(url, {"note": self._note, "fail": self._fail}, ctx={})
        self.worker.poll_delay_s = 600  # nobody comes for what was not rung for

    async def _note(self, ctx: dict[Any, Any], number: int) -> None:
        self.asked.put_nowait(number)
        await self.hold.wait()

    async def _fail(self, ctx: dict[Any, Any], number: int) -> None:
        self.asked.put_nowait(number)
        raise ValueError("broken")

    async def ring(self, job: str, number: int) -> bool:
        told = await self.queue.enqueue(job, number, key=f"{job}-{number}")
        self.hub.publish([(BELL, b"")])
        return told

    async def next(self) -> int:
        async with asyncio.timeout(30):
            return await self.asked.get()


@contextlib.asynccontextmanager
async def workbench(url: str) -> AsyncIterator[Workbench]:
    async with running(url) as hub:
        await until_connected(hub)
        bench = Workbench(url, hub)
        await hub.subscribe(BELL, bench.worker.ring)
        working = asyncio.create_task(bench.worker.main())
        try:
            yield bench
        finally:
            await bench.worker.close()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await bench.queue.close()


async def test_a_bell_is_answered_at_once_and_leaves_nothing_behind(redis_url: str) -> None:
    async with workbench(redis_url) as bench:
        for number in range(5):
            assert await bench.ring("note", number)
            assert await bench.next() == number
        redis = open_redis(redis_url)
        async with asyncio.timeout(20):
            while await redis.keys("arq:job:*") + await redis.keys("arq:result:*"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await redis.zcard("arq:queue") == 0
        await redis.aclose(close_connection_pool=True)


async def test_the_same_key_twice_is_one_job_and_both_are_told(redis_url: str) -> None:
    async with workbench(redis_url) as bench:
        bench.hold.clear()
        assert await bench.ring("note", 1)
        assert await bench.next() == 1
        assert await bench.ring("note", 1)  # still running: nothing to add
        bench.hold.set()
        assert await bench.ring("note", 2)
        assert await bench.next() == 2
        assert bench.asked.empty()


async def test_a_failing_job_does_not_stop_the_worker(redis_url: str) -> None:
    async with workbench(redis_url) as bench:
        await bench.ring("fail", 1)
        assert await bench.next() == 1
        await bench.ring("note", 2)
        assert await bench.next() == 2


async def test_a_hanging_redis_costs_at_most_a_moment(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with workbench(server.url) as bench:
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGSTOP)
            try:
                async with asyncio.timeout(10):
                    assert await bench.queue.enqueue("note", 1, key="1") is False
            finally:
                os.kill(server.process.pid, signal.SIGCONT)
    finally:
        server.stop()


async def test_the_worker_outlives_a_redis_that_was_killed_and_wiped(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with workbench(server.url) as bench:
            assert await bench.ring("note", 1)
            assert await bench.next() == 1
            for number in (2, 3):
                server.kill()
                await until_connected(bench.hub, wanted=False)
                async with asyncio.timeout(10):
                    assert await bench.ring("note", number) is False
                server.start()
                await until_connected(bench.hub)
                assert await bench.ring("note", number)
                assert await bench.next() == number
            async with asyncio.timeout(20):
                while bench.worker.job_counter:  # noqa: ASYNC110 - no slot is lost
                    await asyncio.sleep(0.01)
    finally:
        server.stop()
