"""What a chip says about a file: its kind, its size, and how much of it is used. Pure."""

from __future__ import annotations

from typing import Protocol

from parley.files.kinds import XLSX
from parley.web.i18n import _, ngettext


class Described(Protocol):
    """What is known about a file."""

    @property
    def mime(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def characters(self) -> int: ...
    @property
    def characters_used(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def is_expired(self) -> bool: ...


def size_label(size: int) -> str:
    """Bytes as people say them: 900 B, 12 kB, 1.2 MB."""
    if size < 1_000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1_000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def note_of(file: Described) -> str:
    """What stands under the name of a document; of a picture nothing but its size."""
    if file.is_expired:
        return _("File expired")
    parts = [size_label(file.size)]
    if file.pages:
        if file.mime == XLSX:
            parts.append(ngettext("%(n)s sheet", "%(n)s sheets", file.pages))
        else:
            parts.append(ngettext("%(n)s page", "%(n)s pages", file.pages))
    if file.characters > file.characters_used:
        parts.append(
            _(
                "first %(used)s of %(all)s characters used",
                used=f"{file.characters_used:,}",
                all=f"{file.characters:,}",
            )
        )
    elif file.characters:
        all = f"{file.characters:,}"
        parts.append(ngettext("%(all)s character", "%(all)s characters", file.characters, all=all))
    return " · ".join(parts)
