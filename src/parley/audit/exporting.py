"""The audit log as a file: CSV (RFC 4180) for people, JSON lines with the hashes for checking."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from datetime import UTC, datetime

import msgspec

from parley.audit.entries import Link
from parley.audit.queries import Stored, all_stored
from parley.lib.db import Database

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


async def json_lines(db: Database) -> AsyncIterator[bytes]:
    """One JSON object a line, every column and the hash; in batches."""
    encode = msgspec.json.encode
    async for batch in all_stored(db):
        yield b"".join(encode({**asdict(each.link), "hash": each.hash}) + b"\n" for each in batch)


async def comma_separated(db: Database) -> AsyncIterator[bytes]:
    """A heading and one line for each entry, times in ISO 8601 (UTC)."""
    names = [each.name for each in fields(Link)]
    yield _csv([[*names, "hash"]])
    async for batch in all_stored(db):
        yield _csv([_cells(each) for each in batch])


def _cells(entry: Stored) -> list[str]:
    values = asdict(entry.link)
    values["at"] = datetime.fromtimestamp(entry.link.at / 1000, UTC).isoformat(timespec="milliseconds")
    cells = ["" if value is None else str(value) for value in (*values.values(), entry.hash)]
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _csv(lines: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()
