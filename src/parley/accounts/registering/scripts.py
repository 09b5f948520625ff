"""The transaction that makes an account. Pure but for the refusals it raises, which undo all of it."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.inviting.scripts import use
from parley.accounts.scripts import NewUser, insert_user
from parley.accounts.visiting.scripts import become
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script
from parley.lib.errors import NotAllowed
from parley.settings.entering import CLOSED, INVITATION, OPEN
from parley.web.i18n import N_

SHUT = N_("Registration is closed. Ask an administrator for an account.")
NEEDED = N_("Registration needs an invitation link. Ask an administrator for one.")
SPENT = N_("This invitation link cannot be used any more. Ask for another one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """How somebody asks to be let in."""

    mode: str  # the setting registration.mode
    invitation: str = ""  # the hash of an invitation's token
    visitor: int = 0  # the visitor who becomes this account
    address: str = ""


def register(new: NewUser, admission: Admission, now: int) -> Script[Row | None]:
    """The new account, or None when the name is taken; the first is an administrator, whatever the rules.

    Raises NotAllowed with what the rules say; then nothing is stored and no invitation is used up.
    """
    user = None
    if admission.visitor:
        taken = yield "SELECT id FROM user_account WHERE username_key = ?", (new.username_key,)
        if taken:
            return None
        user = yield from become(admission.visitor, new, now)
    if user is None:
        user = yield from insert_user(new, now)
    if user is None:
        return None
    invitation = None
    if user["role"] != "admin":
        role, status, invitation = yield from _standing(admission, now)
        rows = yield (
            "UPDATE user_account SET role = ?, status = ? WHERE id = ? RETURNING *",
            (role, status, user["id"]),
        )
        user = rows[0]
    after = {"role": user["role"], "status": user["status"]}
    if invitation is not None:
        after["invitation"] = str(invitation)
    if admission.visitor:
        after["from"] = "visitor"
    entry = Entry(
        act="user.registered",
        subject=f"user {user['id']}",
        actor=user["id"],
        actor_name=user["username"],
        address=admission.address,
        after=after,
    )
    yield from record(entry, now)
    return user


def _standing(admission: Admission, now: int) -> Script[tuple[str, str, int | None]]:
    """Role and status of a new account, and the invitation it came with."""
    if admission.mode == CLOSED:
        raise NotAllowed(SHUT, code="registration_closed")
    if admission.invitation:
        used = yield from use(admission.invitation, now)
        if used is None:
            raise NotAllowed(SPENT, code="invitation_spent")
        return used["role"], "active", used["id"]
    if admission.mode == INVITATION:
        raise NotAllowed(NEEDED, code="invitation_needed")
    return "user", "active" if admission.mode == OPEN else "pending", None
