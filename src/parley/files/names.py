"""Names of files as they may be shown and put into a header. Pure.

A name is only ever shown: bytes lie under their sha256. Still it can lie to a reader (right-to-left
override makes "gpj.exe" read "exe.jpg") or to a header (line breaks).
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120  # characters
LONGEST_ENDING = 12
# Controls, and what changes the direction or cannot be seen (Unicode bidi controls, zero-width, BOM, tags).
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,11})$")


def shown_name(sent: str, otherwise: str = "") -> str:
    """The name without folders and without characters that hide or turn round; `otherwise` for none."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", sent)[-1])
    name = " ".join(_UNSEEN.sub("", name).split()).strip(" .") if set(name) - {"."} else ""
    if len(name) > LONGEST:
        ending = name[-LONGEST_ENDING:].partition(".")
        name = name[: LONGEST - LONGEST_ENDING] + "…" + (ending[1] + ending[2] if ending[1] else "")
    return name or otherwise


def ending_of(name: str) -> str:
    """What comes after the last point, in lower case; "" for none."""
    found = _ENDING.search(name)
    return found[1].lower() if found else ""


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition header (RFC 6266, with the coding of RFC 8187 for what is not ASCII)."""
    plain = re.sub(r'[^ -~]|["\\%;]', "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
