"""How many tokens a text is, without a network and for any model: an estimate. Pure.

The weights are a fit over 184 texts of 0.4 to 3 kB (English and Chinese prose, Markdown, Python) to three
real vocabularies: OpenAI's o200k and cl100k, and the one Anthropic published. Measured on the same texts:
against o200k -13 % to +32 % (mean +3 %), against cl100k -18 % to +22 % (mean +2 %), against Anthropic's -18
% to +16 % (mean -5 %); Chinese prose alone +13 %, -12 % and -7 % on average. A vendor's own count wins
wherever there is one; this one decides only what fits, and stands in when the vendor says nothing. 460,000
characters take 37 ms.
"""

from __future__ import annotations

import re
from math import ceil

_WORD = re.compile(r"[A-Za-z]+")
_WORDS_END = re.compile(r"[A-Za-z]{5}([A-Za-z]+)")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NUMBER = re.compile(r"[0-9]{1,3}")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
_LINE = re.compile(r"\n+")
_ABROAD = re.compile(r"[^\x00-\x7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

PER_WORD = 1.15
PER_LETTER_BEYOND_FIVE = 0.06
PER_HAN = 0.8
PER_NUMBER = 1.9  # of up to three digits
PER_SIGN = 0.48
PER_LINE = 1.0
PER_ABROAD_LETTER = 0.5  # other alphabets
PER_ABROAD_SIGN = 1.6  # emoji, arrows, full-width punctuation

PER_TURN = 4  # what a chat format adds to each message (OpenAI cookbook, "How to count tokens")


def estimate(text: str) -> int:
    """About how many tokens `text` is."""
    if not text:
        return 0
    score = (
        PER_WORD * len(_WORD.findall(text))
        + PER_LETTER_BEYOND_FIVE * sum(map(len, _WORDS_END.findall(text)))
        + PER_NUMBER * len(_NUMBER.findall(text))
        + PER_SIGN * len(_SIGN.findall(text))
        + PER_LINE * len(_LINE.findall(text))
    )
    if not text.isascii():
        score += PER_HAN * len(_HAN.findall(text))
        for run in _ABROAD.findall(text):
            letters = sum(map(str.isalpha, run))
            score += PER_ABROAD_LETTER * letters + PER_ABROAD_SIGN * (len(run) - letters)
    return max(1, ceil(score))


def estimate_image(width: int, height: int) -> int:
    """About how many tokens a picture is: 170 for a 512-pixel tile and 85 more (OpenAI, vision guide).

    Anthropic's width x height / 750 is nearly the same for a picture of 1,024 pixels; unknown sizes count
    as that.
    """
    across, down = ceil((width or 1024) / 512), ceil((height or 1024) / 512)
    return 85 + 170 * min(across * down, 16)
