"""What an upstream says, made fit to be stored and shown: without our secrets, whatever form they have. Pure.

Everybody who chats reads these words, and an upstream repeats what it was sent: as it is, cut off, half
masked, as it stood in an address or in JSON, or in base64.
"""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

Secrets = str | tuple[str, ...]  # the key, or all that must not be repeated

MAX_WORDS = 500  # characters of a vendor's message that are kept
SCRAP = 200  # characters of something that is no answer
LOOKED_AT = 8_000  # characters of which those are taken
HIDDEN = "[key]"
UNSAID = "[hidden]"  # what is nobody's of us, and looks like a secret
PIECE = 12  # characters in a row that say too much of a secret
LONG = 16  # characters; of a shorter secret only the whole is looked for

_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]{6,}|\b(api[-_]?key)\s*[:=]\s*[^\s,;]{6,}")
_MASKED = re.compile(r"[\w-]{0,64}\*{4,}[\w-]{0,64}")  # OpenAI repeats the ends of a key it refuses
# Without one of these no pattern fits: most texts are short words, and there are many of them.
_WORTH_A_LOOK = re.compile(r"[:=]|-----|[\w.-]{12}")
# Each with words of which one is in whatever it fits, in small letters: to look for those takes a hundredth.
_PATTERNS = tuple(
    (re.compile(pattern), put, tuple(words.split()))
    for pattern, put, words in (
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?"
            r"(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|\Z)",
            UNSAID,
            "-----begin",
        ),
        # Its beginning was cut off.
        (r"\A[\s\S]*-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----", UNSAID, "-----end"),
        (r"\beyJ[\w-]{6,}+\.[\w-]{6,}+(\.[\w-]*+)?", UNSAID, "eyj"),  # JSON Web Tokens
        (
            r"\b(sk|pk|rk|gsk|xai|pplx|hf|nvapi|r8|key|whsec)[-_][A-Za-z0-9_-]{12,}",
            UNSAID,
            "k- k_ xai- xai_ pplx- pplx_ hf- hf_ nvapi- nvapi_ r8- r8_ key- key_ whsec- whsec_",
        ),
        (r"\bAIza[\w-]{20,}|\bya29\.[\w.-]{10,}", UNSAID, "aiza ya29."),  # Google
        (r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}", UNSAID, "akia asia abia acca"),  # AWS
        (
            r"\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\bxox[abeoprs]-[\w-]{8,}",
            UNSAID,
            "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox",
        ),
        (r"(?i)(://)[^/\s:@\"']*:[^/\s@\"']+@", rf"\1{UNSAID}@", "://"),  # user:password in an address
        (
            r"(?i)([?&](?:[\w.-]{0,64}(?:key|token|secret|sig|signature|password|passwd|pwd|auth|code|credential)))"
            r"=[^&#\s\"'<>]+",
            rf"\1={UNSAID}",
            "key= token= secret= sig= signature= password= passwd= pwd= auth= code= credential=",
        ),
        (
            r"(?i)(\bcookie\\*[\"']?\s*[:=]\s*\\*[\"']?)(?!\[(?:hidden|key)\])[^\r\n\"'\\]{4,}",
            rf"\1{UNSAID}",
            "cookie",
        ),  # all of it
        (
            # What stands before these words in a name is not looked at: it would be, from every hyphen on.
            r"(?i)((?:api[-_]?key|secret|password|passwd|passphrase|authorization|access[-_]key"
            r"|signature|(?<![a-z0-9])token)\\*[\"']?\s*[:=]\s*\\*[\"']?)"
            r"(?!\[(?:hidden|key)\])(?:(?:bearer|basic)\s+)?[^\s\"'\\,;&{}]{4,}",
            rf"\1{UNSAID}",
            "key secret password passwd passphrase authorization signature token",
        ),
    )
)
_SCHEMES = ("bearer", "basic", "key")


def redacted(text: str, key: Secrets) -> str:
    """`text` without our key (or keys) and without anything that follows "Bearer" or is half masked."""
    for secret in (key,) if isinstance(key, str) else key:
        if secret:
            for form in _forms(secret):
                text = text.replace(form, HIDDEN)
            text = _without_pieces(text, secret)
    text = _MASKED.sub(HIDDEN, text) if "****" in text else text
    if not _holds(_folded(text), _SCHEMES):
        return text
    return _BEARER.sub(lambda found: f"{found[1] or found[2]} {HIDDEN}", text)


def by_looks(text: str) -> str:
    """`text` without what looks like a secret, whosever it is."""
    if _WORTH_A_LOOK.search(text):
        folded = _folded(text)  # what is put in place of a secret is none of the words
        for pattern, put, words in _PATTERNS:
            if _holds(folded, words):
                text = pattern.sub(put, text)
    return text


def _folded(text: str) -> str:
    """In small letters, as `(?i)` compares them: a dotless i, a long s and others are letters there too."""
    return text.lower() if text.isascii() else text.casefold().replace("\u0131", "i").replace("\u0307", "")


def _holds(folded: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110  no generator: this is done hundreds of times for an answer
        if word in folded:
            return True
    return False


def plain(message: str, key: Secrets) -> str:
    """A vendor's words on one line, without our key, as long as may be stored and shown.

    Without NUL, which PostgreSQL cannot store, and without halves of surrogate pairs, which nobody can.
    """
    text = " ".join(message[:LOOKED_AT].replace("\0", " ").split())
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return by_looks(redacted(text, key))[:MAX_WORDS]


def scrap(data: bytes, key: Secrets) -> str:
    """The beginning of something that is no answer, as `plain`."""
    return plain(data[:LOOKED_AT].decode("utf-8", "replace"), key)[:SCRAP]


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    if len(secret) < LONG:
        return (secret,)
    others = {
        quote(secret, safe=""),
        quote(secret, safe="").replace("%2F", "%2f").replace("%2B", "%2b").replace("%3D", "%3d"),
        secret.replace("/", r"\/"),
        html.escape(secret),
        *_in_base64(secret),
    } - {secret}
    return (secret, *others)


def _in_base64(secret: str) -> Iterator[str]:
    """At each of the three places in a group of three bytes, without the signs that hold other bits."""
    data = secret.encode()
    for shift in range(3):
        whole = b64encode(bytes(shift) + data).decode()
        inner = whole[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _without_pieces(text: str, secret: str) -> str:
    """Without what was cut out of a secret. An address or a media type in a header is no such secret."""
    if len(secret) < LONG or "://" in secret or " " in secret:
        return text
    start = 0
    while start <= len(secret) - PIECE:
        end = start + PIECE
        if secret[start:end] not in text:
            start += 1
            continue
        while end < len(secret) and secret[start : end + 1] in text:
            end += 1
        text = text.replace(secret[start:end], HIDDEN)
    return text
