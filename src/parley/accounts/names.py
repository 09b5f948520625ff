"""Which names and passwords an account may have."""

from __future__ import annotations

import re
import unicodedata

from parley.lib.errors import Invalid
from parley.lib.passwords import password_fault
from parley.web.i18n import _

# Letters of Chinese, Japanese and Korean: the unified ideographs with extension A and the compatibility
# block, kana, Hangul syllables; beside ASCII words.
_NAME = re.compile(r"[A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3]{3,20}")


def username_key(username: str) -> str:
    """What makes two names the same: width, composition and case do not."""
    return unicodedata.normalize("NFKC", username.strip()).lower()


def name_fault(username: str) -> str | None:
    """Why `username` cannot be used, as a sentence; None when it can."""
    if _NAME.fullmatch(unicodedata.normalize("NFKC", username.strip())):
        return None
    return _("Use 3 to 20 letters, digits or underscores; Chinese characters are letters too.")


def checked_credentials(username: str, password: str) -> str:
    """The name as it will be shown; raises Invalid that names every field at fault."""
    shown = unicodedata.normalize("NFKC", username.strip())
    faults = {"username": name_fault(shown), "password": password_sentence(password)}
    if any(faults.values()):
        raise Invalid(
            _("Check the marked fields."), fields={name: fault for name, fault in faults.items() if fault}
        )
    return shown


def password_sentence(password: str) -> str | None:
    """Why `password` cannot be chosen, as a sentence; None when it can."""
    match password_fault(password):
        case "short":
            return _("Use at least 8 characters.")
        case "long":
            return _("Use at most 256 bytes.")
        case None:
            return None
