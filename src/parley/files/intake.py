"""Bytes somebody sent -> a file worth keeping: a picture drawn anew, or a document and its text.

Blocking, and a second or more of one core: `taken` runs it in a thread, few at a time.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from parley.files import pictures
from parley.files.documents import read_document
from parley.files.names import ending_of, shown_name
from parley.files.scripts import NewFile
from parley.files.sitemarks import SiteMark, site_mark
from parley.lib.errors import Invalid
from parley.settings import filing
from parley.settings.catalogue import Values
from parley.web.i18n import _

T = TypeVar("T")
Data = bytes | Callable[[], bytes]  # or what reads it, called when its turn has come

AT_ONCE = 2  # files that are in memory
_workers = ThreadPoolExecutor(AT_ONCE, "files")
_drawing = threading.Lock()  # one picture at a time in this process: a large one takes 350 MB
_ENDINGS = {pictures.JPEG: "jpg", pictures.PNG: "png"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken in, and how much of it is used."""

    document_bytes: int = filing.DOCUMENT_MB.default * 1_000_000
    characters: int = filing.CHARACTERS.default
    side: int = filing.PICTURE_SIDE.default  # pixels

    @classmethod
    def of(cls, values: Values) -> Limits:
        """As the settings say."""
        return cls(
            values[filing.DOCUMENT_MB] * 1_000_000, values[filing.CHARACTERS], values[filing.PICTURE_SIDE]
        )

    @property
    def most(self) -> int:
        """Bytes of the largest file of any kind."""
        return max(self.document_bytes, pictures.MOST_BYTES)


@dataclass(frozen=True, slots=True)
class Taken:
    """A row to write, and the bytes to keep."""

    new: NewFile
    data: bytes


def taken_in(owner: int, data: bytes, name: str, limits: Limits) -> Taken:
    """What is kept of a file that a person sends; raises Invalid, and then nothing of it is kept."""
    if pictures.kind_of(data):
        return drawn(owner, data, name, limits.side)
    if len(data) > limits.document_bytes:
        raise too_large(limits)
    name = shown_name(name, _("File"))
    found = read_document(data, name, limits.characters)
    new = NewFile(
        owner,
        "",
        found.mime,
        len(data),
        name=name,
        text=found.text,
        characters=found.characters,
        pages=found.pages,
    )
    return Taken(new, data)


def drawn(owner: int, data: bytes, name: str = "", side: int = pictures.KEPT_SIDE) -> Taken:
    """What is kept of a picture; raises Invalid, see `pictures.fit`."""
    with _drawing:
        return _of_picture(owner, pictures.fit(data, side), name)


def faced(owner: int, data: bytes) -> Taken:
    """What is kept of a profile picture; raises Invalid, see `pictures.face`."""
    with _drawing:
        return _of_picture(owner, pictures.face(data), "", avatar=True)


def marked(data: bytes) -> SiteMark:
    """What is kept of the mark of the site; raises Invalid, see `sitemarks.site_mark`."""
    with _drawing:
        return site_mark(data)


def _of_picture(owner: int, picture: pictures.Picture, name: str, *, avatar: bool = False) -> Taken:
    name = shown_name(name)
    ending = _ENDINGS[picture.mime]
    if name and ending_of(name) not in (ending, "jpeg" if ending == "jpg" else ending):
        name = f"{name.rpartition('.')[0] or name}.{ending}"
    new = NewFile(
        owner, "", picture.mime, len(picture.data), picture.width, picture.height, name=name, avatar=avatar
    )
    return Taken(new, picture.data)


def too_large(limits: Limits) -> Invalid:
    """What is said about a file that is neither a picture nor small enough to be read."""
    return Invalid(
        _(
            "This file is too large. A picture may have at most %(picture)d MB, any other file %(file)d MB.",
            picture=pictures.MOST_BYTES // 1_000_000,
            file=limits.document_bytes // 1_000_000,
        ),
        code="too_large",
    )


async def taken(work: Callable[[bytes], T], data: Data) -> T:
    """`work(data)` in a thread of ours, in the reader's language."""

    def in_turn() -> T:
        return work(data() if callable(data) else data)

    spoken = contextvars.copy_context()  # errors are sentences
    return await asyncio.get_running_loop().run_in_executor(_workers, spoken.run, in_turn)
