"""What the template of the audit log receives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from parley.admin.auditing.words import sentence, subject_words
from parley.audit.entries import Link
from parley.chat.presenting import moment
from parley.web.i18n import _
from parley.web.render import Page


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; None: there was nothing to say."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """One entry."""

    seq: int
    who: str
    what: str
    subject: str
    address: str
    iso: str
    at: str
    changes: list[Change]

    @classmethod
    def of(cls, link: Link) -> Act:
        """An entry as people read it."""
        when = moment(link.at)
        return cls(
            link.seq, link.actor_name or "–", sentence(link.act), subject_words(link.subject), link.address,
            when.iso, when.text, _changes(_values(link.before), _values(link.after)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage(Page):
    """`/admin/audit`; `asked` is what the form holds, `query` the same for the address of older entries."""

    template: ClassVar[str] = "admin/audit.html"
    acts: list[Act]
    choices: list[tuple[str, str]]
    asked: dict[str, str]
    query: str = ""
    older: int = 0
    verdict: str = ""
    broken: bool = False


def choices_of(acts: Iterable[str]) -> list[tuple[str, str]]:
    """What the list of acts offers, by their sentences."""
    return [("", _("Everything")), *sorted(((act, sentence(act)) for act in acts), key=lambda each: each[1])]


def _values(text: str) -> dict[str, str]:
    try:
        loose = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return {"": text}
    return {name: _text(value) for name, value in loose.items()} if isinstance(loose, dict) else {"": text}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _changes(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    names = list(dict.fromkeys((*before, *after)))
    return [Change(name, before.get(name), after.get(name)) for name in names]
