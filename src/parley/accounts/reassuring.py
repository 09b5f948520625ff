"""Asking again who somebody is, before what cannot be taken back or changes how they sign in.

An account with a password is asked for it. One without must have signed in just now, by a proof that whoever
finds a browser open does not have: a passkey, a code, or the provider when it was told to ask again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.accounts.queries import user_by_id
from parley.accounts.service import Caller, confirmed
from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.lib.errors import NotAllowed
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

FRESH_MS = 10 * 60_000  # how long after signing in nothing more is asked


class SignInAgain(NotAllowed):
    """There is no password to ask for, and nothing else was asked just now."""

    code = "sign_in_again"


async def reassure(resources: Resources, caller: Caller, actor: Actor, password: str) -> bool:
    """Ask for the password; an account without one must have been asked within the last ten minutes.

    Whether it was a password. Raises Invalid with the field `password`, TooMany, or SignInAgain.
    """
    user = await user_by_id(resources.db, actor.id)
    if user is None or user["password_hash"]:
        await confirmed(resources, caller, actor, password)
        return True
    if not await is_fresh(resources.db, actor):
        raise SignInAgain(_("First sign in again: your account has no password to ask for."))
    return False


async def is_fresh(db: Database, actor: Actor) -> bool:
    """Whether this login session was opened within the last ten minutes by somebody who was asked."""
    rows = await db.fetch(
        "SELECT id FROM login_session WHERE id = ? AND owner = ? AND proved_at > ?",
        actor.session or 0,
        actor.id,
        now_ms() - FRESH_MS,
    )
    return bool(rows)
