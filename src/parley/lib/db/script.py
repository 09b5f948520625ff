"""What a transaction is here: a generator that yields statements and receives their rows.

The same generator runs on both engines. SQLite drives it to its end inside the writer thread, so
a whole transaction is one hop; PostgreSQL awaits each statement. A script therefore cannot await:
no network inside a transaction is a property of its type, not a habit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar, runtime_checkable

from piccolo.engine.base import Engine

Row = dict[str, Any]
LARGEST_ID = 2**63 - 1  # a larger number is no id, and neither engine takes it as a value
T = TypeVar("T")
P = ParamSpec("P")


class Many(NamedTuple):
    """One statement run for each tuple of values."""

    sql: str
    rows: Sequence[Sequence[Any]]


Step = tuple[str, Sequence[Any]] | Many
# Yields (sql with ? placeholders, values) or Many; receives the rows of each; returns a result.
Script = Generator[Step, list[Row], T]


@runtime_checkable
class Database(Protocol):
    """The truth. SQL uses `?` placeholders and what SQLite 3.35 and PostgreSQL 13 both understand."""

    kind: str  # "sqlite" or "postgres"

    @property
    def engine(self) -> Engine[Any]:
        """Piccolo's engine, on the same connections."""

    async def open(self) -> None:
        """Open the connections in the running loop."""

    async def close(self) -> None:
        """Close them; statements under way are finished first."""

    async def write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction and return what the script returns, after its fsync.

        The script may be started again (lock lost, serialisation failure): it must not change
        anything outside the database. Raises `Unavailable` when the lock is not had in 15 s,
        `StorageFull` when the disk is full; nothing is then stored.
        """

    async def write_relaxed(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write` without waiting for fsync: lost on power failure, never on process death."""

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        """Read committed rows with one statement."""


def one(rows: list[Row]) -> Row | None:
    """The first row, or None."""
    return rows[0] if rows else None


# Of sqlite3 and asyncpg, by name: whoever runs on one should not import the other.
_REFUSALS = frozenset({"DataError", "IntegrityError", "IntegrityConstraintViolationError", "InterfaceError"})


def is_refused(error: Exception) -> bool:
    """Whether the database will never take these values, as opposed to being busy, full or away."""
    names = {each.__name__ for each in type(error).__mro__}
    return isinstance(error, ValueError | TypeError | OverflowError) or not names.isdisjoint(_REFUSALS)
