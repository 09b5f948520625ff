"""The settings about files: how large, how much of them is read, how long they are kept. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["files"] = N_("Files")


DOCUMENT_MB = declared(
    number(
        "files.document_mb", 25, 1, 100, whole=True,
        words=(
            N_("Largest document"), N_("Of one text, PDF, Word or Excel file. Pictures: 15 MB."), N_("MB"),
        ),
    )
)  # fmt: skip
CHARACTERS = declared(
    number(
        "files.characters", 200_000, 1_000, 2_000_000, whole=True,
        words=(
            N_("Text of one document"),
            N_("More is not read. What a model cannot hold is cut again for it."),
            N_("characters"),
        ),
    )
)  # fmt: skip
PICTURE_SIDE = declared(
    number(
        "files.picture_side", 2048, 512, 4096, whole=True,
        words=(N_("Longest side of a picture"), N_("Larger pictures are made smaller."), N_("pixels")),
    )
)  # fmt: skip
LOOSE_DAYS = declared(
    number(
        "files.loose_days", 1, 1, 365, whole=True,
        words=(N_("Files of no message"), N_("How long files stay that nobody sends."), N_("days")),
    )
)  # fmt: skip
KEEP_DAYS = declared(
    number(
        "files.keep_days", 0, 0, 36_500, whole=True,
        words=(
            N_("Files of messages"),
            N_("How long attached files stay; their messages do. 0 keeps them for ever."),
            N_("days"),
        ),
    )
)  # fmt: skip
# Drawn by a page of its own: a card that CARDS does not name.
ASSISTANT_FACE = declared(
    number(
        "assistant.face", 0, 0, 2**53, whole=True,
        words=(N_("Picture of the assistant"), N_("The id of a stored picture; 0 for none."), ""),
    )
)  # fmt: skip
