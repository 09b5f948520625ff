"""Jobs are doorbells: ids go in, the database has the rest. arq is known only here.

arq 0.28 asks Redis, on every poll, three things about each job already running, ends its process
when Redis goes away, and finds a job only when its poll comes round. So a job merely starts
something and returns, and the worker here looks when a bell rings on the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec
import structlog
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.exceptions import RedisError

from parley.lib.hub import Hub, RedisAddress

log = structlog.get_logger()

BELL = "worker:bell"  # channel: look into the queue now
ENQUEUE_WITHIN = 0.2  # seconds; the sweep finds what was not told in time
STALLED_AFTER = 5.0  # seconds without an answer from Redis
CLOSE_WITHIN = 1.0  # seconds
LOOK_EVERY = 5.0  # seconds between looks that nobody rang for

_serialize = msgspec.json.Encoder(enc_hook=str).encode  # a job that raised carries its exception
_deserialize = msgspec.json.Decoder().decode


@runtime_checkable
class JobQueue(Protocol):
    """Wakes a worker. Nothing depends on it: whoever needs work done finds it in the database."""

    async def enqueue(self, job: str, *ids: int, key: str) -> bool:
        """Ask for `job(*ids)`, once per `key` at a time; True when told, False when Redis is away.

        Takes at most 0.2 seconds and never raises.
        """

    async def close(self) -> None:
        """Let go of Redis."""


class NullQueue:
    """For tests and commands without a worker: nobody is told."""

    async def enqueue(self, job: str, *ids: int, key: str) -> bool:
        """Answer False."""
        return False

    async def close(self) -> None:
        """Nothing is open."""


class ArqQueue:
    """arq's queue in Redis, used only while the hub says that Redis is there."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._hub = hub
        self._redis = open_redis(url)
        self._telling: set[asyncio.Task[bool]] = set()

    async def enqueue(self, job: str, *ids: int, key: str) -> bool:
        """See `JobQueue.enqueue`."""
        if not self._hub.connected:
            return False
        task = asyncio.create_task(self._tell(job, ids, key))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        # Not wait_for: a cancelled redis-py call still wants to talk to a Redis that does not answer, and
        # leaves its socket open. It ends by itself, and a doorbell that rings late does no harm.
        done, _ = await asyncio.wait({task}, timeout=ENQUEUE_WITHIN)
        return bool(done) and task.result()

    async def close(self) -> None:
        """Let go of Redis; what cannot be told within a second is dropped."""
        if self._telling:
            _, hanging = await asyncio.wait(self._telling, timeout=CLOSE_WITHIN)
            for task in hanging:
                task.cancel()
        await _close_redis(self._redis)

    async def _tell(self, job: str, ids: Sequence[int], key: str) -> bool:
        try:
            await self._redis.enqueue_job(job, *ids, _job_id=key)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("not enqueued", job=job, key=key, error=str(error))
            return False
        return True


def open_redis(url: str) -> ArqRedis:
    """arq's client for a Redis URL (the forms of `RedisAddress`); it connects when first used."""
    address = RedisAddress.parse(url)
    place: dict[str, Any] = {"host": address.host, "port": address.port}
    if address.path:
        place = {"unix_socket_path": address.path}
    if address.tls:
        place |= {
            "ssl": True,
            "ssl_cert_reqs": "required" if address.verify else "none",
            "ssl_check_hostname": address.verify,
            "ssl_ca_certs": address.ca_file or None,
        }
    return ArqRedis(
        db=address.db,
        username=address.username or None,
        password=address.password or None,
        socket_timeout=STALLED_AFTER,
        socket_connect_timeout=STALLED_AFTER,
        job_serializer=_serialize,
        job_deserializer=_deserialize,
        **place,
    )


async def _close_redis(redis: ArqRedis) -> None:
    with contextlib.suppress(RedisError, OSError, TimeoutError):
        await redis.aclose(close_connection_pool=True)


class DoorbellWorker(Worker):
    """arq's worker that looks when rung and outlives Redis.

    Overrides `main` and `start_jobs` and uses private members of arq 0.28: pinned, and held by
    tests/unit/lib/test_queue.py.
    """

    def __init__(self, url: str, jobs: Mapping[str, WorkerCoroutine], *, ctx: dict[str, Any]) -> None:
        """`jobs` by the name they are enqueued with; each receives `ctx` and the ids."""
        super().__init__(
            [func(job, name=name) for name, job in jobs.items()],
            redis_pool=open_redis(url),
            ctx=ctx,
            handle_signals=False,  # the composition root decides how to stop
            max_jobs=100,
            job_timeout=10,  # a job only starts something
            keep_result=0,
            poll_delay=LOOK_EVERY,
            max_tries=3,
            job_serializer=_serialize,
            job_deserializer=_deserialize,
            log_results=False,
        )
        self._bell = asyncio.Event()
        self._leaving = False
        self._left = asyncio.Event()

    def ring(self, payload: bytes | None = None) -> None:
        """Look into the queue now. A hub listener for `BELL`."""
        self._bell.set()

    async def main(self) -> None:
        """Look whenever rung, else every 5 s, until `close`."""
        complained = False
        while not self._leaving:
            self._bell.clear()  # before looking, so that a ring during the look counts
            try:
                await self._poll_iteration()
                complained = False
            except (RedisError, OSError, TimeoutError) as error:  # stock arq ends the process here
                if not complained:
                    log.warning("queue unreachable", error=str(error))
                complained = True
                self._release_leaked_slots()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self.poll_delay_s)
        self._left.set()

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start those that do not run here already: arq asks Redis thrice about each."""
        await super().start_jobs([job for job in job_ids if job.decode() not in self.tasks])

    async def close(self) -> None:
        """Look no more, let the jobs under way end, and let go of Redis; at most about 2 s.

        Nothing is cancelled unless Redis hangs: redis-py leaves sockets open when it is.
        """
        self._leaving = True
        self._bell.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._left.wait(), CLOSE_WITHIN)
        running = [task for task in self.tasks.values() if not task.done()]
        if running:
            _, hanging = await asyncio.wait(running, timeout=CLOSE_WITHIN)
            for task in hanging:
                task.cancel()
        await _close_redis(self.pool)

    def _release_leaked_slots(self) -> None:
        """arq takes a slot before it asks Redis, and keeps it when that fails."""
        running = sum(not task.done() for task in self.tasks.values())
        for _ in range(self.job_counter - running):
            self._release_sem_dec_counter_on_complete()
