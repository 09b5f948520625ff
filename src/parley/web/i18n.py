"""The language of a request, and the words in it. English sentences are the message ids."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from parley.web.look import look

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

LOCALES = Path(__file__).resolve().parents[3] / "locale"
SUPPORTED = ("en", "zh")
COOKIE = "lang"

_FOLDERS = {"en": "en", "zh": "zh_CN"}
_HTML_LANG = {"en": "en", "zh": "zh-Hans"}
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language of this request or job: "en" or "zh"."""
    return _language.get()


def html_lang(lang: str) -> str:
    """The BCP 47 tag a page in `lang` carries."""
    return _HTML_LANG.get(lang, "en")


@contextmanager
def use_language(lang: str) -> Iterator[None]:
    """Speak `lang` inside the block; a language we do not have means English."""
    token = _language.set(lang if lang in SUPPORTED else "en")
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str, **values: object) -> str:
    """`message` in the current language, its `%(name)s` places filled from `values`; plain text."""
    words = catalogue(_language.get()).gettext(message)
    return words % values if values else words


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form for `n` in the current language; `%(n)s` is `n` itself."""
    return catalogue(_language.get()).ngettext(one, many, n) % {"n": n, **values}


def N_(message: str) -> str:
    """Mark a sentence for the catalogues where it is stored; call `_` on it where it is shown."""
    return message


def pick_language(cookie: str | None, accept_language: str | None, user: str | None = None) -> str:
    """The first of the user's setting, the cookie and the browser's wishes that we speak; else English."""
    for wish in (user, cookie):
        if wish in SUPPORTED:
            return wish
    for tag in _wishes(accept_language or ""):
        base = tag.split("-", 1)[0].lower()
        if base in SUPPORTED:
            return base
    return "en"


def lang_of_text(text: str) -> str:
    """The tag for a piece of someone's writing, so that browsers pick the right glyphs and line breaks.

    Han characters carry about two letters' worth each: a fifth of them makes a text Chinese.
    """
    sample = text[:2000]
    letters = len(_LETTER.findall(sample))
    return "zh-Hans" if letters and len(_HAN.findall(sample)) * 5 >= letters else "en"


def language_middleware(app: ASGIApp) -> ASGIApp:
    """Set the language from the `lang` cookie (which mirrors the user's setting) or Accept-Language."""

    async def speak(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        cookie, wishes = _language_headers(scope["headers"])
        # The site's own language stands before the browser's wishes, behind what somebody chose.
        with use_language(pick_language(cookie, look().language or wishes)):
            await app(scope, receive, send)

    return speak


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """The messages of `lang`: from the compiled file if it is newer than its source, else compiled here."""
    source = LOCALES / _FOLDERS[lang] / "LC_MESSAGES" / "messages.po"
    compiled = source.with_suffix(".mo")
    if not source.exists() and not compiled.exists():
        return gettext.NullTranslations()
    fresh = compiled.exists() and (not source.exists() or compiled.stat().st_mtime >= source.stat().st_mtime)
    return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes() if fresh else compiled_messages(source)))


def compiled_messages(source: Path) -> bytes:
    """A .po file in the .mo format."""
    # Imported here: a started copy has its .mo files, and Babel costs 8 MB nobody else uses.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = io.BytesIO()
    with source.open("rb") as file:
        write_mo(out, read_po(file))
    return out.getvalue()


def _wishes(header: str) -> list[str]:
    """Language tags of an Accept-Language header, most wanted first (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _sep, rest = part.strip().partition(";")
        quality = 1.0
        if rest.strip().startswith("q="):
            try:
                quality = float(rest.strip()[2:])
            except ValueError:
                continue
        if tag and quality > 0:
            weighed.append((-quality, tag))
    return [tag for _weight, tag in sorted(weighed, key=lambda pair: pair[0])]


def _language_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str | None, str | None]:
    cookie = wishes = None
    for name, value in headers:
        if name == b"accept-language":
            wishes = value.decode("latin-1")
        elif name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _sep, content = pair.strip().partition("=")
                if key == COOKIE:
                    cookie = content
    return cookie, wishes
