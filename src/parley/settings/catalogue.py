"""Every setting of the site, declared once: its key, type, default, range and words. Pure.

A setting is read as `values[SETTING]`, so its type is checked where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from parley.lib.registry import Registry

T = TypeVar("T")


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues; whoever shows it translates it."""
    return sentence


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

    def checked(self, value: object) -> T:
        """`value` as this setting's type; raises msgspec.ValidationError."""
        converted: T = msgspec.convert(value, self.type, strict=False)
        return converted


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
