"""The settings about titles that a model makes. Pure."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from parley.settings.catalogue import Setting, declared, number
from parley.web.i18n import N_

SWITCH = (("on", N_("On")), ("off", N_("Off")))

BY_MODEL = declared(
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
MODEL = declared(
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
LONGEST = declared(
    number(
        "titles.longest", 48, 12, 120, whole=True,
        words=(N_("Longest title"), N_("A longer one is cut at a word."), N_("characters")),
    )
)  # fmt: skip
