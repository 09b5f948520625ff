"""Deleting accounts: somebody else's, or one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from parley.accounts.actor import Actor
from parley.accounts.people.deciding import Officer
from parley.accounts.reassuring import reassure
from parley.accounts.revocation import announce
from parley.accounts.service import Caller
from parley.admin.leaving import queries, scripts
from parley.admin.leaving.scripts import Leaving
from parley.generations import service as generations
from parley.lib.clock import now_ms
from parley.lib.errors import Conflict, Invalid, NotFound
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

BATCHES_AT_ONCE = 4  # how much of an account is cleared before the answer; the worker does the rest
BATCHES_A_CHORE = 40

log = structlog.get_logger("leaving")


async def delete(resources: Resources, leaving: Leaving) -> None:
    """Delete an account and hand over or delete what it holds; what runs for it stops.

    Raises NotFound, or Conflict for oneself as an administrator's act and for the last administrator.
    """
    departed = await resources.db.write(scripts.depart, leaving, now_ms())
    if departed.outcome == "unknown":
        raise NotFound(_("There is no such account."))
    if departed.outcome == "last_admin":
        raise Conflict(_("At least one administrator must stay active."), code="last_admin")
    announce(resources, user=leaving.user)
    log.info("account_deleted", user=leaving.user, by=leaving.officer.id)
    for generation in departed.running:
        await generations.request_stop(resources, generation)
    await _clear(resources, leaving.user, BATCHES_AT_ONCE)


async def delete_all(
    resources: Resources, officer: Officer, users: Sequence[int], *, hand_over: bool
) -> tuple[int, int]:
    """Delete several accounts: how many went, and how many could not."""
    gone = 0
    for user in users:
        if user == officer.id:
            continue
        try:
            await delete(resources, Leaving(user, officer, hand_over))
            gone += 1
        except (Conflict, NotFound):
            continue
    return gone, len(users) - gone


async def delete_own(
    resources: Resources, caller: Caller, actor: Actor, password: str, *, named: bool
) -> None:
    """Delete one's own account with everything in it.

    Where there is no password it takes a fresh proof, and that they typed their name (`named`). Raises
    Invalid, SignInAgain, TooMany, or Conflict for the last administrator.
    """
    if not await reassure(resources, caller, actor, password) and not named:
        wrong = _("This is not what to type.")
        raise Invalid(wrong, fields={"word": wrong})
    await delete(resources, Leaving(actor.id, Officer(actor.id, actor.username, caller.address)))


async def clear_departed(resources: Resources) -> int:
    """A chore: go on with accounts whose deletion was not finished; how many are done."""
    done = 0
    for user in await queries.departed(resources.db):
        done += await _clear(resources, user, BATCHES_A_CHORE)
    return done


async def _clear(resources: Resources, user: int, batches: int) -> bool:
    for _batch in range(batches):
        if await resources.db.write(scripts.clear, user):
            return True
    return False
