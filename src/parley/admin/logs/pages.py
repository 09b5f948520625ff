"""What the templates of the system log receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.lib.logfiles import Line
from parley.web.i18n import N_, _
from parley.web.render import Page

LEVELS = (
    ("debug", N_("Everything")),
    ("info", N_("What happens")),
    ("warning", N_("What is odd")),
    ("error", N_("What failed")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRows(Page):
    """Lines as rows of the table, the newest first."""

    template: ClassVar[str] = "admin/_log_rows.html"
    lines: list[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage(Page):
    """`/admin/log`; `query` is the filter for addresses, `older` the moment before which it goes on."""

    template: ClassVar[str] = "admin/log.html"
    lines: list[Line]
    asked: dict[str, str]
    processes: list[tuple[str, str]]
    query: str
    older: str = ""
    live: bool = True

    @property
    def levels(self) -> list[tuple[str, str]]:
        """What the list of levels offers."""
        return [(value, _(label)) for value, label in LEVELS]
