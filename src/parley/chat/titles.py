"""A title for a conversation from its first question."""

import re

LONGEST = 48  # characters; Chinese characters count twice, they are twice as wide

_MARKS = re.compile(r"[`*_#>\[\]|~]+")
_SPACE = re.compile(r"\s+")


def first_words(text: str, longest: int = LONGEST) -> str:
    """The beginning of `text` as one line without Markdown marks, cut at a word where there is one."""
    line = _SPACE.sub(" ", _MARKS.sub("", text)).strip()
    width = 0
    for position, char in enumerate(line):
        width += 2 if ord(char) >= 0x2E80 else 1
        if width > longest:
            cut = line[:position]
            space = cut.rfind(" ")
            return (cut[:space] if space > position // 2 else cut).rstrip(" ,.;:，。；：") + "…"
    return line
