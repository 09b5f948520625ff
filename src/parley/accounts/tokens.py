"""Secrets of login sessions, and the JWT that carries one to programs. Pure: time comes in as seconds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from parley.lib.keys import derive_key

ALGORITHM = "HS256"
ISSUER = "parley"
AUDIENCE = "parley-api"
LEEWAY_S = 30
MAX_LIFE_S = 86_400


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says."""

    user: int
    ver: int
    session_secret: str


@dataclass(frozen=True, slots=True)
class Keyring:
    """Signing keys by id: the current one signs, all verify."""

    current: str
    keys: dict[str, bytes]

    @classmethod
    def of(cls, secret: bytes, *earlier: bytes) -> Keyring:
        """Keys derived from the installation's secret; `earlier` secrets still verify during a rotation."""
        derived = [derive_key(each, "jwt") for each in (secret, *earlier)]
        keys = {hashlib.sha256(key).hexdigest()[:12]: key for key in derived}
        return cls(current=next(iter(keys)), keys=keys)


def new_secret() -> str:
    """256 random bits: what a login cookie holds."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """How a secret is stored. Plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(ring: Keyring, claims: Claims, *, now_s: int, life_s: int = MAX_LIFE_S) -> str:
    """A JWT (RFC 7519) for `claims`, valid from now for `life_s` seconds."""
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(claims.user),
        "ver": claims.ver,
        "sid": claims.session_secret,
        "iat": now_s,
        "exp": now_s + life_s,
    }
    return jwt.encode(payload, ring.keys[ring.current], algorithm=ALGORITHM, headers={"kid": ring.current})


def verify(ring: Keyring, token: str, *, now_s: int) -> Claims | None:
    """The claims of a genuine, current token; None for everything else, whatever is wrong with it.

    The algorithm is ours and not the token's; `kid` only selects from the ring; a life longer than we give
    out is refused even when the signature is right.
    """
    try:
        key = ring.keys.get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            return None
        payload = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={
                "require": ["exp", "iat", "aud", "iss", "sub", "ver", "sid"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None
    return _claims(payload) if _is_current(payload, now_s) else None


def _is_current(payload: dict[str, Any], now_s: int) -> bool:
    times = [payload["iat"], payload["exp"], payload.get("nbf", payload["iat"])]
    if not all(isinstance(each, int) for each in times):
        return False
    issued, expires, begins = times
    began = max(issued, begins) <= now_s + LEEWAY_S
    return bool(began and now_s - LEEWAY_S < expires and 0 < expires - issued <= MAX_LIFE_S)


def _claims(payload: dict[str, Any]) -> Claims | None:
    user, ver, secret = payload["sub"], payload["ver"], payload["sid"]
    if not (isinstance(user, str) and user.isascii() and user.isdecimal() and isinstance(ver, int)):
        return None
    return Claims(int(user), ver, secret) if isinstance(secret, str) and secret else None
