"""What each Claude model takes, by its version. Pure.

Sources, on platform.claude.com/docs/en: build-with-claude/thinking, build-with-claude/effort,
api/versioning, api/errors ("Prefill not supported"), and the migration guides of Opus 5.5, Sonnet 5.5
and Haiku 5.5 under models/. A version that is not written there is taken to behave like the last one
before it; names that are not Claude's belong to services which imitate the protocol as it was in 2023.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OLD_VERSION = "2023-06-01"  # of the API: takes temperature, top_p and top_k, and every imitator knows it
NEW_VERSION = "2026-10-21"  # refuses them for all models

_ALL = ("low", "medium", "high", "xhigh", "max")
_PARTS = re.compile(r"[a-z]+|\d+")
_ALWAYS_THINKING = frozenset({"fable", "mythos"})


@dataclass(frozen=True, slots=True)
class Manners:
    """How to talk with one model.

    `thinking` is how it is asked to think: "" it cannot, budget, or adaptive. `off` is the type that keeps it
    from thinking: "" where nothing does. `efforts` are the levels it knows, weakest first.
    """

    thinking: str = ""
    thinks_unasked: bool = False
    off: str = "disabled"
    efforts: tuple[str, ...] = ()
    display: bool = False  # shows its thoughts only when asked to
    sampling: bool = True  # temperature, top_p and top_k
    one_of_temperature_and_top_p: bool = True
    schema: bool = False  # answers that follow a JSON Schema
    prefill: bool = False  # goes on from an assistant's turn at the end
    forced_tools: bool = True  # can be made to call a tool
    imitator: bool = False
    most: int = 8192  # tokens of an answer

    @property
    def version(self) -> str:
        """The `anthropic-version` to ask for."""
        return OLD_VERSION if self.sampling else NEW_VERSION


IMITATOR = Manners(thinking="budget", one_of_temperature_and_top_p=False, imitator=True)


def manners_of(model: str) -> Manners:
    """How to talk with `model`, whatever a gateway writes around its name."""
    read = line_and_version(model)
    if read is None:
        return IMITATOR
    line, version = read
    if version < (3, 7):
        most = 8192 if version >= (3, 5) else 4096
        return Manners(prefill=True, one_of_temperature_and_top_p=False, most=most)
    if version < (4, 6):
        return _with_budget(line, version)
    if version < (5, 0):
        return _adaptive_on_request(version)
    return _adaptive(line, version)


def line_and_version(model: str) -> tuple[str, tuple[int, int]] | None:
    """Line and version in a model's id (`claude-3-7-sonnet-20250219` is sonnet 3.7); None if not Claude's."""
    _before, found, after = model.lower().rpartition("claude")
    if not found:
        return None
    line = ""
    numbers: list[int] = []
    for part in _PARTS.findall(after):
        if part.isdigit() and len(part) <= 2 and len(numbers) < 2:
            numbers.append(int(part))
        elif part.isdigit() and numbers:
            break  # a date
        elif numbers and line:
            break
        elif not part.isdigit():
            line = line or part
    if not numbers:  # claude-instant is ancient; claude-sonnet-latest and claude-mythos-preview are not
        numbers = [0] if line in ("", "instant") else [5, 5]
    return line, (numbers[0], numbers[1] if len(numbers) > 1 else 0)


def _with_budget(line: str, version: tuple[int, int]) -> Manners:
    """3.7 to 4.5: thinking is asked for with a number of tokens."""
    return Manners(
        thinking="budget",
        efforts=_ALL[:3] if (line, version) == ("opus", (4, 5)) else (),
        one_of_temperature_and_top_p=version >= (4, 0),
        schema=version >= (4, 5) or (line == "opus" and version >= (4, 1)),
        prefill=True,
        most=32_000 if line == "opus" and version < (4, 5) else 64_000,
    )


def _adaptive_on_request(version: tuple[int, int]) -> Manners:
    """4.6 to 4.8: thinks as it sees fit, when asked to."""
    efforts = _ALL if version >= (4, 7) else ("low", "medium", "high", "max")
    newer = version >= (4, 7)
    return Manners(
        thinking="adaptive", efforts=efforts, display=newer, sampling=not newer, schema=True, most=64_000
    )


def _adaptive(line: str, version: tuple[int, int]) -> Manners:
    """From 5 on: thinks as it sees fit, unless told not to, where that is possible."""
    newer = version >= (5, 5)
    off = "disabled"
    if line in _ALWAYS_THINKING or (newer and line == "opus"):
        off = ""
    elif newer and line == "sonnet":
        off = "between_tools"
    return Manners(
        thinking="adaptive",
        thinks_unasked=True,
        off=off,
        efforts=_ALL,
        display=True,
        sampling=False,
        schema=True,
        forced_tools=off == "disabled",
        most=128_000,
    )
