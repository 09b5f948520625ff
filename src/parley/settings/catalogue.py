"""Every setting of the site, declared once: its key, type, default, range and words. Pure.

A setting is read as `values[SETTING]`, so its type is checked where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar, cast

import msgspec
from msgspec import Meta

from parley.lib.registry import Registry
from parley.web.i18n import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One thing an administrator can decide."""

    key: str
    type: object  # what msgspec converts to; ranges are part of it
    default: T
    card: str  # a word of CARDS
    label: str
    help: str
    kind: str = "text"  # how the page draws it: number, text, long, choice, model
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    low: float | None = None  # of a number; for the sentence about a value that does not fit
    high: float | None = None

    def checked(self, value: object) -> T:
        """`value` as this setting's type; raises msgspec.ValidationError."""
        if self.type is bool and value in ("on", "off"):
            value = value == "on"
        converted: T = msgspec.convert(value, self.type, strict=False)
        return converted

    def says(self) -> str:
        """What fits, in the reader's language."""
        if self.low is not None and self.high is not None:
            return _("A number from %(low)s to %(high)s.", low=f"{self.low:,.10g}", high=f"{self.high:,.10g}")
        if self.choices:
            return _("One of: %(values)s.", values=", ".join(value or "“”" for value, _label in self.choices))
        return _("This cannot be used here.")


def number(
    key: str,
    default: T,
    low: float,
    high: float,
    *,
    words: tuple[str, str, str],
    whole: bool = False,
    optional: bool = False,
) -> Setting[T]:
    """A number from `low` to `high`; `words` are label, help and unit, the card is the key's first part."""
    kind = (
        Annotated[int, Meta(ge=int(low), le=int(high))] if whole else Annotated[float, Meta(ge=low, le=high)]
    )
    label, help, unit = words
    return Setting(
        key,
        kind | None if optional else kind,
        default,
        key.partition(".")[0],
        label,
        help,
        "number",
        unit,
        low=low,
        high=high,
    )


def choice(
    key: str, default: str, label: str, help: str, choices: tuple[tuple[str, str], ...]
) -> Setting[str]:
    """One of some words; `choices` are (value, label), the card is the key's first part."""
    pattern = "^(" + "|".join(value for value, _label in choices) + ")$"
    kind = Annotated[str, Meta(pattern=pattern)]
    return Setting(key, kind, default, key.partition(".")[0], label, help, "choice", choices=choices)


def flag(key: str, default: bool, label: str, help: str) -> Setting[bool]:
    """Yes or no; "on" and "off" are understood too."""
    return Setting(key, bool, default, key.partition(".")[0], label, help, "flag")


def text(
    key: str, label: str, help: str, longest: int, *, kind: str = "text", default: str = ""
) -> Setting[str]:
    """Words of at most `longest` characters; kind "long" is drawn over several lines."""
    type = Annotated[str, Meta(max_length=longest)]
    return Setting(key, type, default, key.partition(".")[0], label, help, kind)


SETTINGS: Registry[Setting[object]] = Registry("setting")
CARDS: dict[str, str] = {}  # the first part of a key -> the title of its card; their order is the page's


def declared(setting: Setting[T]) -> Setting[T]:
    """Put a setting on the list; returns it, to be the name it is read by."""
    SETTINGS.add(setting.key, cast(Setting[object], setting))
    return setting


class Values:
    """All settings: what was set, else the default."""

    def __init__(self, stored: Mapping[str, object]) -> None:
        self._stored = stored

    def __getitem__(self, setting: Setting[T]) -> T:
        """The value of one setting; a stored value that no longer fits counts as not set."""
        if setting.key not in self._stored:
            return setting.default
        try:
            return setting.checked(self._stored[setting.key])
        except msgspec.ValidationError:
            return setting.default

    def is_set(self, key: str) -> bool:
        """Whether somebody decided."""
        return key in self._stored
