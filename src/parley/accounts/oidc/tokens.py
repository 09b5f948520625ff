"""ID tokens, checked. Pure: keys and time come in.

OpenID Connect Core 1.0 section 3.1.3.7 (https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
and RFC 8725: which algorithms count is our list and not the token's, so neither "none" nor a signature with
a shared secret gets through; only keys the provider publishes now are used.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_S = 60
LONGEST = 50_000  # characters
LONGEST_SUBJECT = 255  # Core section 2

Keys = Mapping[str, Mapping[str, Any]]  # published keys by `kid`, "" for one without


class BadToken(Exception):
    """A token that proves nothing; says why, for logs and the test page."""


class UnknownKey(BadToken):
    """Signed with a key the provider does not publish, or did not when we asked."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str


def key_id(token: str) -> str:
    """Which key a token says it is signed with, "" when it does not say; raises BadToken."""
    return str(_header(token).get("kid") or "")


def checked(token: str, keys: Keys, expected: Expected, now_s: int) -> dict[str, Any]:
    """The claims of a genuine token for us; raises BadToken, UnknownKey."""
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise BadToken(f"algorithm {str(algorithm)[:20]!r} is not allowed")
    key = _key_for(keys, str(header.get("kid") or ""))
    try:
        if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
            raise BadToken("the key is not for such signatures")
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK.from_dict(dict(key), algorithm).key,
            algorithms=[algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise BadToken(str(error) or type(error).__name__) from error
    _check_times(claims, now_s)
    _check_parties(claims, expected)
    return claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise BadToken("the token is too long")
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise BadToken("this is no token") from error


def _key_for(keys: Keys, kid: str) -> Mapping[str, Any]:
    if kid in keys:
        return keys[kid]
    if not kid and len(keys) == 1:  # Core section 10.1: without a kid there must be one key only
        return next(iter(keys.values()))
    raise UnknownKey(f"the provider publishes no key {kid[:40]!r}")


def _check_times(claims: Mapping[str, Any], now_s: int) -> None:
    times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in times):
        raise BadToken("its times are no numbers")
    issued, expires, begins = times
    if expires <= now_s - LEEWAY_S:
        raise BadToken("it has expired")
    if max(issued, begins) > now_s + LEEWAY_S:
        raise BadToken("it is from the future")


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise BadToken("the nonce is not ours")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise BadToken("it was issued to another client")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise BadToken("the subject is none")
