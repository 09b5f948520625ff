"""The verb of registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from parley.accounts.names import checked_credentials, username_key
from parley.accounts.oidc.terms import Terms
from parley.accounts.queries import has_admin
from parley.accounts.registering import scripts
from parley.accounts.registering.scripts import Admission
from parley.accounts.scripts import NewUser
from parley.accounts.service import Caller, NameTaken, area_of, claim_tries
from parley.accounts.tokens import secret_hash
from parley.lib.clock import now_ms
from parley.lib.db import Row, is_refused
from parley.lib.errors import NotAllowed
from parley.lib.passwords import PASSWORDS
from parley.settings.catalogue import Values
from parley.settings.entering import CLOSED, MODE, USERNAME
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger("accounts")


async def register(
    resources: Resources,
    caller: Caller,
    *,
    username: str,
    password: str,
    language: str = "",
    invitation: str = "",
    visitor: int = 0,
) -> Row:
    """The new account, by the rules of the site; `visitor` is the one who becomes it and keeps their things.

    Raises Invalid with fields, NameTaken, NotAllowed (closed, passwords turned off, or no usable invitation),
    TooMany, or Unavailable while too many passwords are hashed.
    """
    values = await load(resources.db)
    if is_shut(values) and await has_admin(resources.db):  # said before a password is thought up
        raise NotAllowed(scripts.SHUT, code="registration_closed")
    shown = checked_credentials(username, password, values[USERNAME])
    await claim_tries(resources, [area_of(caller, "register")])
    new = NewUser(shown, username_key(shown), await PASSWORDS.hash(password), language)
    admission = Admission(
        mode=values[MODE],
        invitation=secret_hash(invitation) if invitation else "",
        visitor=visitor,
        address=caller.address,
    )
    try:
        user = await resources.db.write(scripts.register, new, admission, now_ms())
    except Exception as error:
        if not (visitor and is_refused(error)):
            raise
        user = None  # somebody else took the name while a visitor's row was given it
    if user is None:
        fault = _("This name is taken. Choose another one.")
        raise NameTaken(fault, fields={"username": fault})
    log.info("registered", user=user["id"], role=user["role"], status=user["status"])
    return user


def is_shut(values: Values) -> bool:
    """Whether nobody registers: closed, or a password would open nothing (only the provider does)."""
    return values[MODE] == CLOSED or not Terms.of(values).passwords
