"""Tokens that tie a form to the browser it was shown to, and the check of where a request comes from.

A token is an HMAC of the browser's own secret cookie (its login session, or its visit before signing in):
a neighbouring host cannot make one for a cookie it plants, and it dies with the login session.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit


def make_token(key: bytes, anchor: str) -> str:
    """The token of the browser that holds the cookie value `anchor`; the same every time."""
    return hmac.new(key, b"csrf\0" + anchor.encode(), hashlib.sha256).hexdigest()


def token_matches(key: bytes, anchor: str, token: str) -> bool:
    """Whether `token` was made for `anchor`; takes the same time whatever differs."""
    return bool(anchor) and hmac.compare_digest(make_token(key, anchor).encode(), token.encode())


def is_own_origin(origin: str | None, fetch_site: str | None, hosts: frozenset[str]) -> bool:
    """Whether the headers `Origin` and `Sec-Fetch-Site` allow that one of our own pages sent the request.

    `hosts` are the names (with port) under which the browser may know us. Sec-Fetch-Site cannot be set by a
    page (W3C Fetch Metadata section 2) but comes only over https or from localhost; elsewhere Origin decides.
    Neither present: not a current browser, so the token alone decides.
    """
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    if origin is None or fetch_site == "same-origin":
        return origin != "null"
    host = urlsplit(origin).netloc.lower() if origin.startswith(("http://", "https://")) else ""
    return host in hosts
