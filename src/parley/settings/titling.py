"""The settings about titles that a model makes. Pure."""

from __future__ import annotations

from typing import Annotated, cast

from msgspec import Meta

from parley.settings.catalogue import SETTINGS, Setting, T, number
from parley.web.i18n import N_

SWITCH = (("on", N_("On")), ("off", N_("Off")))


def _add(setting: Setting[T]) -> Setting[T]:
    SETTINGS.add(setting.key, cast(Setting[object], setting))
    return setting


BY_MODEL = _add(
    Setting(
        "titles.by_model",
        Annotated[str, Meta(pattern="^(on|off)$")],
        "on",
        "titles",
        N_("Titles by a model"),
        N_("After the first answer a model is asked for a title. Until then it is the first words."),
        "choice",
        choices=SWITCH,
    )
)
MODEL = _add(
    Setting(
        "titles.model",
        Annotated[str, Meta(max_length=300)],
        "",
        "titles",
        N_("Model for titles"),
        N_("A small one is enough. Empty: the model of the chat. The demo model makes no titles."),
        "any model",
    )
)
LONGEST = _add(
    number(
        "titles.longest", 48, 12, 120, whole=True,
        words=(N_("Longest title"), N_("A longer one is cut at a word."), N_("characters")),
    )
)  # fmt: skip
