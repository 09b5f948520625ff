"""The verbs of passkeys: make one, sign in with one, remove one."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from parley.accounts import ways
from parley.accounts.actor import Actor
from parley.accounts.passkeys import ceremony, queries, scripts
from parley.accounts.passkeys.ceremony import NewKey, NotGenuine, Site
from parley.accounts.queries import user_by_id
from parley.accounts.reassuring import reassure
from parley.accounts.service import Caller, declined_sentence, disabled_sentence, new_session
from parley.accounts.tokens import new_secret
from parley.accounts.twofactor.service import entry_of
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from parley.lib.keys import derive_key
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_NAME = 60


async def options_for(resources: Resources, site: Site, actor: Actor, challenge: str) -> str:
    """What the actor's browser needs to make a key, as JSON."""
    known = [row["credential"] for row in await queries.keys_of(resources.db, actor.id)]
    # Devices keep the handle with the key: the same for all keys of an account, and it says nothing.
    key = derive_key(resources.config.secret, "passkey handle")
    handle = hmac.new(key, str(actor.id).encode(), hashlib.sha256).digest()
    return ceremony.creation_options(site, handle, actor.username, known, challenge)


async def add(
    resources: Resources, caller: Caller, actor: Actor, name: str, key: NewKey, *, replaces: str
) -> str:
    """Keep a key that was checked; a secret for the login session in place of the one behind `replaces`.

    Raises Invalid with the field `name`, Conflict.
    """
    name = name.strip() or _("Passkey")
    if len(name) > LONGEST_NAME:
        too_long = _("Use at most %(n)s characters.", n=LONGEST_NAME)
        raise Invalid(too_long, fields={"name": too_long})
    secret = new_secret()
    session = new_session(caller, actor.id, secret, replaces=replaces)
    entry = entry_of("passkey.added", caller, actor, name=name)
    outcome = await resources.db.write(scripts.add, actor.id, name, key, session, entry, now_ms())
    if outcome == "many":
        raise Conflict(_("You have %(n)s passkeys. Remove one first.", n=scripts.MOST))
    if outcome == "known":
        raise Conflict(_("This passkey is known already."))
    return secret


async def sign_in(resources: Resources, site: Site, challenge: str, answer: str) -> Row:
    """The account whose key signed `challenge`: active or pending.

    Raises NotSignedIn (one sentence whatever was wrong) or NotAllowed (disabled or declined).
    """
    try:
        row = await queries.key(resources.db, ceremony.credential_of(answer))
        if row is None:
            raise NotGenuine
        key = NewKey(row["credential"], row["public_key"], row["sign_count"])
        count = ceremony.proven(site, challenge, answer, key)
        if not await resources.db.write(scripts.used, row["id"], row["sign_count"], count, now_ms()):
            raise NotGenuine
    except NotGenuine:
        raise NotSignedIn(_("This passkey does not open any account here."), code="wrong_passkey") from None
    user = await user_by_id(resources.db, row["owner"])
    if user is None:
        raise NotSignedIn(_("This passkey does not open any account here."), code="wrong_passkey")
    refuse_shut(user)
    return user


async def remove(resources: Resources, caller: Caller, actor: Actor, id: int, password: str) -> None:
    """Forget one of the actor's keys, once it was asked who is there.

    Raises NotFound for anybody else's, Conflict for the last way in, and what `reassure` raises.
    """
    if id not in [row["id"] for row in await queries.keys_of(resources.db, actor.id)]:
        raise NotFound(_("There is no such passkey."))
    await reassure(resources, caller, actor, password)
    entry = entry_of("passkey.removed", caller, actor, passkey=id)
    outcome = await resources.db.write(ways.forget, "passkey", actor.id, id, entry, now_ms())
    if outcome == "unknown":
        raise NotFound(_("There is no such passkey."))
    if outcome == "last":
        raise Conflict(_("Nothing else opens your account. Add another passkey first."), code="last_way_in")


def refuse_shut(user: Row) -> None:
    """Raise NotAllowed for an account that is disabled or declined, NotSignedIn for one that was deleted."""
    if user["status"] == "deleted":
        raise NotSignedIn(_("There is no such account."))
    if user["status"] == "disabled":
        raise NotAllowed(disabled_sentence(user["status_reason"]), code="disabled")
    if user["status"] == "rejected":
        raise NotAllowed(declined_sentence(user["status_reason"]), code="rejected")
