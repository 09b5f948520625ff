"""The verbs of accounts: sign in and out, change a password."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import msgspec
import structlog

from parley.accounts import queries, scripts, throttle
from parley.accounts.actor import Actor
from parley.accounts.habits import Habits, to_store
from parley.accounts.names import POSSIBLE, name_fault, password_sentence, username_key
from parley.accounts.revocation import announce
from parley.accounts.scripts import NewSession
from parley.accounts.tokens import new_secret, secret_hash
from parley.audit.acting import act_of, noted
from parley.audit.entries import Entry
from parley.audit.scripts import record_rarely
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable
from parley.lib.passwords import PASSWORDS
from parley.web.addresses import address_range
from parley.web.i18n import _, ngettext

if TYPE_CHECKING:
    from parley.resources import Resources

BROWSER_LIFE_MS = 30 * 86_400_000
API_LIFE_MS = 86_400_000
SILENT = "provider"  # a provider may let in whoever sits at a browser that is signed in there

log = structlog.get_logger("accounts")
_signing_in: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class NameTaken(Invalid):
    """Another account has this name."""

    status = 409
    code = "username_taken"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from, for the list of login sessions and for throttling."""

    address: str
    agent: str


async def sign_in(resources: Resources, caller: Caller, *, username: str, password: str) -> Row:
    """The account with this name and password: active or pending.

    Raises NotSignedIn (one sentence for unknown names and wrong passwords), NotAllowed (disabled or declined;
    only who knows the password learns it), TooMany, or Unavailable while too many passwords are checked.
    """
    key = username_key(username)

    async def find() -> Row | None:
        return None if name_fault(username, POSSIBLE) else await queries.user_by_key(resources.db, key)

    user = await _verified(resources, caller, key, password, find)
    if user["status"] == "disabled":
        raise NotAllowed(disabled_sentence(user["status_reason"]), code="disabled")
    if user["status"] == "rejected":
        raise NotAllowed(declined_sentence(user["status_reason"]), code="rejected")
    return user


def disabled_sentence(reason: str) -> str:
    """What a disabled person is told."""
    if not reason:
        return _("This account is disabled. Ask an administrator.")
    return _("An administrator disabled this account: %(reason)s", reason=reason)


def declined_sentence(reason: str) -> str:
    """What a declined person is told."""
    if not reason:
        return _("An administrator declined this account.")
    return _("An administrator declined this account: %(reason)s", reason=reason)


async def begin_session(
    resources: Resources,
    caller: Caller,
    user: Row,
    *,
    replaces: str = "",
    life_ms: int = BROWSER_LIFE_MS,
    via: str = "password",
    visitor: int = 0,
) -> str:
    """Open a login session for `user`, as `register` or `sign_in` gave it, and return its secret.

    `via` is for the audit log: how they proved who they are. The login session behind the secret `replaces`
    ends, and `visitor` gives what they have to the account. Raises NotSignedIn when the rights changed
    meanwhile.
    """
    secret = new_secret()
    new = new_session(caller, user["id"], secret, life_ms=life_ms, replaces=replaces)
    new = replace(new, visitor=visitor, proven=via != SILENT)
    entry = Entry(
        act="login.succeeded",
        subject=f"user {user['id']}",
        actor=user["id"],
        actor_name=user["username"],
        address=caller.address,
        after={"via": via},
    )
    replaced = await resources.db.write(scripts.enter, new, user["ver"], entry, now_ms())
    if replaced is None:
        raise NotSignedIn(_("The account has changed just now. Sign in again."))
    for session in replaced:
        announce(resources, session=session)
    if visitor:
        announce(resources, user=visitor)
    return secret


async def sign_out(resources: Resources, actor: Actor) -> None:
    """End the login session this actor came with."""
    if actor.session is not None:
        entry = act_of("logout", f"user {actor.id}")
        revoke = noted(scripts.revoke_session, lambda ended: entry if ended else None)
        await resources.db.write(revoke, actor.id, actor.session, now_ms())
        announce(resources, session=actor.session)


async def revoke_session(resources: Resources, actor: Actor, session: int) -> None:
    """End one of the actor's login sessions; raises NotFound for anybody else's."""
    entry = act_of("session.revoked", f"user {actor.id}", before={"sessions": 1})
    revoke = noted(scripts.revoke_session, lambda ended: entry if ended else None)
    if not await resources.db.write(revoke, actor.id, session, now_ms()):
        raise NotFound(_("This browser is not signed in any more."))
    announce(resources, session=session)


async def revoke_other_sessions(resources: Resources, actor: Actor) -> int:
    """End all of the actor's login sessions but this one; how many there were."""
    entry = act_of("session.revoked", f"user {actor.id}")
    revoke = noted(
        scripts.revoke_sessions_except,
        lambda ended: replace(entry, before={"sessions": len(ended)}) if ended else None,
    )
    ended = await resources.db.write(revoke, actor.id, actor.session or 0, now_ms())
    for session in ended:
        announce(resources, session=session)
    return len(ended)


