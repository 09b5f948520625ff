"""The verbs of visits: come in without an account, be forgotten."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from parley.accounts import throttle
from parley.accounts.queries import has_admin
from parley.accounts.revocation import announce
from parley.accounts.scripts import open_session
from parley.accounts.service import Caller, claim_tries, new_session
from parley.accounts.tokens import new_secret
from parley.accounts.visiting import queries, scripts
from parley.accounts.visiting.scripts import NewVisitor
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.errors import NotFound
from parley.settings.queries import load
from parley.settings.visiting import RETENTION, VISITORS
from parley.web.addresses import address_range
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.accounts.scripts import NewSession
    from parley.resources import Resources

# Browsers keep no cookie longer than 400 days (RFC 6265bis section 5.5); the retention ends a visit earlier.
LIFE_MS = 400 * 86_400_000
DAY_MS = 86_400_000
AT_ONCE = 50  # visitors forgotten in one round of chores

log = structlog.get_logger("accounts")


async def is_open(resources: Resources) -> bool:
    """Whether one can try this workspace without an account."""
    return (await load(resources.db))[VISITORS] == "on" and await has_admin(resources.db)


async def begin(resources: Resources, caller: Caller) -> str:
    """Let somebody in without an account; the secret of their login session.

    Raises NotFound while that is not possible, TooMany when 20 came from there within the hour.
    """
    if not await is_open(resources):
        raise NotFound(_("There is nothing here."))
    area = address_range(caller.address)
    await claim_tries(resources, [(throttle.range_key("visit", area), throttle.visit_rule)])
    secret = new_secret()
    new = NewVisitor("~" + secrets.token_urlsafe(12), area)
    await resources.db.write(_come_in, new, new_session(caller, 0, secret, life_ms=LIFE_MS), now_ms())
    return secret


async def forget_idle(resources: Resources) -> int:
    """A chore: delete visitors who were away too long, a few at a time; how many."""
    days = (await load(resources.db))[RETENTION]
    since = now_ms() - days * DAY_MS
    forgotten = 0
    for visitor in await queries.idle(resources.db, since, limit=AT_ONCE):
        if await resources.db.write(scripts.forget, visitor, since):
            announce(resources, user=visitor)
            forgotten += 1
    if forgotten:
        log.info("visitors_forgotten", count=forgotten)
    return forgotten


def _come_in(new: NewVisitor, session: NewSession, now: int) -> Script[int]:
    row = yield from scripts.insert(new, now)
    yield from open_session(replace(session, owner=row["id"]), now)
    return int(row["id"])
