"""How deep JSON is nested. Pure."""

from __future__ import annotations

from typing import Any

DEEPEST = 50  # levels; more than any schema of a person, far less than what exhausts the stack of a reader


def is_too_deep(value: Any, most: int = DEEPEST) -> bool:
    """Whether JSON has more than `most` levels of objects and lists.

    What can be read once cannot always be read again: how deep a reader may go depends on who calls it. So
    nothing deep is stored.
    """
    level = [value]
    for _ in range(most + 1):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.values()] or [None]
    return [*value] or [None] if isinstance(value, list | tuple) else []
