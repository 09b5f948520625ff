"""What somebody asks of the usage pages: their addresses' queries, read and written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from urllib.parse import urlencode

from parley.lib.db import LARGEST_ID
from parley.usage.spans import RANGES, Span, span_of

USUAL = 30  # days
LONGEST_MODEL = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """`?days=` or `?from=&to=`, and `?model=`, `?user=`; what makes no sense counts as not given."""

    days: int = USUAL
    first: str = ""
    last: str = ""
    model: str = ""
    user: int = 0  # 0 is everybody

    @property
    def dated(self) -> bool:
        """Whether it names its days."""
        return bool(self.first or self.last)

    def span(self, zone: tzinfo, now: int) -> Span:
        """The days it means there."""
        return span_of(zone, now, days=self.days, first=self.first, last=self.last)

    def of_days(self, days: int) -> Asked:
        """The same for the last `days`."""
        return replace(self, days=days, first="", last="")

    def query(self) -> str:
        """It as the query of an address, "" or with its "?"."""
        values: dict[str, str | int] = {}
        if self.dated:
            values |= {"from": self.first, "to": self.last}
        elif self.days != USUAL:
            values["days"] = self.days
        if self.model:
            values["model"] = self.model
        if self.user:
            values["user"] = self.user
        return f"?{urlencode(values)}" if values else ""


def asked(query: Mapping[str, str]) -> Asked:
    """What the query of an address asks for."""
    days = query.get("days", "")
    model = query.get("model", "")
    return Asked(
        days=int(days) if days in map(str, RANGES) else USUAL,
        first=query.get("from", "")[:10],
        last=query.get("to", "")[:10],
        model=model if len(model) <= LONGEST_MODEL and "\0" not in model else "",
        user=id_of(query.get("user", "")),
    )


def id_of(text: str) -> int:
    """An id, 0 for what is none."""
    id = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return id if id <= LARGEST_ID else 0
