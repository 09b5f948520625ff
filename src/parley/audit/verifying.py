"""Whether the audit log is as it was written: its numbers without holes, each hash over the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parley.audit.entries import BEGINNING, hash_of
from parley.audit.queries import Stored, all_stored, head
from parley.lib.db import Database


@dataclass(slots=True)
class Chain:
    """The chain as far as it was followed."""

    seq: int = 0
    hash: str = BEGINNING

    def broken_by(self, entries: Iterable[Stored]) -> str:
        """Follow `entries`; the first that does not fit in words, or ""."""
        for each in entries:
            wanted = self.seq + 1
            if each.link.seq > wanted:
                return f"entry {wanted} is missing"
            if each.link.seq < wanted:
                return f"entry {each.link.seq} was put in before the beginning"
            if hash_of(each.link, self.hash) != each.hash:
                return f"entry {wanted} was changed, or the one before it"
            self.seq, self.hash = wanted, each.hash
        return ""

    def broken_end(self, seq: int, hash: str) -> str:
        """Whether the chain ends where its head says; in words, or ""."""
        if seq > self.seq:
            return f"entry {self.seq + 1} is missing"
        if seq < self.seq:
            return f"entry {seq + 1} was added past the end"
        return "" if hash == self.hash else f"the end of the chain does not fit entry {seq}"


async def verify(db: Database) -> tuple[int, str]:
    """How many entries are as they were written, and what is wrong after them ("" for nothing).

    Reads in batches; entries that are added meanwhile are of no interest. Whoever can write the whole
    database can also write a new chain: keep an export elsewhere to compare.
    """
    seq, hash = await head(db)
    chain = Chain()
    async for batch in all_stored(db):
        if fault := chain.broken_by(each for each in batch if each.link.seq <= seq):
            return chain.seq, fault
        beyond = [each for each in batch if each.link.seq > seq]
        if beyond:
            return chain.seq, await _end(db, chain, seq, hash)
    return chain.seq, chain.broken_end(seq, hash)


async def _end(db: Database, chain: Chain, seq: int, hash: str) -> str:
    """Entries past the end are honest when the head has moved on since, and a forgery else."""
    if fault := chain.broken_end(seq, hash):
        return fault
    now_seq, _hash = await head(db)
    return "" if now_seq > seq else f"entry {seq + 1} was added past the end"
