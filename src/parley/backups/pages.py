"""What the templates of backups receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.pages import Proof
from parley.backups.shelf import Kept, Progress
from parley.chat.presenting import moment
from parley.web.i18n import _
from parley.web.render import Page


@dataclass(frozen=True, slots=True)
class Row:
    """One backup."""

    name: str
    size: str
    iso: str
    at: str
    scheduled: bool
    sealed: bool
    good: bool | None  # None: not opened yet
    checked: str
    checked_iso: str = ""  # when it was opened; "" where `checked` is no moment

    @classmethod
    def of(cls, kept: Kept) -> Row:
        """A backup as the list shows it."""
        when, note = moment(kept.made_at), kept.note
        opened = moment(note.checkedAt) if note and not note.fault else None
        checked = opened.text if opened else note.fault if note else _("Not opened yet")
        return cls(
            kept.name, size_text(kept.size), when.iso, when.text, kept.scheduled,
            bool(note and note.sealed), None if note is None else not note.fault, checked,
            opened.iso if opened else "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFragment(Page):
    """The backups there are; while one is being made, the list asks for itself again."""

    template: ClassVar[str] = "backups/_shelf.html"
    rows: list[Row]
    running: bool
    percent: int = 0
    fault: str = ""
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupsPage(ShelfFragment):
    """`/admin/backups`."""

    template: ClassVar[str] = "backups/index.html"
    every_hours: int = 0
    keep: int = 0
    seals: bool = False  # scheduled ones hold the key
    outside: bool = False  # attached files are in a bucket
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePage(Page):
    """`/setup/restore`: a backup instead of a new account. `restarting`: it is put in place now."""

    template: ClassVar[str] = "backups/restore.html"
    error: str = ""
    restarting: bool = False


def percent_of(progress: Progress | None) -> int:
    """How much is written; opening it again is the rest."""
    return 0 if progress is None or not progress.all else min(99, 100 * progress.done // progress.all)


def size_text(size: int) -> str:
    """Bytes in the unit people read."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB")):
        if size >= 1000**power:
            return f"{size / 1000**power:,.1f} {unit}"
    return f"{-(-size // 1000)} kB"
