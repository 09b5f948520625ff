"""The worker process: answers generations until it is told to stop.

The database says what is to do; Redis only says when to look. So the worker starts and works while
Redis is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
import uvloop

from parley import __version__
from parley.generations import scripts
from parley.generations.flusher import Flusher
from parley.generations.jobs import start_generation
from parley.generations.runner import Prepared
from parley.generations.runs import Runs
from parley.generations.scripts import Part, StoreAnswer, Written
from parley.generations.service import START_JOB
from parley.generations.sweep import Sweeper
from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.lib.logging import configure_logging
from parley.lib.queue import BELL, DoorbellWorker
from parley.resources import Resources, open_resources

log = structlog.get_logger()

GRACE = 25.0  # seconds a running answer may take after SIGTERM; then it is handed over
BEAT_EVERY = 2.0  # seconds
FORGET_AFTER = 24 * 60 * 60 * 1_000  # ms since a worker was last seen
CHORES_EVERY = 60.0  # seconds

Prepare = Callable[[Resources, int], Awaitable[Prepared]]
Chore = Callable[[Resources], Awaitable[object]]
Loop = Callable[[Resources], Coroutine[Any, Any, None]]  # never returns


def main(config: Config) -> int:
    """Run a worker until SIGTERM or SIGINT; 0 when everything was finished or handed over."""
    configure_logging(config.log_level, process="worker", files=config.data / "logs")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_main(config))


async def _main(config: Config) -> int:
    from parley.accounts.visiting.service import forget_idle
    from parley.admin.auditing.keeping import remove_old
    from parley.admin.leaving.service import clear_departed
    from parley.backups.service import make_due as make_backups
    from parley.catalogue.jobs import refresh_due
    from parley.chat.jobs import prepare, purge_deleted, store_answer
    from parley.chat.keeping.service import put_away_old
    from parley.chat.searching.jobs import keep_indexed
    from parley.chat.temporary.service import forget_left
    from parley.chat.titling.jobs import make_titles
    from parley.files.service import clear_away
    from parley.importing.jobs import run_imports
    from parley.prompts.service import purge_deleted as purge_prompts
    from parley.settings.mirror import stay_fresh
    from parley.settings.pins import fix as fix_settings
    from parley.settings.service import forget_history
    from parley.traces.service import forget_old as forget_traces
    from parley.usage.jobs import keep_counted

    fix_settings(config.pins)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_resources(config) as resources:
        chores = [
            make_backups,
            put_away_old,
            forget_idle,
            clear_departed,
            purge_deleted,
            clear_away,
            refresh_due,
            forget_left,
            purge_prompts,
            forget_history,
            forget_traces,
            remove_old,
        ]
        loops = [keep_indexed, make_titles, run_imports, keep_counted, stay_fresh]
        await run_worker(resources, prepare, store_answer, stop=stop, chores=chores, loops=loops)
    return 0


async def run_worker(
    resources: Resources,
    prepare: Prepare,
    store_answer: StoreAnswer,
    *,
    stop: asyncio.Event,
    grace: float = GRACE,
    chores: Sequence[Chore] = (),
    loops: Sequence[Loop] = (),
) -> None:
    """Answer queued generations until `stop` is set, then finish or hand over within `grace` seconds.

    `prepare(resources, generation)` says whom to ask and what; `store_answer` is the final write;
    `loops` is what else goes on meanwhile.
    Raises what broke one of its loops: the process should then end and be started again.
    """
    db, hub = resources.db, resources.hub

    async def write(parts: list[Part], durable: bool) -> Written:
        commit = db.write if durable else db.write_relaxed
        return await commit(scripts.write_batch, parts, now_ms(), store_answer, scripts.row_lock(db))

    flusher = Flusher(write, hub.publish)
    runs = Runs(db, hub, flusher, partial(prepare, resources))
    doorbell = DoorbellWorker(resources.config.redis_url, {START_JOB: start_generation}, ctx={"runs": runs})
    name = f"{socket.gethostname()[:64]}:{os.getpid()}"
    finding = [Sweeper(db, hub, runs, store_answer).run(), doorbell.main(), _repeat_chores(resources, chores)]
    finding += [loop(resources) for loop in loops]
    working = [flusher.run(), runs.keep_alive(), _beat(resources, name)]
    await hub.subscribe(BELL, doorbell.ring)
    log.info("worker ready", name=name)
    async with _running(working) as workings, _running(finding) as findings:
        await _until(stop, [*workings, *findings])
        hub.unsubscribe(BELL, doorbell.ring)
        leaving = asyncio.create_task(runs.leave(grace))
        await doorbell.close()
        await _cancel(findings)
        await leaving
    with contextlib.suppress(Exception):  # the row is forgotten in a day anyway
        await db.write_relaxed(scripts.leave, name)
    log.info("worker ended", name=name)


async def _beat(resources: Resources, name: str) -> None:
    """Say every 2 s that this worker is alive; readiness and the health page look at it."""
    started_at = now_ms()
    while True:
        now = now_ms()
        try:
            await resources.db.write_relaxed(
                scripts.beat, name, __version__, started_at, now, now - FORGET_AFTER
            )
        except Exception as error:  # the database may be away for a while
            log.warning("not seen alive", error=str(error))
        await asyncio.sleep(BEAT_EVERY)


async def _repeat_chores(resources: Resources, chores: Sequence[Chore]) -> None:
    while True:
        for chore in chores:
            try:
                await chore(resources)
            except Exception as error:  # next minute again
                log.warning("chore failed", chore=getattr(chore, "__name__", ""), error=str(error))
        await asyncio.sleep(CHORES_EVERY)


@contextlib.asynccontextmanager
async def _running(loops: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield tasks
    finally:
        await _cancel(tasks)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until(stop: asyncio.Event, loops: Sequence[asyncio.Task[None]]) -> None:
    """Wait for `stop`; raise when a loop, which never returns, broke."""
    waiting = asyncio.create_task(stop.wait())
    both: set[asyncio.Task[Any]] = {waiting, *loops}
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiting}:
            task.result()
    finally:
        waiting.cancel()


if __name__ == "__main__":
    sys.exit(main(Config.from_environ()))
