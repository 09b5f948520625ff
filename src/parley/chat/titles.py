"""A title for a conversation from its first question."""

import re

ENOUGH = 1_000  # characters that can matter
LONGEST = 48  # characters; Chinese characters count twice, they are twice as wide

# What only formats: at the beginning of a line, and in pairs round words. Code such as a->b stays.
_LINE_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+]|`{3,}\w*|~{3,}\w*)(?:[ \t]+|$)", re.MULTILINE)
_PAIRED_MARKS = re.compile(r"(\*\*|~~|`+|(?<!\w)[*_](?![*_\s]))(\S|\S.*?\S)\1(?![\w*_])")
_SPACE = re.compile(r"\s+")


def first_words(text: str, longest: int = LONGEST) -> str:
    """The beginning of `text` as one line without Markdown marks, cut at a word where there is one."""
    text = text[:ENOUGH]
    line = _SPACE.sub(" ", _PAIRED_MARKS.sub(r"\2", _LINE_MARKS.sub("", text))).strip()
    width = 0
    for position, char in enumerate(line):
        width += 2 if ord(char) >= 0x2E80 else 1
        if width > longest:
            cut = line[:position]
            space = cut.rfind(" ")
            return (cut[:space] if space > position // 2 else cut).rstrip(" ,.;:，。；：") + "…"
    return line
