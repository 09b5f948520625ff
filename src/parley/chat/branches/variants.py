"""Which version of a message a page shows, and what stands beside it. One statement for a whole page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.queries import PathMessage
from parley.lib.db import Database


@dataclass(frozen=True, slots=True)
class Variants:
    """The versions of a message: `ids` in the order in which they were made, the shown one among them."""

    shown: int
    parent: int
    ids: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    @property
    def position(self) -> int:
        """Of the shown one, from 1."""
        return self.ids.index(self.shown) + 1

    @property
    def previous(self) -> int | None:
        """The one made before it."""
        at = self.position - 2
        return self.ids[at] if at >= 0 else None

    @property
    def next(self) -> int | None:
        """The one made after it."""
        return self.ids[self.position] if self.position < self.count else None


def alone(message: int) -> Variants:
    """A message that has no other version."""
    return Variants(message, 0, (message,))


async def variants_of(db: Database, path: Sequence[PathMessage]) -> dict[int, Variants]:
    """The versions beside each message of a path."""
    if not path:
        return {}
    parents = [message.parent for message in path if message.parent is not None]
    parts, values = [], [*parents]
    if parents:
        places = ", ".join("?" * len(parents))
        parts.append(
            f"SELECT id, parent FROM message WHERE parent IN ({places}) AND deleted_at IS NULL"  # noqa: S608
        )
    roots = [message.id for message in path if message.parent is None]
    if roots:
        parts.append(
            "SELECT id, parent FROM message WHERE parent IS NULL AND deleted_at IS NULL"
            " AND conversation = (SELECT conversation FROM message WHERE id = ?)"
        )
        values.append(roots[0])
    beneath: dict[int | None, list[int]] = {}
    for row in await db.fetch(" UNION ALL ".join(parts) + " ORDER BY id", *values):
        beneath.setdefault(row["parent"], []).append(row["id"])
    return {message.id: _variants(message, beneath.get(message.parent, ())) for message in path}


def _variants(message: PathMessage, ids: Sequence[int]) -> Variants:
    if message.id not in ids:  # deleted in another tab this very moment
        return alone(message.id)
    return Variants(message.id, message.parent or 0, tuple(ids))
