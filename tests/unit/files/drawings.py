"""Pictures for tests, drawn here."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw


def picture(
    form: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object
) -> bytes:
    """A plain picture with a red upper left corner."""
    image = Image.new(mode, size, "white" if mode in ("RGB", "L") else 0)
    if mode == "RGB":
        image.paste((220, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    into = BytesIO()
    image.save(into, form, **options)
    return into.getvalue()


def drawing(
    form: str = "PNG", side: int = 200, mode: str = "RGBA", seen: tuple[int, ...] = (0, 110, 120, 255)
) -> bytes:
    """A disc of one colour on nothing (RGBA), or on white."""
    image = Image.new(mode, (side, side), (0, 0, 0, 0) if mode == "RGBA" else "white")
    ImageDraw.Draw(image).ellipse((10, 10, side - 10, side - 10), fill=seen)
    into = BytesIO()
    image.save(into, form)
    return into.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(data)) as image:
        return image.size


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_says(width: int, height: int, *more: bytes) -> bytes:
    """A tiny file that promises a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + body + chunk(b"IEND", b"")


def webp_that_says(width: int, height: int) -> bytes:
    """An extended WebP whose canvas is only a promise."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + sides
    return b"RIFF" + struct.pack("<I", len(body)) + body
