"""The file in which connections travel from one installation to another. Pure.

JSON: `{"format": "parley-connections", "version": 1, "exportedAt": "…", "connections": […]}`. A connection
is as on the wire, without its keys and the values of its headers. With a passphrase each carries them as
`sealed` (nonce and AES-256-GCM ciphertext in base64), bound to its provider, address and name: a file whose
address was changed does not give the key away. `seal` says how the passphrase became the key: scrypt
(RFC 7914) with its parameters and salt.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta

from parley.connections.fields import clean_models
from parley.lib.errors import Invalid
from parley.lib.nesting import is_too_deep
from parley.web.i18n import _

FORMAT = "parley-connections"
VERSION = 1
MAX_BYTES = 2_000_000
MAX_CONNECTIONS = 500
MAX_OVERRIDES = 8000  # characters of JSON about one model
SHORTEST_PASSPHRASE = 8
LONGEST_PASSPHRASE = 200
SALT_BYTES = 16
NONCE_BYTES = 12
COST = 2**16  # of scrypt: 64 MB and about 0.2 s


CREATED, UPDATED, SKIPPED = "created", "updated", "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one connection of a file; `why` is a sentence."""

    name: str
    result: str  # created, updated or skipped
    why: str = ""
    id: int | None = None


class Sealing(msgspec.Struct, frozen=True, kw_only=True):
    """How a passphrase becomes a key. The bounds keep a file from costing more than it should."""

    kdf: Annotated[str, Meta(pattern="^scrypt$")] = "scrypt"
    n: Annotated[int, Meta(ge=2**14, le=2**17)] = COST
    r: Annotated[int, Meta(ge=8, le=8)] = 8
    p: Annotated[int, Meta(ge=1, le=2)] = 1
    salt: Annotated[str, Meta(min_length=16, max_length=100)]


class CarriedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its value."""

    label: str = ""
    enabled: bool = True


class CarriedSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed: the keys in their order, and the values of the headers."""

    keys: list[str] = []
    headers: dict[str, str] = {}


class Carried(msgspec.Struct, kw_only=True):
    """One connection in the file."""

    provider: str
    name: str = ""
    baseUrl: str = ""
    id: int = 0  # in the installation it comes from; models are named by it
    enabled: bool = True
    models: list[str] = []
    options: dict[str, Any] = {}
    prefix: str = ""
    tags: list[str] = []
    defaults: dict[str, Any] = {}
    keys: list[CarriedKey] = []
    overrides: dict[str, dict[str, Any]] = {}  # by the upstream's model ids; opaque here
    sealed: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells a connection from others, here and there."""
        return self.provider, self.baseUrl, self.name


class Parcel(msgspec.Struct, kw_only=True):
    """The whole file."""

    format: str = FORMAT
    version: int = VERSION
    exportedAt: str = ""
    seal: Sealing | None = None
    connections: list[Carried] = []


def new_sealing() -> Sealing:
    """The parameters of today with a fresh salt."""
    return Sealing(salt=b64encode(os.urandom(SALT_BYTES)).decode())


def checked_passphrase(passphrase: str) -> str:
    """The passphrase; raises Invalid for one that is too short to protect anything."""
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        text = _("A passphrase has at least %(n)s characters.", n=SHORTEST_PASSPHRASE)
        raise Invalid(text, fields={"passphrase": text})
    return passphrase


def key_from(passphrase: str, sealing: Sealing) -> bytes:
    """The key of a passphrase; takes a good fraction of a second, so call it in a thread. Raises Invalid."""
    try:
        salt = b64decode(sealing.salt, validate=True)
        return Scrypt(salt=salt, length=32, n=sealing.n, r=sealing.r, p=sealing.p).derive(passphrase.encode())
    except ValueError:
        raise _damaged() from None


def seal(secrets: CarriedSecrets, carried: Carried, key: bytes) -> str:
    """The secrets of a connection as they stand in the file."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, msgspec.json.encode(secrets), _bound(carried))
    return b64encode(nonce + sealed).decode()


def opened(carried: Carried, key: bytes) -> CarriedSecrets:
    """What was sealed for this connection; raises Invalid for another passphrase or a changed file."""
    try:
        raw = b64decode(carried.sealed, validate=True)
        clear = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(carried))
        return msgspec.json.decode(clear, type=CarriedSecrets)
    except (InvalidTag, ValueError):
        text = _("The passphrase is not the one of this file, or the file was changed.")
        raise Invalid(text, fields={"passphrase": text}, code="wrong_passphrase") from None


def read(text: str | bytes) -> Parcel:
    """The file; raises Invalid that says what it is instead."""
    if len(text) > MAX_BYTES:
        raise _refused(_("At most %(n)s MB.", n=MAX_BYTES // 1_000_000))
    try:
        loose = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _refused(_("This is not a file of connections: it is no JSON.")) from None
    if not isinstance(loose, dict) or loose.get("format") != FORMAT:
        raise _refused(_("This is not a file of connections: it does not say “%(format)s”.", format=FORMAT))
    if loose.get("version") != VERSION:
        raise _refused(
            _(
                "This file is of version %(version)s; this Parley reads version %(known)s.",
                version=str(loose.get("version"))[:20],
                known=VERSION,
            )
        )
    try:
        parcel = msgspec.convert(loose, Parcel)
    except msgspec.ValidationError as error:
        raise _refused(_("The file is damaged: %(why)s", why=str(error)[:300])) from None
    if len(parcel.connections) > MAX_CONNECTIONS:
        raise _refused(_("At most %(n)s connections.", n=MAX_CONNECTIONS))
    return parcel


def write(parcel: Parcel) -> bytes:
    """The file, laid out for people to read."""
    return msgspec.json.format(msgspec.json.encode(parcel), indent=2)


def renamed(overrides: Mapping[str, Any], ids: Mapping[int, int]) -> dict[str, Any]:
    """`overrides` of one model with the fallbacks they name by another installation's ids named by ours.

    A fallback whose connection did not travel is left out.
    """
    fallbacks = overrides.get("fallbacks")
    if not isinstance(fallbacks, list):
        return dict(overrides)
    ours = []
    for public_id in fallbacks:
        connection, colon, raw_id = str(public_id).partition(":")
        if not colon:  # the demo
            ours.append(str(public_id))
        elif connection.isascii() and connection.isdigit() and int(connection) in ids:
            ours.append(f"{ids[int(connection)]}:{raw_id}")
    return {**overrides, "fallbacks": ours}


def check_overrides(carried: Carried) -> None:
    """Raises Invalid for what cannot be stored; what it means is the catalogue's affair."""
    clean_models(list(carried.overrides))
    said = carried.overrides.values()
    if any(is_too_deep(each) or len(msgspec.json.encode(each)) > MAX_OVERRIDES for each in said):
        raise _refused(_("The file is damaged: %(why)s", why="overrides"))


def _bound(carried: Carried) -> bytes:
    """What a sealed value belongs to."""
    return FORMAT.encode() + b"\0" + msgspec.json.encode(carried.identity)


def _damaged() -> Invalid:
    return _refused(_("The file is damaged: %(why)s", why="seal"))


def _refused(text: str) -> Invalid:
    return Invalid(text, fields={"file": text}, code="not_a_file_of_connections")
