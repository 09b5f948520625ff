"""Transactions about the audit log."""

from __future__ import annotations

from parley.audit.entries import SHORTENED, Entry, hash_of, link_of
from parley.lib.db import Script

RARELY_MS = 60_000
DAY_MS = 86_400_000


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


def shorten(before: int, now: int, limit: int = 5_000) -> Script[int]:
    """Remove the oldest entries, from before a time (ms); how many, at most `limit`.

    The last of them stays as number and hash, so that the chain can be followed from there, and the removal
    is an entry, which vouches for both. What is not a whole batch waits until a day is over since the last.
    """
    # The empty update holds the end of the chain, as every act does.
    rows = yield "UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, first_seq, removed_at", ()
    first, removed_at = int(rows[0]["first_seq"]), rows[0]["removed_at"]
    most = min(first + limit, int(rows[0]["seq"]))
    young = yield "SELECT MIN(seq) AS seq FROM audit_entry WHERE seq <= ? AND at >= ?", (most, before)
    through = most if young[0]["seq"] is None else int(young[0]["seq"]) - 1
    rests = removed_at is not None and now - removed_at < DAY_MS and through - first < limit
    last = yield "SELECT hash FROM audit_entry WHERE seq = ?", (through,)
    if through <= first or rests or not last:
        return 0
    yield "DELETE FROM audit_entry WHERE seq <= ?", (through,)
    yield (
        "UPDATE audit_head SET first_seq = ?, first_hash = ?, removed_at = ? WHERE id = 1",
        (through, last[0]["hash"], now),
    )
    left = {"through": through, "hash": last[0]["hash"]}
    yield from record(Entry(act=SHORTENED, subject=f"entries {first + 1} to {through}", after=left), now)
    return through - first
