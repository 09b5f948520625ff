"""What may be typed after the slash. Pure."""

from __future__ import annotations

import re
import unicodedata

from parley.lib.errors import Invalid
from parley.web.i18n import _

LONGEST_COMMAND = 40
_COMMAND = re.compile(r"[\w][\w.-]{0,39}\Z")


def checked_command(typed: str) -> str:
    """A command in its one spelling: without the slash, small letters; raises Invalid.

    Letters of any script, digits, `_ - .`; it begins with a letter or a digit.
    """
    command = unicodedata.normalize("NFKC", typed).strip().removeprefix("/").lower()
    if not _COMMAND.match(command):
        text = _("A command has 1 to %(most)d letters, digits, hyphens or dots.", most=LONGEST_COMMAND)
        raise Invalid(text, fields={"command": text})
    return command
