"""The verbs of signing in at the provider: set out, come back, find or make the account, link, unlink."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import structlog

from parley.accounts import ways
from parley.accounts.actor import Actor
from parley.accounts.oidc import provider, queries, scripts, tokens
from parley.accounts.oidc.provider import Grant
from parley.accounts.oidc.scripts import Arrival
from parley.accounts.oidc.terms import Terms, claim_at, names_like, username_from
from parley.accounts.oidc.tokens import BadToken, Expected
from parley.accounts.passkeys.service import refuse_shut
from parley.accounts.queries import has_admin
from parley.accounts.reassuring import reassure
from parley.accounts.registering.scripts import SHUT
from parley.accounts.revocation import announce
from parley.accounts.service import Caller
from parley.accounts.twofactor.service import entry_of
from parley.audit.entries import Entry
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from parley.settings.entering import CLOSED, MODE
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

SECRET_PLACE = {"table": "oidc_secret", "column": "sealed"}

log = structlog.get_logger("accounts.oidc")


class Trip(msgspec.Struct, frozen=True):
    """One way to the provider and back; all of it stays here but the state, the nonce and a hash."""

    errand: str  # "sign-in", "again" (who is in shows that it is still them), "link" or "test"
    issuer: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    target: str = ""
    left: bool = False  # a visitor who does not take along what they have
    invitation: str = ""  # the hash of the token they were invited with


@dataclass(frozen=True, slots=True)
class Back:
    """What the provider sends the browser back with."""

    code: str = ""
    state: str = ""
    error: str = ""
    iss: str = ""


async def terms_of(resources: Resources) -> Terms:
    """What is agreed with the provider now."""
    return Terms.of(await load(resources.db))


def button(terms: Terms) -> str:
    """What the button says that leads to the provider; "" where nobody signs in at one."""
    return (terms.label or _("Sign in with your organisation")) if terms.is_set else ""


async def set_out(resources: Resources, errand: str, redirect_uri: str, target: str = "") -> tuple[Trip, str]:
    """A trip and the provider's address to send the browser to; raises NotFound, ProviderFailed."""
    terms = await terms_of(resources)
    if not terms.is_set:
        raise NotFound(_("Nobody signs in at a provider here."))
    metadata = await provider.discover(resources.http, terms.issuer)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    trip = Trip(errand, terms.issuer, state, nonce, verifier, redirect_uri, target)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": terms.client_id,
        "redirect_uri": redirect_uri,
        "scope": terms.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if errand == "again":
        # Core section 3.1.2.1: the provider should ask for the proof again, whoever is signed in there.
        asked["prompt"] = "login"
    end = metadata.authorization_endpoint
    return trip, f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"


