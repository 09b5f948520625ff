"""A picture as the mark of the site: drawn anew in every size it is shown in. No I/O.

All of them are PNG, whatever came: what stands on a phone's home screen has to be. Sizes and the purpose
"maskable": https://www.w3.org/TR/appmanifest/#purpose-member (what lies outside a circle of 80 % may be cut
off); 180 pixels without transparency: https://developer.apple.com/design/human-interface-guidelines/app-icons
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.files import pictures
from parley.lib.errors import Invalid
from parley.settings.colours import DARK_PAPERS, LIGHT_PAPERS, least
from parley.web.i18n import _
from parley.web.look import mark_file

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = pictures.FACE_SIDE
MOST_BYTES = 1_000_000  # as sent
KINDS = (pictures.PNG, pictures.JPEG, pictures.WEBP)
PLAIN = (32, 96, 192, SIDE)  # tab, pages, home screens
TOUCH, TOUCH_SHARE = 180, 0.78  # and how much of its side is the picture, where it needs a ground
MASKED_SHARE = 0.66
SEEN = 2.0  # contrast below which a mark is lost on a page; text would need more
LIGHT, DARK = "#f9fcfc", "#0f1417"


@dataclass(frozen=True, slots=True)
class SiteMark:
    """A mark ready to be kept. `id` names its content and the theme in which it needs a ground of its own."""

    id: str  # like "3f2a9c01d2e4b5a6" or "3f2a9c01d2e4b5a6-dark"
    files: dict[str, bytes]  # PNG by file name, see web/look.py


def site_mark(data: bytes) -> SiteMark:
    """The middle square of a PNG, JPEG or WebP picture of at most MOST_BYTES; raises Invalid.

    Takes up to a second of one core: never call it in the loop.
    """
    if len(data) > MOST_BYTES:
        raise too_large()
    if data and pictures.kind_of(data) not in KINDS:
        raise Invalid(_("This is not a picture the mark can be made of. Use PNG, JPEG or WebP."))
    square = pictures.square(data, SIDE)
    plate = _lost_in(square)
    ground = _ground_of(square, plate)
    drawn = {str(side): _sized(square, side) for side in PLAIN}
    drawn["180"] = square if _is_solid(square) else _on(square, TOUCH, TOUCH_SHARE, ground)
    drawn["180"] = _sized(drawn["180"], TOUCH)
    drawn["maskable"] = _on(square, SIDE, MASKED_SHARE, ground)
    pieces = {size: pictures.png(image) for size, image in drawn.items()}
    id = hashlib.sha256(b"".join(pieces.values())).hexdigest()[:16] + (f"-{plate}" if plate else "")
    return SiteMark(id, {mark_file(id, size): piece for size, piece in pieces.items()})


def too_large() -> Invalid:
    """What is said about a file above MOST_BYTES."""
    return Invalid(_("This picture is too large. The mark may have at most 1 MB."), code="too_large")


def _lost_in(image: Image) -> str:
    """The theme in which a picture one can see through would not be seen: "light", "dark" or ""."""
    if _is_solid(image):
        return ""
    light, dark = least(_mean(image), LIGHT_PAPERS), least(_mean(image), DARK_PAPERS)
    return "" if min(light, dark) >= SEEN else "light" if light < dark else "dark"


def _mean(image: Image) -> str:
    """The colour of what is seen of it."""
    from PIL import ImageStat

    seen = image.getchannel("A").point(lambda alpha: 255 if alpha > 96 else 0)
    if not seen.getbbox():
        raise Invalid(_("There is nothing to see in this picture."))
    mean = ImageStat.Stat(image.convert("RGB"), seen).mean
    return "#" + "".join(f"{round(part):02x}" for part in mean)


def _ground_of(image: Image, plate: str) -> str:
    """What stands round it where nothing may be seen through: its own colour, or a page it is seen on."""
    if not _is_solid(image):
        return DARK if plate == "light" else LIGHT
    corner = image.convert("RGB").getpixel((0, 0))
    assert isinstance(corner, tuple)
    return "#" + "".join(f"{round(part):02x}" for part in corner)


def _is_solid(image: Image) -> bool:
    return image.mode == "RGB"


def _on(image: Image, side: int, share: float, ground: str) -> Image:
    from PIL import Image as images

    inner = round(side * share)
    sheet = images.new("RGB", (side, side), ground)
    picture, at = _sized(image, inner), (side - inner) // 2
    sheet.paste(picture, (at, at), None if _is_solid(picture) else picture)
    return sheet


def _sized(image: Image, side: int) -> Image:
    from PIL import Image as images

    return image.resize((side, side), images.Resampling.LANCZOS)
