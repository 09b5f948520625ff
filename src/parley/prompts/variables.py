"""The blanks of a prompt: `{{name}}` asks for a value, `{{name=usual value}}` suggests one. Pure.

`{{date}}`, `{{time}}` and `{{user}}` are filled in without asking, as in system prompts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GIVEN = ("date", "time", "user")
_BLANK = re.compile(r"\{\{[ \t]*([^\W\d]\w{0,39})[ \t]*(?:=([^{}\n]{0,200}))?\}\}")


@dataclass(frozen=True, slots=True)
class Blank:
    """One thing to fill in; `usual` is offered."""

    name: str
    usual: str = ""


def blanks_of(body: str) -> list[Blank]:
    """What has to be asked for, each once, in the order of the text."""
    found: dict[str, Blank] = {}
    for match in _BLANK.finditer(body):
        name, usual = match[1], (match[2] or "").strip()
        if name in GIVEN or (name in found and (found[name].usual or not usual)):
            continue
        found[name] = Blank(name, usual)
    return list(found.values())


def with_given(body: str, values: dict[str, str]) -> str:
    """The text with what need not be asked for; all other blanks stay."""
    return _BLANK.sub(lambda match: values[match[1]] if match[1] in values else match[0], body)


def filled(body: str, values: dict[str, str]) -> str:
    """The text with its blanks filled; one without a value keeps its usual one, or stays as it is."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match[1], "")
        return given or (match[2] or "").strip() or match[0]

    return _BLANK.sub(value, body)
