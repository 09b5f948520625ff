"""Names of files that people download. Pure.

`Content-Disposition` after RFC 6266 with the extended notation of RFC 8187: an ASCII name for old readers,
the real one in UTF-8 beside it.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 80  # characters; Linux takes 255 bytes, a Han character is three
_UNSAFE = re.compile(r'[\\/:*?"<>|%]')
# Windows keeps these for devices, with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_stem(title: str, default: str) -> str:
    """`title` as the name of a file without its ending; `default` when nothing of it can be used.

    No slashes, no control or direction characters (they hide endings), no dots at its ends.
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    text = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Cs", "Co", "Cn"))
    text = re.sub(r"\s+", " ", _UNSAFE.sub(" ", text))[:LONGEST].strip(" .")
    return default if not text or _DEVICES.match(text) else text


def attachment(stem: str, ending: str) -> str:
    """The value of Content-Disposition for a download called `stem`.`ending`."""
    name = f"{stem}.{ending}"
    plain = re.sub(r"[^\x20-\x7e]|[\"\\]", "", name)
    if plain.strip() in ("", f".{ending}") or plain.startswith("."):
        plain = f"parley.{ending}"
    both = f'attachment; filename="{plain}"'
    return both if plain == name else f"{both}; filename*=UTF-8''{quote(name, safe='')}"
