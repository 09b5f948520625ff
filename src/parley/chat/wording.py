"""The words around code, tables, pictures and diagrams of an answer, in the reader's language."""

from __future__ import annotations

from parley.lib.markdown import Labels
from parley.web.i18n import _


def markdown_labels() -> Labels:
    """What the renderer of answers needs; where pages without a reader's language are made, too."""
    return Labels(
        copy=_("Copy"),
        wrap=_("Wrap long lines"),
        table=_("Table"),
        code=_("Code"),
        image=_("Image"),
        save=_("Download"),
        csv=_("Copy as CSV"),
        every_line=_("Show all {count} lines"),
        fewer_lines=_("Show fewer lines"),
        done=_("Done"),
        to_do=_("To do"),
        preview=_("Preview"),
        source=_("Source"),
        diagram=_("Diagram"),
        undrawn=_("This diagram could not be drawn."),
        back=_("Back to the text"),
    )
