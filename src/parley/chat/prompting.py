"""Messages of a path -> what the model is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from parley.chat.queries import PathMessage
from parley.providers.base import Turn

ROOM = 400_000  # characters; about 100,000 English or 250,000 Chinese tokens. A window per model follows.


def turns_of(path: Sequence[PathMessage], *, prefix: str = "", room: int = ROOM) -> tuple[Turn, ...]:
    """The newest turns that fit into `room` characters, oldest first, the last question always.

    Answers without text (failed before the first word) are left out. `prefix` is the beginning of
    an answer that the model should continue; it comes last.
    """
    kept: list[Turn] = []
    left = room - len(prefix)
    for message in reversed(path):
        if not message.text:
            continue
        left -= len(message.text)
        if left < 0 and kept:
            break
        kept.append(Turn(message.role, message.text))
    while kept and kept[-1].role == "assistant" and len(kept) > 1:
        kept.pop()  # an answer whose question did not fit explains nothing
    kept.reverse()
    if prefix:
        kept.append(Turn("assistant", prefix))
    return tuple(kept)
