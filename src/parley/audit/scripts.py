"""Transactions about the audit log."""

from __future__ import annotations

from parley.audit.entries import Entry, hash_of, link_of
from parley.lib.db import Script

RARELY_MS = 60_000


def record(entry: Entry, now: int) -> Script[int]:
    """Append one act within the caller's transaction, as its LAST statement; its number.

    The end of the chain is one row that every act of the site waits for: take it late, hold it shortly.
    """
    rows = yield "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash", ()
    link = link_of(entry, int(rows[0]["seq"]), now)
    hash = hash_of(link, rows[0]["hash"])
    yield (
        "INSERT INTO audit_entry (seq, at, actor, actor_name, address, act, subject, before, after, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            link.seq, link.at, link.actor, link.actor_name, link.address,
            link.act, link.subject, link.before, link.after, hash,
        ),
    )  # fmt: skip
    yield "UPDATE audit_head SET hash = ? WHERE id = 1", (hash,)
    return link.seq


def record_rarely(entry: Entry, now: int) -> Script[int | None]:
    """As `record`, at most once a minute for one act, subject and address: attacks must not fill the disk."""
    rows = yield (
        "SELECT at FROM audit_entry WHERE act = ? AND subject = ? AND address = ? ORDER BY seq DESC LIMIT 1",
        (entry.act, entry.subject, entry.address[:45]),
    )
    if rows and now - rows[0]["at"] < RARELY_MS:
        return None
    return (yield from record(entry, now))
