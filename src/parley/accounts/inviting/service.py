"""The verbs of invitations: make a link, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.accounts.inviting import scripts
from parley.accounts.inviting.scripts import NewInvitation, Officer
from parley.accounts.service import Caller
from parley.accounts.tokens import new_secret, secret_hash
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.settings.catalogue import number_from
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_USES = 1_000
MOST_DAYS = 365
LONGEST_NOTE = 200
ROLES = ("user", "admin")
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Made:
    """A new invitation; its token is known only now."""

    id: int
    token: str


async def create(
    resources: Resources, caller: Caller, admin: Actor, *, uses: int, days: int, role: str, note: str
) -> Made:
    """A link for so many people and days. Raises Invalid with fields."""
    faults = {}
    if not 1 <= uses <= MOST_USES:
        faults["uses"] = number_from(1, MOST_USES)
    if not 1 <= days <= MOST_DAYS:
        faults["days"] = number_from(1, MOST_DAYS)
    if len(note) > LONGEST_NOTE:
        faults["note"] = _("Use at most %(n)s characters.", n=LONGEST_NOTE)
    if faults or role not in ROLES:
        raise Invalid(_("Check the marked fields."), fields=faults)
    now, token = now_ms(), new_secret()
    new = NewInvitation(
        token_hash=secret_hash(token), role=role, note=note, uses=uses, expires_at=now + days * DAY_MS
    )
    return Made(await resources.db.write(scripts.insert, new, _officer(caller, admin), now), token)


async def revoke(resources: Resources, caller: Caller, admin: Actor, id: int) -> None:
    """Take a link back; raises NotFound when there is none such alive."""
    if not await resources.db.write(scripts.revoke, id, _officer(caller, admin), now_ms()):
        raise NotFound(_("There is no such invitation."))


def _officer(caller: Caller, admin: Actor) -> Officer:
    return Officer(admin.id, admin.username, caller.address)
