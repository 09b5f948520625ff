"""Which names and passwords an account may have."""

from __future__ import annotations

import re
import unicodedata

from parley.lib.errors import Invalid
from parley.lib.passwords import password_fault
from parley.settings.entering import LONGEST_NAME, USUAL_NAMES
from parley.web.i18n import _

POSSIBLE = ".+"  # the pattern of any name somebody may have been given before the rules changed


def username_key(username: str) -> str:
    """What makes two names the same: width, composition and case do not."""
    return unicodedata.normalize("NFKC", username.strip()).lower()


def shown_name(username: str) -> str:
    """The name as it is stored and shown."""
    return unicodedata.normalize("NFKC", username.strip())


def name_fault(username: str, pattern: str = "") -> str | None:
    """Why `username` cannot be used, as a sentence; None when it can.

    `pattern` is the site's own rule (settings/entering.py), "" the usual one. No rule allows more than 20
    characters, or characters that cannot be seen.
    """
    shown, key = unicodedata.normalize("NFKC", username.strip()), username_key(username)
    fits = shown.isprintable() and not shown.startswith("~") and max(len(shown), len(key)) <= LONGEST_NAME
    if fits and re.fullmatch(pattern or USUAL_NAMES, shown):
        return None
    if pattern:
        return _("Names here follow the pattern %(pattern)s.", pattern=pattern)
    return _("Use 3 to 20 letters, digits or underscores; Chinese characters are letters too.")


def checked_credentials(username: str, password: str, pattern: str = "") -> str:
    """The name as it will be shown; raises Invalid that names every field at fault."""
    shown = unicodedata.normalize("NFKC", username.strip())
    faults = {"username": name_fault(shown, pattern), "password": password_sentence(password)}
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
