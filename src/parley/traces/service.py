"""The verbs of traces: begin one with a question, note its readers, forget."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import structlog

from parley.accounts.actor import Actor
from parley.audit.entries import Entry
from parley.lib.clock import now_ms, now_us
from parley.settings.queries import load
from parley.settings.tracing import MOST_EVENTS, RETENTION
from parley.traces import policy, queries, scripts
from parley.traces.recorder import ACCEPT, FOLLOWING, Event, event
from parley.traces.scripts import NewTrace

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

DAY = 24 * 60 * 60 * 1000  # ms


async def wanted_trace(
    resources: Resources, actor: Actor, question: str, wanted: bool | None = None
) -> NewTrace | None:
    """The trace to begin with a question's generation, or None; `wanted` None leaves it to the settings."""
    began = now_us()
    values = await load(resources.db)
    decided = policy.decide(values, admin=actor.is_admin, wanted=wanted)
    if not decided.taken:
        return None
    data = {"characters": len(question), "reason": decided.reason, "level": decided.level}
    accepted = event(ACCEPT + 1, "accept", actor.username, data, began=began)
    return NewTrace(decided.level, decided.reason, values[MOST_EVENTS], question, (accepted,))


async def note_stored(resources: Resources, generation: int, began: int, ended: int) -> None:
    """How long the transaction took that stored a question; both in µs. Never raises."""
    noted = event(ACCEPT + 2, "saved", began=began, ended=ended)
    await _append(resources, generation, noted)


async def following(
    resources: Resources, generation: int, chunks: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """`chunks` for a reader of a traced answer, with a note when they come and when they are gone."""
    began = now_us()
    sent = count = 0
    whole = False
    seq = FOLLOWING + secrets.randbelow(2**40) * 2
    await _append(resources, generation, event(seq, "open", ended=began))
    try:
        async for chunk in chunks:
            yield chunk
            sent += len(chunk)
            count += 1
        whole = True
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()  # whoever leaves is no longer watched for
        data = {"bytes": sent, "pieces": count, "whole": whole}
        work = _append(resources, generation, event(seq + 1, "page", "", data, began=began))
        resources.background.start(work, "trace of a reader")


async def delete(resources: Resources, actor: Actor, trace: int) -> None:
    """Forget one. Raises NotFound unless it is the actor's or they are an administrator."""
    row = await queries.trace_for(resources.db, trace, actor)
    about = f"trace {trace}"
    entry = Entry(act="trace.deleted", subject=about, actor=actor.id, actor_name=actor.username)
    await resources.db.write(scripts.delete_said, [row.id], entry, now_ms())


async def cleanup(resources: Resources, admin: Actor, days: int | None = None) -> int:
    """Forget what is older than `days` (as the settings say without); how many."""
    days = (await load(resources.db))[RETENTION] if days is None else days
    count = await _forget(resources, now_ms() - days * DAY)
    after = {"days": days, "deleted": count}
    entry = Entry(act="traces.cleaned", actor=admin.id, actor_name=admin.username, after=after)
    await resources.db.write(scripts.delete_said, [], entry, now_ms())
    return count


async def forget_old(resources: Resources) -> int:
    """The chore: forget what is older than the settings say, and what is about nothing any more."""
    days = (await load(resources.db))[RETENTION]
    count = await _forget(resources, now_ms() - days * DAY)
    while lost := await queries.orphans(resources.db):
        await resources.db.write(scripts.delete, lost)
        count += len(lost)
    return count


async def _forget(resources: Resources, before: int) -> int:
    count = 0
    while old := await queries.older_than(resources.db, before):
        await resources.db.write(scripts.delete, old)
        count += len(old)
    return count


async def _append(resources: Resources, generation: int, noted: Event) -> None:
    try:
        await resources.db.write_relaxed(scripts.append_one, generation, noted)
    except Exception as error:  # an answer is worth more than its trace
        log.warning("not traced", generation=generation, kind=noted.kind, error=str(error)[:200])
