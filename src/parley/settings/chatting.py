"""The settings about chats: how many versions are kept. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS.setdefault("chat", N_("Chats"))


MOST_VERSIONS = declared(
    number(
        "chat.versions", 20, 2, 200, whole=True,
        words=(
            N_("Versions kept"),
            N_("Of one question or answer. The oldest one that nobody rated or went on from makes room."),
            "",
        ),
    )
)  # fmt: skip
