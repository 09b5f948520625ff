"""Credentials at rest: AES-256-GCM, bound to the place where they are stored.

A sealed value is `v1:kid:nonce:ciphertext` (the last two in URL-safe base64). The place (table,
row, column) is authenticated with it, so a value copied to another row does not open there.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parley.lib.errors import AppError
from parley.lib.keys import derive_key

NONCE_BYTES = 12  # 96 random bits, as NIST SP 800-38D wants them


class KeyUnreadable(AppError):
    """A stored credential cannot be opened: another secret key, or a damaged or moved value."""

    status = 409
    code = "key_unreadable"

    def __init__(self) -> None:
        super().__init__("The stored key cannot be read. Enter it again.")


class SecretBox:
    """Seals with a key derived from `secret`; opens with that one or one of `older`."""

    def __init__(self, secret: bytes, older: Sequence[bytes] = ()) -> None:
        keys = [_derive(each) for each in (secret, *older)]
        self._kid = keys[0][0]
        self._ciphers = {kid: AESGCM(key) for kid, key in reversed(keys)}

    def seal(self, clear: str, *, table: str, row: int, column: str) -> str:
        """`clear` as it may be stored at that place, and only there."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._kid].encrypt(nonce, clear.encode(), _place(table, row, column))
        return ":".join(("v1", self._kid, _text(nonce), _text(sealed)))

    def unseal(self, sealed: str, *, table: str, row: int, column: str) -> str:
        """What was sealed for that place; raises KeyUnreadable."""
        try:
            version, kid, nonce, ciphertext = sealed.split(":")
            if version != "v1":
                raise KeyUnreadable
            clear = self._ciphers[kid].decrypt(_bytes(nonce), _bytes(ciphertext), _place(table, row, column))
            return clear.decode()
        except (ValueError, KeyError, InvalidTag):
            raise KeyUnreadable from None


def _derive(secret: bytes) -> tuple[str, bytes]:
    """Key id and key. The id is derived too, so that it says nothing about the key."""
    return derive_key(secret, "secretbox key id v1")[:4].hex(), derive_key(secret, "secretbox v1")


def _place(table: str, row: int, column: str) -> bytes:
    return f"{table}/{row}/{column}".encode()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode())
