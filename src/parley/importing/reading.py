"""An uploaded file -> its conversations, one at a time. Blocking: call in a thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parley.importing.container import Container, Refused
from parley.importing.elements import Broken, elements
from parley.importing.neutral import Conversation, Unreadable, line
from parley.importing.normalising import Tree, normalised
from parley.importing.sources import SOURCES, Source
from parley.sharing.document import ACCOUNT, MANIFEST
from parley.web.i18n import N_

MOST_CONVERSATIONS = 200_000
MOST_LOOSE_FILES = 5_000  # JSON files of a ZIP that is no known archive

TOO_MANY = N_("This export has more than 200,000 chats. The first 200,000 were read.")
NOTHING_KNOWN = N_(
    "No chats were found. Bring an export of ChatGPT, Claude, Open WebUI or Parley as it was downloaded."
)
CUT_OFF = N_("The file ends in the middle or is damaged. What came before that is here.")

_LISTS = re.compile(r"conversations(?:-(\d{1,6}))?\.json", re.IGNORECASE)
_SINGLE = re.compile(r"(?:.*/)?conversations/[^/]{1,200}\.json")


class Reading:
    """One file while it is read. Use as a context manager; `source` is known after the first conversation."""

    def __init__(self, path: Path) -> None:
        self._container = Container(path)
        self._steps: Iterator[dict[str, Any] | Unreadable]
        self._closed = False
        self._account = ""  # the entry that tells of the account
        self._mixed = False  # a ZIP of loose files, of which many will be something else
        self.source = ""
        self.error = ""  # an English sentence of ours, once the end was reached
        self.looked_at = 0

    def __enter__(self) -> Reading:
        """Open it; raises Refused."""
        self._container.__enter__()
        self._account = _account_of(self._container.names)
        names: list[str] = []
        if self._account and not any(map(_SINGLE.fullmatch, self._container.names)):
            self.source = "parley"  # of somebody without chats
        else:
            names, self._mixed = _entries(self._container.names)
        self._container.announce(names)
        self._steps = self._all(names)
        return self

    def __exit__(self, *_error: object) -> None:
        self._closed = True  # another thread may be passing over gigabytes
        self._container.__exit__()

    @property
    def percent(self) -> int:
        """How far it is."""
        return self._container.percent

    def skip(self, number: int, source: str) -> None:
        """Pass over what was looked at before, when it turned out to be from `source`."""
        self.source = source or self.source
        while not self._closed and self.looked_at < number and next(self._steps, None) is not None:
            self.looked_at += 1

    def next(self) -> tuple[Conversation, Tree] | Unreadable | None:
        """The next conversation in the form in which it is stored, why it cannot be, or None at the end."""
        for element in self._steps:
            self.looked_at += 1
            if isinstance(element, Unreadable):
                return element
            source = next((each for each in SOURCES if each.recognises(element)), None)
            if source is not None:
                self.source = self.source or source.name
                return self._read(source, element)
            if self.source and not self._mixed:
                return Unreadable("unknown", _title(element))
        if not self.source:
            self.error = self.error or NOTHING_KNOWN
        return None

    def account(self) -> dict[str, Any] | None:
        """What lies beside the conversations in Parley's archive of everything; None in all other files."""
        if self.source != "parley" or not self._account:
            return None
        try:
            with self._container.stream(self._account) as stream:
                found = next(elements(stream), None)
        except Broken:
            self.error = self.error or CUT_OFF
            return None
        return found if isinstance(found, dict) else None

    def _read(self, source: Source, element: dict[str, Any]) -> tuple[Conversation, Tree] | Unreadable:
        try:
            conversation = source.read(element, self._container)
            return conversation, normalised(conversation)
        except Unreadable as reason:
            return reason
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError, OverflowError):
            return Unreadable("damaged", _title(element))

    def _all(self, names: list[str]) -> Iterator[dict[str, Any] | Unreadable]:
        given = 0
        for name in names:
            try:
                with self._container.stream(name) as stream:
                    for element in elements(stream):
                        if given == MOST_CONVERSATIONS:
                            self.error = TOO_MANY
                            return
                        given += 1
                        yield element
            except Broken:
                self.error = CUT_OFF


def _entries(names: list[str]) -> tuple[list[str], bool]:
    """The entries that hold conversations, in the order of their numbers, and whether this is a guess.

    Raises Refused for none.
    """
    if names == [""]:
        return names, False
    lists = [(int(found[1] or 0), name) for name in names if (found := _LISTS.fullmatch(_base(name)))]
    if lists:
        return [name for _number, name in sorted(lists)], False
    if single := sorted(name for name in names if _SINGLE.fullmatch(name)):
        return single, False
    loose = sorted(name for name in names if name.lower().endswith(".json"))[:MOST_LOOSE_FILES]
    if not loose:
        raise Refused(NOTHING_KNOWN)
    return loose, True


def _account_of(names: list[str]) -> str:
    """The account of an archive that is complete: its manifest is its last entry."""
    known = set(names)
    found = [name for name in names if _base(name) == ACCOUNT]
    return next((name for name in found if name.removesuffix(ACCOUNT) + MANIFEST in known), "")


def _title(element: dict[str, Any]) -> str:
    return line(element.get("title") or element.get("name"))


def _base(name: str) -> str:
    return name.rpartition("/")[2]
