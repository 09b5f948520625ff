"""What an engine found, made harmless: plain text, and addresses of the web only. Pure.

Engines quote pages that anybody can write, so nothing of it is markup, a script or a command here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate
from typing import Any
from urllib.parse import urlsplit

LONGEST_TITLE = 200
LONGEST_SNIPPET = 1_000
LONGEST_URL = 2_000
READ = 20_000  # characters of a text that are looked at
_TAG = re.compile(r"<[/!?]?[A-Za-z][^<>]{0,500}>")
_DATE = re.compile(r"(\d{4})(?:-|年|/)(\d{1,2})(?:-|月|/)(\d{1,2})")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"]")


@dataclass(frozen=True, slots=True)
class Result:
    """One page. `published` is a day like 2026-11-21, None where nobody says."""

    title: str
    url: str
    snippet: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """The same as an engine says it: anything at all."""

    title: Any = None
    url: Any = None
    snippet: Any = None
    published: Any = None


def results_of(
    hits: Iterable[Hit], *, allowed: tuple[str, ...] = (), blocked: tuple[str, ...] = ()
) -> list[Result]:
    """The usable ones of `hits`, each address once, of domains that are allowed and not blocked."""
    found: dict[str, Result] = {}
    for hit in hits:
        url = clean_url(hit.url)
        if url and url not in found and permitted(url, allowed, blocked):
            title = clean_text(hit.title, LONGEST_TITLE) or (urlsplit(url).hostname or "")
            snippet = clean_text(hit.snippet, LONGEST_SNIPPET)
            found[url] = Result(title, url, snippet, clean_day(hit.published))
    return list(found.values())


def clean_text(said: Any, longest: int) -> str:
    """Plain text on one line without tags, controls and marks that turn the writing round."""
    if not isinstance(said, str):
        return ""
    bare = html.unescape(_TAG.sub("", said[:READ]))
    visible = (" " if each.isspace() else each for each in bare if _is_shown(each))
    text = " ".join("".join(visible).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def clean_url(said: Any) -> str:
    """An http(s) address that names nobody, "" for anything else."""
    if not isinstance(said, str) or len(said) > LONGEST_URL:
        return ""
    url = said.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    usable = parts.scheme.lower() in ("http", "https") and parts.hostname and port != 0
    if not usable or "@" in parts.netloc or "%" in parts.netloc or _CONTROL.search(url):
        return ""
    return url if all(map(_is_shown, url)) else ""


def clean_day(said: Any) -> str | None:
    """The day of a date in the ways engines write it: ISO 8601, RFC 5322, 2026年11月21日."""
    if not isinstance(said, str):
        return None
    found = _DATE.match(said.strip()[:40])
    try:
        parts = tuple(map(int, found.groups())) if found else parsedate(said[:60])
    except (ValueError, TypeError, IndexError):
        return None
    if parts is None:
        return None
    year, month, day = parts[:3]
    if not (1900 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04}-{month:02}-{day:02}"


def permitted(url: str, allowed: tuple[str, ...], blocked: tuple[str, ...]) -> bool:
    """Whether the page's domain may be shown; what is blocked stays so although it is allowed."""
    host = bare(urlsplit(url).hostname or "")
    if any(_within(host, each) for each in blocked):
        return False
    return not allowed or any(_within(host, each) for each in allowed)


def bare(domain: str) -> str:
    """A domain as it is compared: small letters, international ones in their ASCII form."""
    text = domain.strip().rstrip(".").lower()
    try:
        return text.encode("idna").decode()
    except UnicodeError:
        return text


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _is_shown(character: str) -> bool:
    """Not a control, a direction mark, a lone half or a private character; white space is."""
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
