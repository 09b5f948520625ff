"""Every setting of the site, declared once: its key, type, default, range and words. Pure.

A setting is read as `values[SETTING]`, so its type is checked where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

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


SETTINGS: Registry[Setting[object]] = Registry("setting")


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
