"""The settings about registration: who may ask for an account, and under which names. Pure."""

from __future__ import annotations

import re

from parley.settings.catalogue import CARDS, choice, declared, text
from parley.web.i18n import N_

CARDS["registration"] = N_("Registration")

LONGEST_NAME = 20  # characters, whatever the pattern says
LONGEST_PATTERN = 200
MOST_REPEATS = 4  # with the groups
# Letters of Chinese, Japanese and Korean: the unified ideographs with extension A and the compatibility
# block, kana, Hangul syllables; beside ASCII words.
USUAL_NAMES = r"[A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3]{3,20}"
# A repeated group, a reference to one and a look around can each make a short name take for ever
# (https://docs.python.org/3/library/re.html#regular-expression-syntax).
_SLOW = re.compile(r"\)[*+?{]|\(\?")
_REFERENCE = re.compile(r"\\[1-9]")
_REPEAT = re.compile(r"[*+?(]|\{")  # of many groups like (|a) each can be skipped, too
_LITERAL = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")


def is_usable(pattern: str) -> bool:
    """Whether `pattern` is a regular expression that no name of 20 characters keeps busy."""
    bare = _LITERAL.sub("x", pattern)
    if _SLOW.search(bare) or _REFERENCE.search(pattern) or len(_REPEAT.findall(bare)) > MOST_REPEATS:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


OPEN, APPROVAL, INVITATION, CLOSED = "open", "approval", "invitation", "closed"
MODE = declared(
    choice(
        "registration.mode",
        APPROVAL,
        N_("Who may register"),
        N_(
            "For accounts with a password; who comes from the sign-in provider follows “People without an"
            " account” there. An invitation link lets people in at once, unless registration is closed."
        ),
        (
            (OPEN, N_("Everybody, at once")),
            (APPROVAL, N_("Everybody, an administrator approves")),
            (INVITATION, N_("Only with an invitation link")),
            (CLOSED, N_("Nobody")),
        ),
    )
)
USERNAME = declared(
    text(
        "registration.username",
        N_("Allowed usernames"),
        N_(
            "A regular expression for the whole name, of 20 characters at most. Empty: 3 to 20 letters,"
            " digits or underscores, Chinese characters included."
        ),
        LONGEST_PATTERN,
        rule=(
            is_usable,
            N_("A regular expression without repeated groups and with at most four groups and repeats."),
        ),
    )
)
