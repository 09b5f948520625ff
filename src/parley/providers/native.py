"""Pieces of requests and errors that Gemini and Ollama have alike. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from parley.providers.base import GO_ON, Image, ImageOutput
from parley.providers.loose import json_or_none
from parley.providers.redacting import plain

__all__ = ["GO_ON", "base64_of", "object_of", "picture_of", "plain"]

_STARTS = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
)


def base64_of(image: Image) -> str:
    """The bytes of a picture in base64, also out of a `data:` address; "" when there is only an address."""
    if image.data:
        return base64.b64encode(image.data).decode("ascii")
    start, mark, data = image.url.partition(";base64,")
    return data if mark and start.startswith("data:") else ""


def picture_of(data: str, mime: str = "") -> ImageOutput | None:
    """A picture out of base64, None when it is none; the first bytes tell the type nobody named."""
    try:
        picture = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    mime = mime or next((name for start, name in _STARTS if picture.startswith(start)), "")
    return ImageOutput(mime, picture) if picture and mime.startswith("image/") else None


def object_of(arguments: str) -> dict[str, Any]:
    """What a model wrote as arguments, for protocols that take nothing but an object."""
    said = json_or_none(arguments or "{}")
    return said if isinstance(said, dict) else {"arguments": arguments}
