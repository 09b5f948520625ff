"""Files of a message that are no pictures, or none any more, as chips. Pure."""

from __future__ import annotations

from markupsafe import Markup

from parley.files.access import FileRow
from parley.files.labels import note_of
from parley.web.i18n import _


def chip(root: str, file: FileRow) -> Markup:
    """Name, size and how much of it is used; a link that saves the file while it is there.

    `root`: the path we live under.
    """
    inside = Markup('<b dir="auto">{}</b><small>{}</small>').format(
        file.name or (_("Picture") if file.is_picture else _("File")), note_of(file)
    )
    if file.is_expired:
        return Markup('<span class="doc" data-expired>{}</span>').format(inside)
    return Markup('<a class="doc" href="{}" download hx-ignore>{}</a>').format(
        f"{root}/files/{file.id}", inside
    )
