"""Pieces of requests and errors that Gemini and Ollama have alike. Pure."""

from __future__ import annotations

import base64
from typing import Any

from parley.providers.base import GO_ON, Image
from parley.providers.loose import json_or_none
from parley.providers.vendor_errors import redacted

__all__ = ["GO_ON", "base64_of", "object_of", "plain"]

MAX_WORDS = 500  # characters of a vendor's message that are kept


def plain(message: str, secrets: tuple[str, ...]) -> str:
    """A vendor's words for an error: one line, without secrets, without NUL (PostgreSQL stores none)."""
    return redacted(" ".join(message.replace("\0", " ").split()), secrets)[:MAX_WORDS]


def base64_of(image: Image) -> str:
    """The bytes of a picture in base64, also out of a `data:` address; "" when there is only an address."""
    if image.data:
        return base64.b64encode(image.data).decode("ascii")
    start, mark, data = image.url.partition(";base64,")
    return data if mark and start.startswith("data:") else ""


def object_of(arguments: str) -> dict[str, Any]:
    """What a model wrote as arguments, for protocols that take nothing but an object."""
    said = json_or_none(arguments or "{}")
    return said if isinstance(said, dict) else {"arguments": arguments}
