"""Pictures made safe to keep: recognised by content, decoded within limits, written anew. No I/O.

What comes out was drawn by us: no metadata, no second file hidden behind the first. Pillow is imported
at the first picture; a process that sees none does not pay for it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from parley.lib.errors import Invalid
from parley.web.i18n import _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_BYTES = 15_000_000  # of a picture as it is sent
LONGEST_SIDE = 8192  # pixels, as sent
KEPT_SIDE = 2048  # pixels; what vendors look at is smaller still
THUMB_SIDE = 320
FACE_SIDE = 512  # of a profile picture
MOST_FACE_BYTES = 1_000_000  # as sent
LARGEST_PNG = 3_500_000  # bytes; vendors refuse pictures above about 5 MB of base64
JPEG, PNG, WEBP, GIF = "image/jpeg", "image/png", "image/webp", "image/gif"
# So that no decoding takes more than about 350 MB: a JPEG is decoded at a fraction of its size, a PNG once
# in full and once more while it is made smaller, and WebP's decoder keeps two canvases of its own.
MOST_PIXELS = {JPEG: 8192 * 6144, PNG: 8192 * 4320, WEBP: 4096 * 4096, GIF: 4096 * 4096}


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; `mime` is image/png or image/jpeg, which every provider takes."""

    data: bytes
    mime: str
    width: int
    height: int


def kind_of(data: bytes) -> str:
    """The media type the first bytes tell, "" for anything but PNG, JPEG, WebP and GIF.

    Magic numbers as in the WHATWG MIME Sniffing Standard, section 6.1.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:15] == b"WEBPVP8":
        return WEBP
    return GIF if data[:6] in (b"GIF87a", b"GIF89a") else ""


def fit(data: bytes, side: int = KEPT_SIDE) -> Picture:
    """`data` upright, at most `side` pixels a side, of an animation the first picture.

    Takes up to a second of one core: never call it in the loop. Raises Invalid.
    """
    return _encoded(_decoded(data, side), lossy=kind_of(data) == JPEG)


def thumb(data: bytes) -> Picture:
    """A picture that `fit` made, at most THUMB_SIDE pixels a side."""
    with _opened(data, kind_of(data)) as source:
        return _encoded(_upright(source, THUMB_SIDE), lossy=kind_of(data) == JPEG)


def face(data: bytes) -> Picture:
    """A picture cut to its middle square, FACE_SIDE pixels or as few as it has. Raises Invalid."""
    if len(data) > MOST_FACE_BYTES:
        raise Invalid(
            _("This picture is too large. A profile picture may have at most 1 MB."), code="too_large"
        )
    return _encoded(square(data, FACE_SIDE), lossy=kind_of(data) == JPEG)


def square(data: bytes, most: int) -> Image:
    """The middle square of a picture, `most` pixels or as few as it has, as RGB or RGBA; raises Invalid."""
    from PIL import Image, ImageOps

    whole = _decoded(data, KEPT_SIDE)
    side = min(most, *whole.size)
    return _without_idle_alpha(ImageOps.fit(whole, (side, side), Image.Resampling.LANCZOS))


def png(image: Image) -> bytes:
    """A picture that `square` made, as PNG."""
    return _written(image, "PNG", compress_level=9)


def too_large() -> Invalid:
    """What is said about a file above MOST_BYTES."""
    most = MOST_BYTES // 1_000_000
    return Invalid(
        _("This file is too large. A picture may have at most %(most)d MB.", most=most), code="too_large"
    )


def _decoded(data: bytes, side: int) -> Image:
    if not data:
        raise Invalid(_("This file is empty."), code="empty_file")
    if len(data) > MOST_BYTES:
        raise too_large()
    kind = kind_of(data)
    if not kind:
        raise Invalid(
            _("This is not a picture Parley can read. Use PNG, JPEG, WebP or GIF."), code="not_an_image"
        )
    try:
        if kind == WEBP:  # its decoder makes room for the whole canvas before it can be asked for the size
            _check_size(*_size_of_webp(data), MOST_PIXELS[kind])
        with _opened(data, kind) as source:
            _check_size(*source.size, MOST_PIXELS[kind])
            return _upright(source, side)
    except Invalid:
        raise
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise Invalid(
            _("This picture is damaged or cut off. Try another copy of it."), code="damaged_image"
        ) from error


def _check_size(width: int, height: int, most: int) -> None:
    if max(width, height) > LONGEST_SIDE or width * height > most:
        raise Invalid(
            _(
                "This picture has %(width)d × %(height)d pixels. At most %(side)d on each side and"
                " %(most)d million in all are possible.",
                width=width, height=height, side=LONGEST_SIDE, most=most // 1_000_000,
            ),
            code="too_many_pixels",
        )  # fmt: skip
    if min(width, height) < 1:
        raise ValueError("a side without pixels")


def _size_of_webp(data: bytes) -> tuple[int, int]:
    """The canvas of a WebP file (Google's "WebP Container Specification" and RFC 6386, section 9.1)."""
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _opened(data: bytes, kind: str) -> ImageFile:
    """The picture with its header read. Pillow's own search would load every decoder it has."""
    from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    Image.MAX_IMAGE_PIXELS = max(
        MOST_PIXELS.values()
    )  # frames of a GIF may be larger than it says at its beginning
    readers: dict[str, Callable[[BytesIO], ImageFile]] = {
        PNG: PngImagePlugin.PngImageFile,
        JPEG: JpegImagePlugin.JpegImageFile,
        WEBP: WebPImagePlugin.WebPImageFile,
        GIF: GifImagePlugin.GifImageFile,
    }
    return readers[kind](BytesIO(data))


def _upright(source: ImageFile, side: int) -> Image:
    """The picture as it should be seen, no side above `side`, in the mode RGB or RGBA."""
    from PIL import Image, ImageOps

    source.draft("RGB", (side, side))  # JPEG: decoded at a fraction of its size where that is enough
    image: Image.Image = source
    if image.mode.startswith("I"):  # 16 bits a pixel; a plain conversion would cut instead of scale
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in source.info
    mode = "RGBA" if see_through else "RGB"
    image = image if image.mode == mode else image.convert(mode)  # a large one is not copied for nothing
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image.info["exif"] = source.info.get("exif", b"")
    return ImageOps.exif_transpose(image)


def _encoded(image: Image, *, lossy: bool) -> Picture:
    image = _without_idle_alpha(image)
    lossless = not lossy or image.mode == "RGBA"
    data = _written(image, "PNG", compress_level=6) if lossless else b""
    if not lossless or len(data) > LARGEST_PNG:
        return Picture(_written(_on_white(image), "JPEG", quality=88), JPEG, *image.size)
    return Picture(data, PNG, *image.size)


def _without_idle_alpha(image: Image) -> Image:
    solid = image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if solid else image


def _on_white(image: Image) -> Image:
    from PIL import Image

    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _written(image: Image, form: str, **options: int) -> bytes:
    image.info = {}  # nothing of what came with the picture is written
    into = BytesIO()
    image.save(into, form, **options)
    return into.getvalue()
