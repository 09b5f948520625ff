"""Who acts in this request, so that verbs below the doors need not carry it to the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.clock import now_ms
from parley.lib.db import Script

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody signed in, and where they call from; nobody is the system."""

    id: int | None = None
    name: str = ""
    address: str = ""


SYSTEM = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=SYSTEM)


def act_as(acting: Acting) -> None:
    """Every act noted from here on in this request (or task) is theirs."""
    _acting.set(acting)


def act_of(
    act: str,
    subject: str = "",
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Entry:
    """An entry by whoever acts in this request. What is the same before and after is left out."""
    if before is not None and after is not None:
        same = {key for key in before.keys() & after.keys() if before[key] == after[key]}
        before = {key: value for key, value in before.items() if key not in same}
        after = {key: value for key, value in after.items() if key not in same}
    who = _acting.get()
    return Entry(
        act=act, subject=subject, actor=who.id, actor_name=who.name, address=who.address,
        before=before, after=after,
    )  # fmt: skip


def noted(script: Callable[P, Script[T]], note: Callable[[T], Entry | None]) -> Callable[P, Script[T]]:
    """`script` that ends by recording what `note` makes of its result; None records nothing."""

    def run(*args: P.args, **kwargs: P.kwargs) -> Script[T]:
        result = yield from script(*args, **kwargs)
        if (entry := note(result)) is not None:
            yield from record(entry, now_ms())
        return result

    return run
