"""Open streams learn that the process stops."""

import asyncio
import os
import signal

from parley.web.lifecycle import Stopping


async def test_everybody_who_waits_is_woken() -> None:
    stopping = Stopping()
    waiting = [asyncio.create_task(stopping.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    stopping.set()
    await asyncio.wait_for(asyncio.gather(*waiting), 5)


async def test_whoever_comes_later_does_not_wait() -> None:
    stopping = Stopping()
    stopping.set()
    await asyncio.wait_for(stopping.wait(), 5)
    assert stopping.is_set()


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    stopping = Stopping()
    task = asyncio.create_task(stopping.wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    stopping.set()


def test_one_flag_serves_several_loops() -> None:
    stopping = Stopping()

    async def stop_while_waiting() -> None:
        stopping.clear()
        asyncio.get_running_loop().call_soon(stopping.set)
        await asyncio.wait_for(stopping.wait(), 5)

    asyncio.run(stop_while_waiting())
    asyncio.run(stop_while_waiting())


async def test_a_plain_signal_handler_may_set_it() -> None:
    stopping = Stopping()
    before = signal.signal(signal.SIGUSR1, lambda *_: stopping.set())
    try:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(stopping.wait(), 5)
    finally:
        signal.signal(signal.SIGUSR1, before)
