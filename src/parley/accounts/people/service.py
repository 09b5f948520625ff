"""The verbs of administrators about people: decide, move, sign out, create, offer a link for a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from parley.accounts import throttle
from parley.accounts.names import name_fault, password_sentence, shown_name, username_key
from parley.accounts.people import queries, scripts
from parley.accounts.people.deciding import REASON_LENGTH, Decision, Officer
from parley.accounts.people.scripts import Reset
from parley.accounts.revocation import announce
from parley.accounts.scripts import NewUser
from parley.accounts.service import Caller, NameTaken
from parley.accounts.tokens import new_secret, secret_hash
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import AppError, Conflict, Invalid, NotFound
from parley.lib.passwords import PASSWORDS
from parley.settings.entering import USERNAME
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

RESET_LIFE_MS = 24 * 3_600_000
MOST_AT_ONCE = 200  # people in one bulk act

log = structlog.get_logger("people")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What an administrator types to make an account; without a password its owner gets a link to set one."""

    username: str
    password: str
    role: str
    status: str


async def decide(
    resources: Resources, officer: Officer, user: int, decision: Decision, *, reason: str = ""
) -> Row:
    """Take a decision about an account; its row afterwards.

    Raises NotFound, Conflict (own account, last administrator, or a state this cannot follow on), or Invalid
    for a reason that is too long.
    """
    if len(reason) > REASON_LENGTH:
        too_long = _("Use at most %(n)s characters.", n=REASON_LENGTH)
        raise Invalid(too_long, fields={"reason": too_long})
    outcome = await resources.db.write(scripts.decide, user, officer, decision, reason.strip(), now_ms())
    if outcome == "own":
        raise Conflict(own_sentence(decision), code="own_account")
    if outcome == "no_admin":
        raise Conflict(_("At least one administrator must stay active."), code="last_admin")
    if outcome == "not_now":
        raise Conflict(_("This account has changed meanwhile. Reload the page."), code="changed_meanwhile")
    row = await _row(resources, user)
    announce(resources, user=user)
    if decision.stops:
        running = await queries.running(resources.db, user)
        resources.hub.publish([(f"stop:{generation}", b"") for generation in running])
    log.info("account_decided", user=user, by=officer.id, act=decision.act)
    return row


def own_sentence(decision: Decision) -> str:
    """Why nobody decides about themselves."""
    if decision.column == "role":
        return _("Nobody can change their own role.")
    return _("Nobody can change the status of their own account.")


async def decide_about_all(
    resources: Resources, officer: Officer, users: Sequence[int], decision: Decision, *, reason: str = ""
) -> tuple[int, int]:
    """The same decision about several: how many it was taken about, and about how many it could not be.

    Raises Invalid for a reason that is too long or too many people.
    """
    if len(users) > MOST_AT_ONCE:
        raise Invalid(_("Choose at most %(n)s people.", n=MOST_AT_ONCE))
    done = 0
    for user in users:
        try:
            await decide(resources, officer, user, decision, reason=reason)
            done += 1
        except (Conflict, NotFound):
            continue
    return done, len(users) - done


async def sign_out(resources: Resources, officer: Officer, user: int) -> Row:
    """Sign somebody out everywhere; what they hold open ends within two seconds. Raises NotFound."""
    if not await resources.db.write(scripts.sign_out, user, officer, now_ms()):
        raise _nobody()
    announce(resources, user=user)
    return await _row(resources, user)


async def move(resources: Resources, officer: Officer, user: int, group: int | None) -> Row:
    """Put somebody into a group, or out of any. Raises NotFound for no such account or group."""
    outcome = await resources.db.write(scripts.move, user, officer, group, now_ms())
    if outcome == "no_group":
        raise NotFound(_("There is no such group."))
    if outcome == "unknown":
        raise _nobody()
    return await _row(resources, user)


async def offer_reset(resources: Resources, officer: Officer, user: int) -> str:
    """The token of a link with which somebody sets a new password, once, within a day. Raises NotFound."""
    token, reset = _new_reset()
    if not await resources.db.write(scripts.offer_reset, user, officer, reset, now_ms()):
        raise _nobody()
    log.info("reset_offered", user=user, by=officer.id)
    return token


async def create(resources: Resources, officer: Officer, new: NewPerson) -> tuple[int, str]:
    """Make an account: its id, and the token of a link for its password where none was given.

    Raises Invalid with fields, or NameTaken.
    """
    pattern = (await load(resources.db))[USERNAME]
    faults = {"username": name_fault(new.username, pattern)}
    if new.password:
        faults["password"] = password_sentence(new.password)
    if new.role not in queries.ROLES:
        faults["role"] = _("Choose one of the offered values.")
    if new.status not in ("active", "pending"):
        faults["status"] = _("Choose one of the offered values.")
    if found := {name: fault for name, fault in faults.items() if fault}:
        raise Invalid(_("Check the marked fields."), fields=found)
    token, reset = ("", None) if new.password else _new_reset()
    # Without a password the hash is of one that nobody knows.
    hashed = await PASSWORDS.hash(new.password or new_secret())
    name = shown_name(new.username)
    user = await resources.db.write(
        scripts.create,
        NewUser(name, username_key(name), hashed, ""),
        officer,
        new.role,
        new.status,
        reset,
        now_ms(),
    )
    if not user:
        taken = _("This name is taken. Choose another one.")
        raise NameTaken(taken, fields={"username": taken})
    log.info("account_made", user=user, by=officer.id, role=new.role)
    return user, token


async def reset_owner(resources: Resources, token: str) -> Row:
    """Whose password a link would set. Raises NotFound for one that was used, is over or never was."""
    row = await queries.reset_owner(resources.db, secret_hash(token), now_ms())
    if row is None:
        raise _link_over()
    return row


async def reset_password(resources: Resources, caller: Caller, token: str, password: str) -> None:
    """Set a new password by a link; it ends every login session of that account and can be used once.

    Raises Invalid with fields, or NotFound for a link that does not work (any more).
    """
    await reset_owner(resources, token)  # before the work of hashing
    if fault := password_sentence(password):
        raise Invalid(_("Check the marked fields."), fields={"password": fault})
    hashed = await PASSWORDS.hash(password)
    user = await resources.db.write(
        scripts.reset_password, secret_hash(token), hashed, caller.address, now_ms()
    )
    if user is None:
        raise _link_over()
    await resources.db.write_relaxed(throttle.return_try, throttle.account_key(user["username_key"]), "")
    announce(resources, user=user["id"])
    log.info("password_reset", user=user["id"])


def _new_reset() -> tuple[str, Reset]:
    token = new_secret()
    return token, Reset(secret_hash(token), now_ms() + RESET_LIFE_MS)


async def _row(resources: Resources, user: int) -> Row:
    row = await queries.person(resources.db, user)
    if row is None:
        raise _nobody()
    return row


def _nobody() -> AppError:
    return NotFound(_("There is no such account."))


def _link_over() -> AppError:
    return NotFound(
        _("This link does not work any more. Ask an administrator for a new one."), code="link_over"
    )
