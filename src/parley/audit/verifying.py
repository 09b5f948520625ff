"""Whether the audit log is as it was written: its numbers without holes, each hash over the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from parley.audit.entries import BEGINNING, SHORTENED, hash_of
from parley.audit.queries import Beginning, Stored, all_stored, beginning, head
from parley.lib.db import Database


@dataclass(slots=True)
class Chain:
    """The chain as far as it was followed."""

    seq: int = 0
    hash: str = BEGINNING
    removed: str = ""  # what the last removal says about itself, JSON

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
            if each.link.act == SHORTENED:
                self.removed = each.link.after
        return ""

    def broken_beginning(self, begins: Beginning) -> str:
        """Whether the log begins where its last removal says; in words, or ""."""
        said = msgspec.json.decode(self.removed) if self.removed else {"through": 0, "hash": BEGINNING}
        if (said.get("through"), said.get("hash")) == (begins.seq, begins.hash):
            return ""
        return f"entry {begins.seq + 1} is the first, and no entry says that the ones before it were removed"

    def broken_end(self, seq: int, hash: str) -> str:
        """Whether the chain ends where its head says; in words, or ""."""
        if seq > self.seq:
            return f"entry {self.seq + 1} is missing"
        if seq < self.seq:
            return f"entry {seq + 1} was added past the end"
        return "" if hash == self.hash else f"the end of the chain does not fit entry {seq}"


async def verify(db: Database) -> tuple[int, str]:
    """How many entries are as they were written, and what is wrong after them ("" for nothing).

    Begins behind what retention removed. Reads in batches; entries that are added meanwhile are of no
    interest, and when some are removed meanwhile it begins again. Whoever can write the whole database can
    also write a new chain: keep an export elsewhere to compare.
    """
    while True:
        begins = await beginning(db)
        last, fault = await _follow(db, begins)
        if await beginning(db) == begins:
            return last - begins.seq, fault


async def _follow(db: Database, begins: Beginning) -> tuple[int, str]:
    seq, hash = await head(db)
    chain = Chain(begins.seq, begins.hash)
    async for batch in all_stored(db):
        if fault := chain.broken_by(each for each in batch if each.link.seq <= seq):
            return chain.seq, fault
        beyond = [each for each in batch if each.link.seq > seq]
        if beyond:
            return chain.seq, chain.broken_beginning(begins) or await _end(db, chain, seq, hash)
    return chain.seq, chain.broken_end(seq, hash) or chain.broken_beginning(begins)


async def _end(db: Database, chain: Chain, seq: int, hash: str) -> str:
    """Entries past the end are honest when the head has moved on since, and a forgery else."""
    if fault := chain.broken_end(seq, hash):
        return fault
    now_seq, _hash = await head(db)
    return "" if now_seq > seq else f"entry {seq + 1} was added past the end"
