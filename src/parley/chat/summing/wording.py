"""A chat -> the question that has it summarised, as much as its model can read. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from parley.chat.queries import PathMessage
from parley.lib.tokens import estimate

SHARE = 0.6  # of the window: the rest is for a system prompt, the summary and what is asked after it
LEAST = 100  # tokens of a chat that are worth a summary
LONGEST = 190_000  # characters; a message may have 200,000
AROUND = 16  # tokens of the tags around it
CLOSE_ENOUGH = 0.95
NAMES = {"user": "User", "assistant": "Assistant"}


def asked(wish: str, path: Sequence[PathMessage], window: int) -> str:
    """`wish` and the newest messages of `path` in a block: together at most `SHARE` of `window` tokens.

    Failed answers are left out, as they are from every prompt. "" when there is no room or nothing to say.
    """
    room = int(window * SHARE) - estimate(wish) - AROUND
    if room < LEAST:
        return ""
    text = transcript(path, room)
    tag = "conversation"
    while f"</{tag}" in text:  # so that no message can end the block
        tag += "_"
    return f"{wish}\n\n<{tag}>\n{text}\n</{tag}>" if text else ""


def transcript(path: Sequence[PathMessage], room: int) -> str:
    """The newest messages within about `room` tokens, oldest first; one that is alone loses its beginning."""
    kept: list[str] = []
    characters = 0
    for message in reversed(path):
        if message.status == "error" or not message.text.strip():
            continue
        block = f"{NAMES[message.role]}: {message.text.strip()}"
        size = estimate(block) + 2  # the empty line between two
        if size > room or characters + len(block) > LONGEST:
            if not kept:
                kept.append(_end(message, room))
            break
        kept.append(block)
        room -= size
        characters += len(block) + 2
    return "\n\n".join(reversed(kept))


def _end(message: PathMessage, room: int) -> str:
    """The end of a message that does not fit as a whole."""
    name, text = NAMES[message.role], message.text.strip()[-LONGEST:]
    size = estimate(text)
    while size > room - AROUND and text:
        text = text[-int(len(text) * (room - AROUND) / size * CLOSE_ENOUGH) :]
        size = estimate(text)
    return f"{name}: … {text}"
