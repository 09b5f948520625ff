"""Which models cannot see pictures, and what then becomes of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parley.catalogue.models import ModelRow
from parley.chat.prompting import Pictures
from parley.files.queries import picture_among
from parley.lib.db import Database
from parley.lib.errors import Invalid
from parley.settings.answering import VISION_MODEL
from parley.settings.queries import load
from parley.web.i18n import _

UNSEEN = "a picture that you cannot see"  # for the model, in place of one nobody described


def is_blind(model: ModelRow) -> bool:
    """Whether somebody says that the model cannot see: its provider, our table, or an administrator.

    Where nobody says anything it is sent pictures; its provider's own error tells, if it cannot.
    """
    return not model.can("vision") and model.sources.get("capabilities.vision", "default") != "default"


async def refusal_of_pictures(db: Database, model: ModelRow, files: Sequence[int]) -> Invalid | None:
    """Why `model` cannot be asked about the pictures among these files.

    None when it can, when there are none (text goes to any model), or another one describes them to it.
    """
    if not is_blind(model) or (await load(db))[VISION_MODEL] or not await picture_among(db, files):
        return None
    return Invalid(
        _(
            "“%(model)s” cannot see pictures. Choose a model that can, or remove the pictures.",
            model=model.name,
        ),
        code="no_vision",
    )


def seen_by(model: ModelRow, pictures: Pictures) -> Pictures:
    """`pictures` as `model` may be sent them: to a blind one words, so that a chat it joins goes on."""
    if not is_blind(model):
        return pictures
    return {
        message: [replace(each, image=None, description=each.description or UNSEEN) for each in those]
        for message, those in pictures.items()
    }
