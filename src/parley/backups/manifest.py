"""What a backup says about itself, and the secret key under its passphrase. Pure.

The file is a tar archive (POSIX ustar/pax); its last entry is `manifest.json` with the size and the SHA-256
of every other entry. The secret key is sealed with AES-256-GCM under a key that Argon2id (RFC 9106) makes of
the passphrase, and bound to the rest of the manifest: who opens it knows that nothing was changed.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from typing import Literal

import msgspec
from argon2.exceptions import Argon2Error
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from parley.lib.config import ConfigError
from parley.web.i18n import N_, _

FORMAT = "parley-backup"
VERSION = 1
NAME = "manifest.json"
DATABASES = {"sqlite": "parley.db", "postgres": "parley.dump"}
PIECE_BYTES, OTHER_BYTES = 400, 65_536  # at most, of one piece and of the rest of a manifest
PIECES = re.compile(r"parley\.db|parley\.dump|files/[0-9A-Za-z_-]{2}/[0-9A-Za-z_-][0-9A-Za-z._-]{0,200}")
SHORTEST_PASSPHRASE = 8
SALT_BYTES, NONCE_BYTES = 16, 12
# RFC 9106, section 4, the second recommended option: 64 MiB, three passes, four lanes.
TIME, MEMORY_KIB, LANES = 3, 65_536, 4
MOST_TIME, MOST_MEMORY_KIB, MOST_LANES = 10, 262_144, 16  # a hostile file must not eat the machine

DAMAGED = N_("This backup is damaged or cut off: %(why)s.")
NO_BACKUP = N_("This is no backup of Parley.")
WRONG_PASSPHRASE = N_("The passphrase is not the one of this backup, or the backup was changed.")
NO_PASSPHRASE = N_("The key in this backup is sealed: its passphrase is needed.")
NEWER = N_("This backup was made by a newer Parley (%(version)s). Update first, then restore it.")
SHORT = N_("A passphrase has at least %(n)s characters.")


class Refused(ConfigError):
    """A backup that cannot be made or used; nothing was changed. `told` is the same for the reader."""

    def __init__(self, sentence: str, **values: object) -> None:
        """`sentence` is a message id."""
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values

    @property
    def told(self) -> str:
        """The sentence in the reader's language."""
        return _(self.sentence, **self.values)


class Piece(msgspec.Struct, frozen=True):
    """One entry of the archive."""

    name: str
    size: int
    sha256: str


class Sealed(msgspec.Struct, frozen=True):
    """The secret key under a passphrase; bytes are in base64."""

    salt: str
    time: int
    memory: int  # KiB
    lanes: int
    nonce: str
    text: str


class Manifest(msgspec.Struct, kw_only=True):
    """The last entry of the archive."""

    format: str = FORMAT
    version: int = VERSION
    parley: str
    createdAt: int
    engine: Literal["sqlite", "postgres"]
    schema: list[str]  # the migrations the database has
    filesInside: bool  # False: they are in a bucket of their own
    pieces: list[Piece] = []
    key: Sealed | None = None


def written(manifest: Manifest) -> bytes:
    """The manifest as it stands in the file."""
    return msgspec.json.encode(manifest)


def largest(pieces: int) -> int:
    """How many bytes a manifest of so many entries can have; a longer one is not read."""
    return OTHER_BYTES + PIECE_BYTES * pieces


def read(text: bytes) -> Manifest:
    """The manifest; raises Refused for what is none and for one of a newer format."""
    try:
        loose = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(NO_BACKUP) from None
    if not isinstance(loose, dict) or loose.get("format") != FORMAT:
        raise Refused(NO_BACKUP)
    if loose.get("version") != VERSION:
        raise Refused(NEWER, version=str(loose.get("parley", "?"))[:40])
    try:
        return msgspec.convert(loose, Manifest)
    except msgspec.ValidationError as error:
        raise Refused(DAMAGED, why=str(error)[:200]) from None


def checked_passphrase(passphrase: str) -> str:
    """The passphrase ("" for none); raises Refused for one that is too short to protect anything."""
    if passphrase and len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(SHORT, n=SHORTEST_PASSPHRASE)
    return passphrase


def seal(manifest: Manifest, secret: bytes, passphrase: str) -> Manifest:
    """The manifest with `secret` sealed in it; takes a fraction of a second and 64 MiB."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    key = _key(passphrase, salt, TIME, MEMORY_KIB, LANES)
    text = AESGCM(key).encrypt(nonce, secret, _bound(manifest))
    sealed = Sealed(_text(salt), TIME, MEMORY_KIB, LANES, _text(nonce), _text(text))
    return msgspec.structs.replace(manifest, key=sealed)


def opened(manifest: Manifest, passphrase: str) -> bytes:
    """The secret key, b"" where the backup holds none; raises Refused for another passphrase."""
    sealed = manifest.key
    if sealed is None:
        return b""
    if not passphrase:
        raise Refused(NO_PASSPHRASE)
    if not (
        1 <= sealed.time <= MOST_TIME
        and 8 <= sealed.memory <= MOST_MEMORY_KIB
        and 1 <= sealed.lanes <= MOST_LANES
    ):
        raise Refused(DAMAGED, why="key")
    try:
        key = _key(passphrase, _bytes(sealed.salt), sealed.time, sealed.memory, sealed.lanes)
        return AESGCM(key).decrypt(_bytes(sealed.nonce), _bytes(sealed.text), _bound(manifest))
    except (InvalidTag, ValueError):
        raise Refused(WRONG_PASSPHRASE) from None
    except Argon2Error:  # of figures that do not go together
        raise Refused(DAMAGED, why="key") from None


def _key(passphrase: str, salt: bytes, time: int, memory: int, lanes: int) -> bytes:
    return hash_secret_raw(
        passphrase.encode("utf-8", "surrogatepass"), salt, time, memory, lanes, 32, Type.ID
    )


def _bound(manifest: Manifest) -> bytes:
    return written(msgspec.structs.replace(manifest, key=None))


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text.encode(), validate=True)
