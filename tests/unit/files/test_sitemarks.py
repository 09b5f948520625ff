"""A picture as the mark of the site: its sizes, what is round it, where it would not be seen."""

from io import BytesIO

import pytest
from PIL import Image

from parley.files.sitemarks import SIDE, site_mark
from parley.lib.errors import Invalid
from tests.unit.files.drawings import drawing, picture, png_that_says, size_of, webp_that_says

DARK_INK, LIGHT_INK = (16, 20, 24, 255), (245, 250, 250, 255)


def pixel(data: bytes, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    with Image.open(BytesIO(data)) as image:
        found = image.convert("RGBA").getpixel(at)
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_every_size_is_a_square_png_without_what_came_along(form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    mark = site_mark(picture(form, (300, 200), exif=exif))
    for size, side in (("32", 32), ("96", 96), ("180", 180), ("192", 192), ("512", SIDE), ("maskable", SIDE)):
        data = mark.files[f"mark-{mark.id}-{size}.png"]
        assert data.startswith(b"\x89PNG")
        assert b"Secret" not in data
        assert size_of(data) == (side, side)
    assert len(mark.files) == 6
    assert mark.id == site_mark(picture(form, (300, 200))).id


@pytest.mark.parametrize(
    ("ink", "theme", "ground"),
    [(DARK_INK, "-dark", 249), (LIGHT_INK, "-light", 15), ((0, 110, 120, 255), "", 249)],
)
def test_a_drawing_on_nothing_stays_so_and_has_a_ground_where_it_must(
    ink: tuple[int, ...], theme: str, ground: int
) -> None:
    mark = site_mark(drawing(seen=ink))
    assert mark.id[16:] == theme
    for size in ("32", "96", "192", "512"):
        assert pixel(mark.files[f"mark-{mark.id}-{size}.png"])[3] == 0
    for size in ("180", "maskable"):
        red, _green, _blue, alpha = pixel(mark.files[f"mark-{mark.id}-{size}.png"])
        assert (red, alpha) == (ground, 255)


def test_a_picture_with_a_ground_of_its_own_keeps_it() -> None:
    mark = site_mark(drawing("JPEG", mode="RGB", seen=(9, 14, 17)))
    assert len(mark.id) == 16
    assert pixel(mark.files[f"mark-{mark.id}-maskable.png"])[0] > 250


def test_a_large_picture_of_many_colours_stays_see_through() -> None:
    side = 1700
    image = Image.effect_noise((side, side), 90).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 200, side))
    into = BytesIO()
    image.save(into, "WEBP", quality=1)
    mark = site_mark(into.getvalue())
    assert pixel(mark.files[f"mark-{mark.id}-512.png"])[3] == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This file is empty."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Use PNG, JPEG or WebP."),
        (picture("GIF"), "Use PNG, JPEG or WebP."),
        (picture()[:60], "damaged or cut off"),
        (png_that_says(30_000, 30_000), "pixels"),
        (webp_that_says(16_000, 16_000), "pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1_000_000), "at most 1 MB"),
        (drawing(seen=(0, 0, 0, 0)), "nothing to see"),
    ],
)
def test_what_cannot_be_a_mark_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        site_mark(data)
