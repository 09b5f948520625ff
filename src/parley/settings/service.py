"""Verbs on settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

import parley.settings.answering
import parley.settings.filing  # noqa: F401  both fill the registry
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.settings import scripts
from parley.settings.answering import PROMPT_LIMIT, SYSTEM_PROMPT
from parley.settings.catalogue import SETTINGS
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources


async def change(resources: Resources, given: Mapping[str, object]) -> None:
    """Set what is given, all or nothing; None and "" take the default again.

    Raises Invalid with a sentence for each key that is unknown or whose value does not fit.
    """
    values, unset, errors = checked(given)
    stored = await load(resources.db)
    limit = values.get(PROMPT_LIMIT.key, stored[PROMPT_LIMIT])
    prompt = values.get(SYSTEM_PROMPT.key, "")
    if isinstance(limit, int) and isinstance(prompt, str) and len(prompt) > limit:
        errors[SYSTEM_PROMPT.key] = _(
            "At most %(n)s characters; this one has %(have)s.", n=limit, have=len(prompt)
        )
    if errors:
        raise Invalid(_("Some settings do not fit. Nothing was changed."), fields=errors)
    await resources.db.write(scripts.store, values, unset, now_ms())


def checked(given: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...], dict[str, str]]:
    """Values as their types, keys to forget, and what is wrong by key."""
    values: dict[str, object] = {}
    unset: list[str] = []
    errors: dict[str, str] = {}
    for key, value in given.items():
        value = value.replace("\0", "").strip() if isinstance(value, str) else value
        if key not in SETTINGS:
            errors[key] = _("There is no setting “%(key)s”.", key=key[:64])
        elif value is None or value == "":
            unset.append(key)
        else:
            try:
                values[key] = SETTINGS.get(key).checked(value)
            except msgspec.ValidationError:
                errors[key] = SETTINGS.get(key).says()
    return values, tuple(unset), errors
