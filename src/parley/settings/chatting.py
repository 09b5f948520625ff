"""The settings about chats: how many versions are kept. Pure."""

from __future__ import annotations

from typing import cast

from parley.settings.answering import CARDS
from parley.settings.catalogue import SETTINGS, Setting, T, number
from parley.web.i18n import N_

CARDS.setdefault("chat", N_("Chats"))


def _add(setting: Setting[T]) -> Setting[T]:
    SETTINGS.add(setting.key, cast(Setting[object], setting))
    return setting


MOST_VERSIONS = _add(
    number(
        "chat.versions", 20, 2, 200, whole=True,
        words=(
            N_("Versions kept"),
            N_("Of one question or answer. The oldest one that nobody rated or went on from makes room."),
            "",
        ),
    )
)  # fmt: skip
