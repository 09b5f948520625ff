"""Every setting of the site, declared once: its key, type, default, range and words. Pure.

A setting is read as `values[SETTING]`, so its type is checked where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar, cast

import msgspec
from msgspec import Meta

from parley.lib.config import PIN_PREFIX
from parley.lib.registry import Registry
from parley.web.i18n import _

T = TypeVar("T")
LONE = re.compile(
    "[\ud800-\udfff]"
)  # halves of characters; bytes of a variable that are no UTF-8 are kept so

GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")  # 20,000; but 2,50 may mean a fraction
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # ６４ as Chinese keyboards write 64


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
    fits: Callable[[T], bool] | None = None  # what a type cannot say
    advice: str = ""  # what fits, where `fits` decides
    whole: bool = False  # a number without fractions
    longest: int = 0  # of words, in characters; for the same sentence

    def checked(self, value: object) -> T:
        """`value` as this setting's type; raises msgspec.ValidationError."""
        if isinstance(value, str) and LONE.search(value):  # no page could be written with it
            raise msgspec.ValidationError(self.advice)
        if self.type is bool and value in ("on", "off"):
            value = value == "on"
        if self.kind == "number" and isinstance(value, str):
            value = value.translate(NARROW)
            if GROUPED.fullmatch(value):
                value = value.replace(",", "")  # as the sentence about what fits writes it
        converted: T = msgspec.convert(value, self.type, strict=False)
        if self.fits is not None and not self.fits(converted):
            raise msgspec.ValidationError(self.advice)
        return converted

    def pinned(self, text: str) -> T:
        """The value of a variable, where `\\n` is a new line; empty and what does not fit is the default."""
        try:
            return self.checked(unfolded(text)) if text.strip() else self.default
        except msgspec.ValidationError:  # refused at the start; here only after an upgrade meanwhile
            return self.default

    def says(self) -> str:
        """What fits, in the reader's language."""
        if self.advice:
            return _(self.advice)
        if self.low is not None and self.high is not None:
            return number_from(self.low, self.high, whole=self.whole)
        if self.choices:
            return _("One of: %(values)s.", values=", ".join(value or "“”" for value, _label in self.choices))
        if self.longest:
            return _("Text of at most %(n)s characters.", n=f"{self.longest:,}")
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
        whole=whole,
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
    key: str,
    label: str,
    help: str,
    longest: int,
    *,
    kind: str = "text",
    default: str = "",
    rule: tuple[Callable[[str], bool], str] | None = None,
) -> Setting[str]:
    """Words of at most `longest` characters; kind "long" is drawn over several lines.

    `rule` is what fits, where length alone does not say it, and the sentence about that.
    """
    type = Annotated[str, Meta(max_length=longest)]
    card = key.partition(".")[0]
    fits, advice = rule or (None, "")
    return Setting(key, type, default, card, label, help, kind, fits=fits, advice=advice, longest=longest)


SETTINGS: Registry[Setting[object]] = Registry("setting")
CARDS: dict[str, str] = {}  # the first part of a key -> the title of its card; their order is the page's


def number_from(low: float, high: float, *, whole: bool = True) -> str:
    """The sentence about a number that does not fit, in the reader's language."""
    said = {"low": f"{low:,.16g}", "high": f"{high:,.16g}"}
    if whole:
        return _("Type a whole number from %(low)s to %(high)s.", **said)
    return _("Type a number from %(low)s to %(high)s.", **said)


def declared(setting: Setting[T]) -> Setting[T]:
    """Put a setting on the list; returns it, to be the name it is read by."""
    SETTINGS.add(setting.key, cast(Setting[object], setting))
    return setting


def unfolded(text: str) -> str:
    """The value of a variable as somebody would have typed it, `\\n` a new line."""
    return text.replace("\\n", "\n").strip()


def pin_name(key: str) -> str:
    """The environment variable that fixes a setting: PARLEY_SETTING_TITLES_LONGEST for titles.longest."""
    return PIN_PREFIX + key.upper().replace(".", "_")


class Values:
    """All settings: what the environment fixed, else what was set, else the default."""

    def __init__(self, stored: Mapping[str, object], pins: Mapping[str, str] | None = None) -> None:
        """`stored` by key, `pins` by the name of their variable."""
        self._stored = stored
        self._pins = pins or {}

    def __getitem__(self, setting: Setting[T]) -> T:
        """The value of one setting; one that does not fit (any longer) counts as not there."""
        if self.is_pinned(setting.key):
            return setting.pinned(self._pins[pin_name(setting.key)])
        if setting.key not in self._stored:
            return setting.default
        try:
            return setting.checked(self._stored[setting.key])
        except msgspec.ValidationError:
            return setting.default

    def is_set(self, key: str) -> bool:
        """Whether somebody decided, here or in the environment."""
        return key in self._stored or self.is_pinned(key)

    def is_pinned(self, key: str) -> bool:
        """Whether the environment decides."""
        return pin_name(key) in self._pins

    def source(self, key: str) -> str:
        """Where the value comes from: "environment", "database" or "default"."""
        return "environment" if self.is_pinned(key) else "database" if key in self._stored else "default"
