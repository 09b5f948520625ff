"""The verbs of second factors: set up, confirm, check, renew the recovery codes, turn off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts import throttle
from parley.accounts.actor import Actor
from parley.accounts.reassuring import reassure
from parley.accounts.revocation import announce
from parley.accounts.service import Caller, area_of, claim_tries, new_session
from parley.accounts.tokens import new_secret as new_session_secret
from parley.accounts.twofactor import codes, queries, scripts
from parley.audit.entries import Entry
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import Conflict, Invalid, NotFound, NotSignedIn
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

WAITS_MS = 30 * 60_000  # how long a secret may be shown before it is confirmed


class WrongCode(NotSignedIn):
    """The code of the second step is wrong, old or spent."""

    code = "wrong_code"


class CodeWanted(NotSignedIn):
    """Name and password are right; this account asks for a code as well."""

    code = "second_factor"


async def set_up(resources: Resources, caller: Caller, actor: Actor, password: str) -> None:
    """Make a secret that waits for its first code. Raises Invalid, SignInAgain, Conflict (it is on)."""
    await reassure(resources, caller, actor, password)
    sealed = resources.box.seal(codes.new_secret(), table="second_factor", row=actor.id, column="secret")
    if not await resources.db.write(scripts.keep_secret, actor.id, sealed, now_ms()):
        raise Conflict(_("The second factor is on already."))


async def waiting_secret(resources: Resources, actor: Actor) -> tuple[str, str] | None:
    """The secret that waits for its first code, sealed and clear; None without one or when it is too old."""
    row = await queries.factor(resources.db, actor.id)
    if row is None or row["confirmed_at"] is not None or now_ms() - row["created_at"] > WAITS_MS:
        return None
    return row["secret"], _clear(resources, row)


async def confirm(resources: Resources, caller: Caller, actor: Actor, code: str) -> tuple[str, list[str]]:
    """Turn it on with the first code; a secret for this browser's new login session, and the recovery codes.

    Raises Invalid for a wrong code, Conflict when nothing waits, TooMany.
    """
    await _claim(resources, caller, actor.id)
    waiting = await waiting_secret(resources, actor)
    if waiting is None:
        raise Conflict(_("Begin again: this code was shown too long ago."))
    step = codes.step_of(waiting[1], code, now_ms() // 1000)
    if step is None:
        raise Invalid(_wrong(), fields={"code": _wrong()}, code="wrong_code")
    recovery, secret = codes.new_codes(), new_session_secret()
    hashes = [codes.code_hash(actor.id, each) for each in recovery]
    session = new_session(caller, actor.id, secret)
    entry = entry_of("twofactor.enabled", caller, actor)
    if not await resources.db.write(
        scripts.turn_on, actor.id, waiting[0], step, hashes, session, entry, now_ms()
    ):
        raise Conflict(_("The second factor is on already."))
    await _give_back(resources, caller, actor.id)
    announce(resources, user=actor.id)
    return secret, recovery


async def check(resources: Resources, caller: Caller, user: Row, code: str) -> None:
    """Spend a code of the app or a recovery code of this account; raises WrongCode or TooMany."""
    await _claim(resources, caller, user["id"])
    row = await queries.factor(resources.db, user["id"])
    if row is None or row["confirmed_at"] is None or not await _spent(resources, caller, user, row, code):
        raise WrongCode(_wrong())
    await _give_back(resources, caller, user["id"])


async def require(resources: Resources, caller: Caller, user: Row, code: str) -> None:
    """For programs: `check` when the account asks for a code; raises CodeWanted when there is none."""
    if not await queries.is_on(resources.db, user["id"]):
        return
    if not code:
        raise CodeWanted(_("This account asks for a code of its authenticator app."))
    await check(resources, caller, user, code)


async def renew(resources: Resources, caller: Caller, actor: Actor, password: str, code: str) -> list[str]:
    """Ten new recovery codes. Raises Invalid for a wrong password or code, SignInAgain, TooMany."""
    await _both(resources, caller, actor, password, code)
    recovery = codes.new_codes()
    hashes = [codes.code_hash(actor.id, each) for each in recovery]
    entry = entry_of("twofactor.codes_renewed", caller, actor)
    await resources.db.write(scripts.renew_codes, actor.id, hashes, entry, now_ms())
    return recovery


async def turn_off(
    resources: Resources, caller: Caller, actor: Actor, given: tuple[str, str], *, replaces: str
) -> str:
    """The password alone is enough again; a secret for the login session in place of the one `replaces`.

    `given` are password and code. Raises Invalid for a wrong one, SignInAgain, Conflict (it is off), TooMany.
    """
    await _both(resources, caller, actor, *given)
    secret = new_session_secret()
    session = new_session(caller, actor.id, secret, replaces=replaces)
    entry = entry_of("twofactor.disabled", caller, actor)
    if not await resources.db.write(scripts.turn_off, actor.id, session, entry, now_ms()):
        raise Conflict(_("The second factor is off already."))
    return secret


async def remove(resources: Resources, caller: Caller, admin: Actor, user: int) -> None:
    """Take somebody's second factor away, who has lost it. Raises NotFound, Conflict for one's own."""
    if user == admin.id:
        raise Conflict(
            _("Turn your own second factor off on your page about signing in."), code="own_account"
        )
    entry = Entry(
        act="twofactor.removed",
        subject=f"user {user}",
        actor=admin.id,
        actor_name=admin.username,
        address=caller.address,
    )
    if not await resources.db.write(scripts.turn_off, user, None, entry, now_ms()):
        raise NotFound(_("This account has no second factor."))


def entry_of(act: str, caller: Caller, actor: Actor, **after: object) -> Entry:
    """What somebody did about their own account."""
    return Entry(
        act=act,
        subject=f"user {actor.id}",
        actor=actor.id,
        actor_name=actor.username,
        address=caller.address,
        after=after or None,
    )


async def _both(resources: Resources, caller: Caller, actor: Actor, password: str, code: str) -> None:
    await reassure(resources, caller, actor, password)
    try:
        await check(resources, caller, {"id": actor.id, "username": actor.username}, code)
    except WrongCode as error:
        raise Invalid(error.message, fields={"code": error.message}, code=error.code) from None


async def _spent(resources: Resources, caller: Caller, user: Row, row: Row, code: str) -> bool:
    step = codes.step_of(_clear(resources, row), code, now_ms() // 1000)
    if step is not None:
        spent: bool = await resources.db.write(scripts.use_step, user["id"], step)
        return spent
    entry = Entry(
        act="twofactor.recovered",
        subject=f"user {user['id']}",
        actor=user["id"],
        actor_name=user["username"],
        address=caller.address,
        after={"codes_left": row["codes_left"] - 1},
    )
    hash = codes.code_hash(user["id"], code)
    used: bool = await resources.db.write(scripts.use_recovery, user["id"], hash, entry, now_ms())
    return used


def _clear(resources: Resources, row: Row) -> str:
    return resources.box.unseal(row["secret"], table="second_factor", row=row["owner"], column="secret")


def _wrong() -> str:
    return _("This code is wrong or was used already. Wait for the next one.")


def _account(user: int) -> str:
    return throttle.account_key(f"second step {user}")


async def _claim(resources: Resources, caller: Caller, user: int) -> None:
    await claim_tries(resources, [(_account(user), throttle.account_rule), area_of(caller, "login")])


async def _give_back(resources: Resources, caller: Caller, user: int) -> None:
    await resources.db.write_relaxed(throttle.return_try, _account(user), area_of(caller, "login")[0])
