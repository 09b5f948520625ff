"""Settings that the environment fixes, like PARLEY_SETTING_TITLES_LONGEST=60."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from parley.lib.config import PIN_PREFIX, ConfigError
from parley.settings.catalogue import SETTINGS, pin_name, unfolded
from parley.web.i18n import use_language

Pins = Iterable[tuple[str, str]]  # (variable, value)

_fixed: dict[str, str] = {}


def fix(pins: Pins) -> None:
    """From now on these decide in this process; told once, when it starts."""
    _fixed.clear()
    _fixed.update(pins)


def fixed() -> Mapping[str, str]:
    """What the process was told."""
    return _fixed


def check(pins: Pins) -> None:
    """Raise ConfigError, one line for the operator, for a variable that names no setting or does not fit."""
    known = {pin_name(setting.key): setting for setting in SETTINGS}
    for name, text in pins:
        if name not in known:
            raise ConfigError(f"{name} is no setting; what follows {PIN_PREFIX} is a key of the settings")
        try:
            known[name].checked(unfolded(text))
        except msgspec.ValidationError:
            with use_language("en"):
                raise ConfigError(f"{name} does not fit: {known[name].says()}") from None
