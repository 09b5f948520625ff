"""Codes of an authenticator app and recovery codes. Pure: time comes in as seconds.

TOTP as in RFC 6238 (https://datatracker.ietf.org/doc/html/rfc6238): 6 digits, 30 seconds, SHA-1, which is
what every app understands. The address an app reads from the QR code: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import pyotp
import segno

STEP_S = 30
DRIFT = 1  # steps a clock may be off, either way (RFC 6238 section 5.2)
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS, _GROUP = 4, 4  # 4 groups of 4 from 31 letters: 79 bits, so a plain hash is enough at rest


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def address(secret: str, username: str, site: str) -> str:
    """The otpauth:// address of an account for apps."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=site)


def picture(address: str) -> str:
    """The address as a QR code: a data: URI of an SVG, dark on white in every theme."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")


def step_of(secret: str, code: str, now_s: int) -> int | None:
    """The time step `code` belongs to when it is one of about now; None for every other code."""
    typed = code.replace(" ", "")
    if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
        return None
    app, now = pyotp.TOTP(secret), now_s // STEP_S
    found = None
    for step in range(max(0, now - DRIFT), now + DRIFT + 1):
        if hmac.compare_digest(app.generate_otp(step), typed):
            found = step
    return found


def new_codes() -> list[str]:
    """Ten recovery codes as they are written down."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(CODES)
    ]


def code_hash(owner: int, code: str) -> str:
    """How a recovery code of an account is stored; case, spaces and dashes do not matter."""
    bare = "".join(code.lower().split()).replace("-", "")
    return hashlib.sha256(f"{owner}:{bare}".encode("utf-8", "surrogatepass")).hexdigest()
