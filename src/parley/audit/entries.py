"""One act and the hash that chains it to the one before. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

BEGINNING = "0" * 64  # what the first entry is chained to
SHORTENED = (
    "audit.shortened"  # the act of retention: `after` holds the number and hash of the last one removed
)
LONGEST_VALUE = 2_000  # characters of one value in before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody did. Values of `before` and `after` are names and figures, never secrets."""

    act: str  # "user.disabled", "setting.changed", "login.failed"
    subject: str = ""
    actor: int | None = None
    actor_name: str = ""
    address: str = ""
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is stored."""

    seq: int
    at: int
    actor: int | None
    actor_name: str
    address: str
    act: str
    subject: str
    before: str
    after: str


def link_of(entry: Entry, seq: int, now: int) -> Link:
    """`entry` as row `seq`; what is longer than its column is cut."""
    return Link(
        seq,
        now,
        entry.actor,
        entry.actor_name[:40],
        entry.address[:45],
        entry.act[:64],
        entry.subject.replace("\0", "")[:120],
        _json(entry.before),
        _json(entry.after),
    )


def hash_of(link: Link, before: str) -> str:
    """SHA-256 in hex over the hash `before` it and every column of the row, as one JSON list."""
    columns = [
        before, link.seq, link.at, link.actor, link.actor_name, link.address,
        link.act, link.subject, link.before, link.after,
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(columns)).hexdigest()


def _json(values: Mapping[str, object] | None) -> str:
    if values is None:
        return ""
    short = {key: _short(value) for key, value in values.items()}
    return msgspec.json.encode(short, order="deterministic").decode()


def _short(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = value.replace("\0", "")
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
