"""Talking to the provider: discovery, its keys, and a code for an ID token.

OpenID Connect Discovery 1.0 (https://openid.net/specs/openid-connect-discovery-1_0.html); RFC 6749 sections
2.3.1 and 4.1.3; PKCE is RFC 7636. All through the one outbound client, as an administrator's connections.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from weakref import WeakKeyDictionary

import msgspec
import structlog

from parley.accounts.oidc.terms import DISCOVERY, Terms
from parley.accounts.oidc.tokens import Keys
from parley.lib.clock import now_ms
from parley.lib.errors import AppError
from parley.lib.http import CONNECTION_ADMIN, HttpClient, HttpError, JsonAnswer
from parley.web.i18n import _

KEEP_MS = 3_600_000  # what was discovered
AGAIN_MS = 60_000  # before keys are asked for again because one is unknown
MOST_KEYS = 50

log = structlog.get_logger("accounts.oidc")


class ProviderFailed(AppError):
    """The provider does not answer, or not as it must."""

    status = 502
    code = "provider_failed"


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says about itself; further members are ignored."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = []


@dataclass(slots=True)
class _Known:
    metadata: Metadata
    found_at: int
    keys: Keys = field(default_factory=dict)
    keys_at: int = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


_known: WeakKeyDictionary[HttpClient, dict[str, _Known]] = WeakKeyDictionary()


async def discover(http: HttpClient, issuer: str) -> Metadata:
    """What the provider says about itself, remembered for an hour; raises ProviderFailed."""
    return (await _found(http, issuer)).metadata


async def keys(http: HttpClient, issuer: str, kid: str) -> Keys:
    """The keys the provider publishes; asked for again when `kid` is none of them, once a minute at most.

    Raises ProviderFailed.
    """
    known = await _found(http, issuer)
    async with known.asking:  # whoever comes while they are on their way waits for them
        missing = kid not in known.keys and not (not kid and known.keys)
        if missing and now_ms() - known.keys_at >= AGAIN_MS:
            known.keys_at = now_ms()  # also when it fails: odd tokens must not make us ask more often
            known.keys = await _published(http, known.metadata)
    return known.keys


async def _published(http: HttpClient, metadata: Metadata) -> Keys:
    answer = await _ask(http, "GET", metadata.jwks_uri)
    listed = answer.data.get("keys") if isinstance(answer.data, dict) else None
    if answer.status != 200 or not isinstance(listed, list):
        raise _failed("keys", answer)
    usable = [each for each in listed[:MOST_KEYS] if isinstance(each, dict)]
    return {str(each.get("kid") or ""): each for each in usable}


@dataclass(frozen=True, slots=True)
class Grant:
    """What is exchanged for tokens."""

    code: str
    verifier: str
    redirect_uri: str


async def exchange(http: HttpClient, terms: Terms, secret: str, grant: Grant) -> tuple[str, str]:
    """The ID token and the access token ("" without one) for a code; raises ProviderFailed."""
    metadata = await discover(http, terms.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": grant.code,
        "redirect_uri": grant.redirect_uri,
        "client_id": terms.client_id,
        "code_verifier": grant.verifier,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    methods = metadata.token_endpoint_auth_methods_supported
    if secret and (not methods or "client_secret_basic" in methods):
        pair = f"{quote(terms.client_id, safe='')}:{quote(secret, safe='')}"
        headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
    elif secret:
        form["client_secret"] = secret
    body = msgspec.Raw(urlencode(form).encode())  # goes out as it is
    answer = await _ask(http, "POST", metadata.token_endpoint, headers=headers, json=body)
    data = answer.data if isinstance(answer.data, dict) else {}
    token, access = data.get("id_token"), data.get("access_token")
    if answer.status != 200 or not isinstance(token, str):
        raise _failed("token", answer)
    return token, access if isinstance(access, str) else ""


async def further_claims(http: HttpClient, terms: Terms, access: str) -> dict[str, Any]:
    """What the provider tells about the person beside the ID token; nothing when it does not."""
    metadata = await discover(http, terms.issuer)
    if not metadata.userinfo_endpoint or not access:
        return {}
    headers = {"authorization": f"Bearer {access}", "accept": "application/json"}
    try:
        answer = await _ask(http, "GET", metadata.userinfo_endpoint, headers=headers)
    except ProviderFailed:
        return {}
    return answer.data if answer.status == 200 and isinstance(answer.data, dict) else {}


async def _found(http: HttpClient, issuer: str) -> _Known:
    providers, now = _known.setdefault(http, {}), now_ms()
    known = providers.get(issuer)
    if known is not None and now - known.found_at < KEEP_MS:
        return known
    answer = await _ask(http, "GET", issuer.rstrip("/") + DISCOVERY)
    try:
        metadata = msgspec.convert(answer.data, Metadata)
    except msgspec.ValidationError:
        raise _failed("discovery", answer) from None
    if answer.status != 200 or metadata.issuer.rstrip("/") != issuer.rstrip("/"):
        raise _failed("discovery", answer)
    ends = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    schemes = {"https"} if issuer.startswith("https:") else {"http", "https"}
    if any(urlsplit(end).scheme not in schemes for end in ends):
        raise _failed("discovery", answer)
    meanwhile = providers.get(issuer)
    if meanwhile is not None and meanwhile is not known:  # somebody else discovered it just now
        return meanwhile
    providers.clear()  # one provider at a time
    providers[issuer] = known = _Known(metadata, now)
    return known


async def _ask(
    http: HttpClient, method: str, url: str, *, headers: Mapping[str, str] | None = None, json: Any = None
) -> JsonAnswer:
    try:
        return await http.json(method, url, headers=headers, json=json, profile=CONNECTION_ADMIN, seconds=10)
    except HttpError as error:
        log.warning("provider_unreachable", host=urlsplit(url).hostname, why=type(error).__name__)
        raise ProviderFailed(_("The sign-in provider cannot be reached. Try again later.")) from error


def _failed(step: str, answer: JsonAnswer) -> ProviderFailed:
    """Only the provider's own error word is passed on: bodies may hold anything."""
    said = answer.data.get("error") if isinstance(answer.data, dict) else None
    word = said if isinstance(said, str) and re.fullmatch(r"[a-z_]{1,40}", said) else str(answer.status)
    log.warning("provider_failed", step=step, answer=word)
    return ProviderFailed(
        _("The sign-in provider did not answer as it should (%(step)s: %(word)s).", step=step, word=word)
    )