async def change_password(
    resources: Resources, caller: Caller, actor: Actor, *, current: str, new: str
) -> str:
    """Set a new password, end every login session, and return the secret of a new one for this browser.

    Raises Invalid with fields, TooMany, Conflict when another change came first.
    """
    if fault := password_sentence(new):
        raise Invalid(_("Check the marked fields."), fields={"new": fault})
    user = await confirmed(resources, caller, actor, current, field="current")
    secret = new_secret()
    session = new_session(caller, actor.id, secret)
    new_hash = await PASSWORDS.hash(new)
    entry = act_of("password.changed", f"user {actor.id}")
    change = noted(scripts.change_password, lambda done: entry if done else None)
    if not await resources.db.write(change, actor.id, user["password_hash"], new_hash, session, now_ms()):
        raise Conflict(_("The password was changed elsewhere just now. Sign in again."))
    announce(resources, user=actor.id)
    log.info("password_changed", user=actor.id)
    return secret


async def confirmed(
    resources: Resources, caller: Caller, actor: Actor, password: str, *, field: str = "password"
) -> Row:
    """The actor's account when this is their password; raises Invalid that names `field`, or TooMany."""
    try:
        key = username_key(actor.username)
        find = partial(queries.user_by_id, resources.db, actor.id)
        return await _verified(resources, caller, key, password, find)
    except NotSignedIn:
        wrong = _("This is not your current password.")
        raise Invalid(wrong, fields={field: wrong}, code="wrong_password") from None


async def set_time_zone(resources: Resources, actor: Actor, time_zone: str) -> None:
    """Remember in which time zone the actor's days begin ("" takes the site's)."""
    await resources.db.write(scripts.set_time_zone, actor.id, time_zone)


async def set_language(resources: Resources, actor: Actor, language: str) -> None:
    """Remember which language the actor reads."""
    await resources.db.write(scripts.set_language, actor.id, language)


async def set_habits(resources: Resources, actor: Actor, habits: Habits) -> None:
    """Keep how the pages behave for the actor, on all their devices."""
    await resources.db.write(scripts.set_preferences, actor.id, to_store(habits))


async def set_theme(resources: Resources, actor: Actor, theme: str) -> None:
    """Remember the theme for the browsers in which the actor chose none; one of `web.render.THEMES`."""
    await set_habits(resources, actor, msgspec.structs.replace(actor.habits, theme=theme))


async def _verified(
    resources: Resources, caller: Caller, key: str, password: str, find: Callable[[], Awaitable[Row | None]]
) -> Row:
    """The account when the password is right. Unknown names take the same path and the same work."""
    account, area = throttle.account_key(key), area_of(caller, "login")
    # One check at a time per account: honest clients that sign in together queue instead of being refused.
    async with _signing_in.setdefault(account, asyncio.Lock()):
        try:
            await claim_tries(resources, [(account, throttle.account_rule), area])
        except TooMany:
            await _note_refusal(resources, caller, "login.locked", await find())
            raise
        user = await find()
        try:
            right = await PASSWORDS.verify(user["password_hash"] or None if user else None, password)
        except Unavailable:
            await resources.db.write_relaxed(throttle.return_try, None, area[0])
            raise
        if user is None or not right:
            await _note_refusal(resources, caller, "login.failed", user)
            raise NotSignedIn(_("The username or the password is wrong."), code="wrong_credentials")
        await resources.db.write_relaxed(throttle.return_try, account, area[0])
    if PASSWORDS.needs_rehash(user["password_hash"]):
        better = await PASSWORDS.hash(password)
        await resources.db.write(scripts.store_hash, user["id"], user["password_hash"], better)
        user["password_hash"] = better
    return user


async def _note_refusal(resources: Resources, caller: Caller, act: str, user: Row | None) -> None:
    """A refused sign-in, for the audit log. A name nobody has is not kept: people type passwords there."""
    subject = f"user {user['id']}" if user else ""
    entry = Entry(act=act, subject=subject, address=caller.address)
    await resources.db.write_relaxed(record_rarely, entry, now_ms())


async def claim_tries(resources: Resources, keys: list[tuple[str, throttle.Rule]]) -> None:
    """Count a try under every key; raises TooMany while one of them rests."""
    wait_ms = await resources.db.write_relaxed(throttle.claim_try, keys, now_ms())
    if wait_ms > 0:
        seconds = -(-wait_ms // 1000)
        log.warning("throttled", keys=[key.partition(":")[0] for key, _rule in keys], seconds=seconds)
        sentence = ngettext(
            "Too many tries. Wait %(n)s second and try again.",
            "Too many tries. Wait %(n)s seconds and try again.",
            seconds,
        )
        raise TooMany(sentence, retry_after=seconds)


def area_of(caller: Caller, purpose: str) -> tuple[str, throttle.Rule]:
    """What counts the tries of this caller's address range."""
    return throttle.range_key(purpose, address_range(caller.address)), throttle.range_rule


def new_session(
    caller: Caller, user: int, secret: str, *, life_ms: int = BROWSER_LIFE_MS, replaces: str = ""
) -> NewSession:
    """A login session about to be opened for this caller."""
    return NewSession(
        owner=user,
        token_hash=secret_hash(secret),
        address=caller.address[:45],
        agent=caller.agent[:200],
        life_ms=life_ms,
        replaces=secret_hash(replaces) if replaces else "",
    )
