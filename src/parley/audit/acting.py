"""Who acts in this request, so that verbs below the doors need not carry it to the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.clock import now_ms
from parley.lib.db import Script

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody signed in, and where they call from; nobody is the system."""

    id: int | None = None
    name: str = ""
    address: str = ""


SYSTEM = Acting()
# A list of one: what a request depends on is found out in tasks of their own, which share the list only.
_acting: ContextVar[list[Acting] | None] = ContextVar("acting", default=None)


def acting_middleware(app: ASGIApp) -> ASGIApp:
    """Each request begins as nobody's."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        _acting.set([SYSTEM])
        await app(scope, receive, send)

    return answer


def act_as(acting: Acting) -> None:
    """Every act noted from here on in this request (or task) is theirs."""
    whose = _acting.get()
    if whose is None:
        _acting.set([acting])
    else:
        whose[0] = acting


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
    who = (_acting.get() or [SYSTEM])[0]
    return Entry(
        act=act, subject=subject, actor=who.id, actor_name=who.name, address=who.address,
        before=before, after=after,
    )  # fmt: skip


def noted(script: Callable[P, Script[T]], note: Callable[[T], Entry | None]) -> Callable[P, Script[T]]:
    """`script` that ends by recording what `note` makes of its result; None records nothing.

    Make the entry with `act_of` before: `note` may run in another thread, where nobody acts.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> Script[T]:
        result = yield from script(*args, **kwargs)
        if (entry := note(result)) is not None:
            yield from record(entry, now_ms())
        return result

    return run