async def come_back(resources: Resources, trip: Trip | None, back: Back) -> dict[str, Any]:
    """The checked claims of whoever comes back from `trip`; raises NotSignedIn, ProviderFailed."""
    terms = await terms_of(resources)
    again = NotSignedIn(_("This sign-in is over or began in another browser. Try again."), code="begin_again")
    if trip is None or not hmac.compare_digest(trip.state.encode(), back.state.encode()):
        raise again
    if trip.issuer != terms.issuer:
        raise again
    if back.error or not back.code:
        raise NotSignedIn(_("The sign-in provider did not let you in."), code="provider_refused")
    metadata = await provider.discover(resources.http, terms.issuer)
    if back.iss and back.iss != metadata.issuer:  # RFC 9207: the answer of another provider
        raise again
    grant = Grant(back.code, trip.verifier, trip.redirect_uri)
    secret = await client_secret(resources, terms)
    token, access = await provider.exchange(resources.http, terms, secret, grant)
    try:
        expected = Expected(metadata.issuer, terms.client_id, trip.nonce)
        keys = await provider.keys(resources.http, terms.issuer, tokens.key_id(token))
        claims = tokens.checked(token, keys, expected, now_ms() // 1000)
    except BadToken as error:
        log.warning("token_refused", why=str(error))
        sentence = _("The sign-in provider sent a proof that cannot be trusted: %(why)s.", why=str(error))
        raise NotSignedIn(sentence, code="bad_token") from error
    return await _completed(resources, terms, claims, access)


async def account_for(
    resources: Resources, caller: Caller, claims: dict[str, Any], invitation: str = ""
) -> Row:
    """The account of somebody the provider knows: active or pending, made now where that is wanted.

    The hash of an `invitation` lets somebody new in at once. Raises NotAllowed: of another domain, without an
    account, with an invitation that cannot be used, disabled or declined.
    """
    terms = await terms_of(resources)
    if not terms.allows(claims):
        raise NotAllowed(_("Your e-mail address is not of a domain that may sign in here."), code="domain")
    known = await queries.identity(resources.db, claims["iss"], claims["sub"])
    user = (
        await _known(resources, caller, known, terms.role(claims))
        if known
        else await _new(resources, caller, terms, claims, invitation)
    )
    refuse_shut(user)
    return user


async def owner_of(resources: Resources, claims: dict[str, Any]) -> int | None:
    """Whose account this identity opens; None for one nobody has."""
    known = await queries.identity(resources.db, claims["iss"], claims["sub"])
    return known["owner"] if known else None


async def refuse_password(resources: Resources, user: Row) -> None:
    """Where people sign in at the provider a password lets administrators in, for the day that one is down.

    Raises NotAllowed for everybody else; after the password was right, so that it tells nothing.
    """
    breaks_glass = user["role"] == "admin" and user["status"] == "active"
    if not breaks_glass and not (await terms_of(resources)).passwords:
        raise NotAllowed(
            _("Passwords are turned off here. Use the button of your organisation."), code="use_provider"
        )


async def link(resources: Resources, caller: Caller, actor: Actor, claims: dict[str, Any]) -> None:
    """Let the actor sign in with this identity; raises NotAllowed (domain), Conflict (another account's)."""
    if not (await terms_of(resources)).allows(claims):
        raise NotAllowed(_("Your e-mail address is not of a domain that may sign in here."), code="domain")
    identity = (claims["iss"], claims["sub"], shown_name(claims))
    entry = entry_of("oidc.linked", caller, actor, issuer=claims["iss"], name=identity[2])
    if await resources.db.write(scripts.link, actor.id, identity, entry, now_ms()) == "taken":
        raise Conflict(_("Another account signs in with this identity."), code="identity_taken")


async def unlink(resources: Resources, caller: Caller, actor: Actor, id: int, password: str) -> None:
    """Take an identity away, once it was asked who is there.

    Raises NotFound for anybody else's, Conflict for the last way in, and what `reassure` raises.
    """
    if id not in [row["id"] for row in await queries.identities(resources.db, actor.id)]:
        raise NotFound(_("There is no such identity."))
    await reassure(resources, caller, actor, password)
    entry = entry_of("oidc.unlinked", caller, actor, identity=id)
    outcome = await resources.db.write(ways.forget, "oidc_identity", actor.id, id, entry, now_ms())
    if outcome == "unknown":
        raise NotFound(_("There is no such identity."))
    if outcome == "last":
        raise Conflict(_("Nothing else opens your account. Add a passkey first."), code="last_way_in")


async def client_secret(resources: Resources, terms: Terms) -> str:
    """The secret that was entered for this issuer, "" without one; raises KeyUnreadable."""
    row = await queries.stored_secret(resources.db)
    if row is None or row["issuer"] != terms.issuer:
        return ""
    return resources.box.unseal(row["sealed"], row=1, **SECRET_PLACE)


async def has_secret(resources: Resources, terms: Terms) -> bool:
    """Whether a client secret was entered for this issuer."""
    row = await queries.stored_secret(resources.db)
    return row is not None and row["issuer"] == terms.issuer


async def keep_secret(resources: Resources, caller: Caller, admin: Actor, clear: str) -> None:
    """Keep the client secret for the issuer as it is set now; "" forgets it."""
    issuer = (await terms_of(resources)).issuer
    sealed = resources.box.seal(clear, row=1, **SECRET_PLACE) if clear else ""
    entry = Entry(
        act="oidc.secret_changed" if clear else "oidc.secret_removed",
        subject=issuer,
        actor=admin.id,
        actor_name=admin.username,
        address=caller.address,
    )
    await resources.db.write(scripts.store_secret, issuer, sealed, entry, now_ms())


def shown_name(claims: dict[str, Any]) -> str:
    """What the provider calls somebody, for lists."""
    said = next(
        (claims[key] for key in ("email", "preferred_username", "name") if isinstance(claims.get(key), str)),
        claims["sub"],
    )
    return str(said).replace("\0", "")[:120]


async def _completed(
    resources: Resources, terms: Terms, claims: dict[str, Any], access: str
) -> dict[str, Any]:
    """Some providers tell groups and addresses only when asked; what the token says goes first."""
    if all(claim_at(claims, each) is not None for each in terms.wanted_claims()):
        return claims
    more = await provider.further_claims(resources.http, terms, access)
    # Core section 5.3.2: without the same subject the answer is about somebody else.
    return {**more, **claims} if more.get("sub") == claims["sub"] else claims


async def _known(resources: Resources, caller: Caller, identity: Row, role: str) -> Row:
    entry = Entry(act="user.role_followed", subject=f"user {identity['owner']}", address=caller.address)
    before = await resources.db.fetch("SELECT ver FROM user_account WHERE id = ?", identity["owner"])
    user: Row | None = await resources.db.write(scripts.follow_role, identity["id"], role, entry, now_ms())
    if user is None:
        raise NotSignedIn(_("The account has changed just now. Sign in again."))
    if before and before[0]["ver"] != user["ver"]:
        announce(resources, user=user["id"])
    return user


async def _new(
    resources: Resources, caller: Caller, terms: Terms, claims: dict[str, Any], invitation: str
) -> Row:
    shut = terms.accounts == "no" and not invitation
    if shut or not await has_admin(resources.db):  # the first account is the first run's
        raise NotAllowed(
            _("You have no account here. Ask an administrator, or sign in and link this identity."),
            code="no_account",
        )
    if invitation and (await load(resources.db))[MODE] == CLOSED:
        raise NotAllowed(SHUT, code="registration_closed")
    name = username_from(claims, terms.username_claim)
    new = Arrival(
        issuer=claims["iss"],
        subject=claims["sub"],
        shown=shown_name(claims),
        names=tuple(names_like(name, secrets.token_hex(3))),
        role=terms.role(claims) or "user",
        status="active" if terms.accounts == "auto" else "pending",
        address=caller.address,
        invitation=invitation,
    )
    user: Row = await resources.db.write(scripts.settle, new, now_ms())
    log.info("registered", user=user["id"], role=user["role"], status=user["status"], via="provider")
    return user
