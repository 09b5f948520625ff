"""What a picture may be, and what is kept of it."""

import re
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from parley.chat.attachments import MOST_FILES
from parley.files.pictures import MOST_BYTES, fit, kind_of, thumb
from parley.lib.errors import Invalid
from tests.unit.files.drawings import chunk, picture, png_that_says, size_of, webp_that_says

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("form", "mime"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/png"), ("GIF", "image/png")],
)
def test_each_kind_is_known_by_its_content_and_written_anew(form: str, mime: str) -> None:
    data = picture(form)
    assert kind_of(data) == f"image/{form.lower()}"
    kept = fit(data)
    assert (kept.mime, kept.width, kept.height) == (mime, 64, 48)
    assert kind_of(kept.data) == mime
    assert size_of(kept.data) == (64, 48)
    assert fit(kept.data).mime == mime


@pytest.mark.parametrize(
    ("size", "kept"), [((4096, 1024), (2048, 512)), ((100, 3000), (68, 2048)), ((8192, 1), (2048, 1))]
)
def test_a_large_picture_is_made_smaller_and_keeps_its_shape(
    size: tuple[int, int], kept: tuple[int, int]
) -> None:
    fitted = fit(picture("JPEG", size))
    assert (fitted.width, fitted.height) == kept == size_of(fitted.data)
    assert max(size_of(thumb(fitted.data).data)) == 320


def test_what_a_camera_wrote_beside_the_picture_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    for form in ("JPEG", "PNG", "WEBP"):
        data = picture(form, exif=exif)
        assert b"Secret camera" in data
        kept = fit(data)
        assert b"Secret" not in kept.data
        with Image.open(BytesIO(kept.data)) as image:
            assert not image.getexif()
            assert image.size == (48, 64)
            red, green, _ = image.convert("RGB").getpixel((40, 8))  # type: ignore[misc]
            assert red > 150 > green, "the red corner is now the upper right one"


def test_nothing_hidden_behind_or_inside_a_picture_is_kept() -> None:
    page = b"<script>alert(1)</script>"
    for data in (
        picture("PNG") + page,
        picture("JPEG", comment=page),
        png_that_says(4, 4, chunk(b"tEXt", b"Comment\0" + page)),
        picture("GIF", comment=page),
    ):
        assert page in data
        assert page not in fit(data).data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * MOST_BYTES, "too_large"),
        (b"<html><script>alert(1)</script>", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (b"BM" + b"\0" * 60, "not_an_image"),
        (b"GIF89a=1;<script>alert(1)</script>", "damaged_image"),
        (b"\x89PNG\r\n\x1a\n<html>", "damaged_image"),
        (b"\xff\xd8\xff<html>", "damaged_image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "damaged_image"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        fit(data)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        png_that_says(60_000, 60_000),
        png_that_says(8193, 8),
        png_that_says(8192, 8192),
        webp_that_says(16_000, 16_000),
        b"GIF89a\xff\xff\xff\xff\0\0\0" + picture("GIF")[13:],
    ],
)
def test_a_small_file_that_would_be_a_huge_picture_is_refused_before_it_is_drawn(data: bytes) -> None:
    assert len(data) < 2000
    with pytest.raises(Invalid, match=r"has \d+ × \d+ pixels") as refusal:
        fit(data)
    assert refusal.value.code == "too_many_pixels"


def test_a_text_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = zlib.compress(b"a" * 5_000_000)
    with pytest.raises(Invalid):
        fit(png_that_says(4, 4, chunk(b"zTXt", b"k\0\0" + bomb)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_cut_off_file_is_refused(form: str) -> None:
    data = picture(form, (400, 300))
    for cut in (len(data) // 3, len(data) // 2, len(data) * 4 // 5):
        with pytest.raises(Invalid) as refusal:
            fit(data[:cut])
        assert refusal.value.code == "damaged_image"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_way_to_store_colours_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert fit(picture(form, mode=mode)).width == 64


def test_sixteen_bits_a_pixel_keep_their_greys() -> None:
    image = Image.new("I;16", (8, 8), 32768)
    into = BytesIO()
    image.save(into, "PNG")
    with Image.open(BytesIO(fit(into.getvalue()).data)) as kept:
        assert kept.convert("L").getpixel((0, 0)) == 128


def test_of_an_animation_the_first_picture_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for form in ("GIF", "WEBP"):
        into = BytesIO()
        frames[0].save(into, form, save_all=True, append_images=frames[1:])
        with Image.open(BytesIO(fit(into.getvalue()).data)) as kept:
            assert getattr(kept, "n_frames", 1) == 1
            red, _, blue = kept.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
            assert red > 200 > blue


def test_a_see_through_picture_stays_so_and_a_noisy_one_stays_small() -> None:
    with Image.open(BytesIO(fit(picture("PNG", mode="RGBA")).data)) as kept:
        assert kept.mode == "RGBA"
    noise = Image.effect_noise((2048, 2048), 90).convert("RGB")
    into = BytesIO()
    noise.save(into, "PNG", compress_level=1)
    kept_noise = fit(into.getvalue())
    assert kept_noise.mime == "image/jpeg"
    assert len(kept_noise.data) < 4_000_000


def test_a_process_without_pictures_does_not_load_the_decoder() -> None:
    code = "import sys, parley.app, parley.worker; sys.exit('PIL' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=False, env={"PYTHONPATH": "src"}, cwd=ROOT
        ).returncode
        == 0
    )


def test_the_composer_knows_the_limits() -> None:
    composer = (ROOT / "templates/chat/_composer.html").read_text()
    assert f'data-largest="{MOST_BYTES}"' in composer
    assert f'data-most="{MOST_FILES}"' in composer
    refused = re.search(r'data-refused="([^"]+)"', composer)
    assert refused
    kinds = (
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/gif",
        "application/pdf",
        "text/plain",
        "text/csv",
    )
    assert [kind for kind in kinds if re.search(refused[1], kind)] == []
    hopeless = ("video/mp4", "audio/mpeg", "image/tiff", "application/zip")
    assert [kind for kind in hopeless if not re.search(refused[1], kind)] == []
    words = (ROOT / "templates/_words.html").read_text()
    assert f"picture={MOST_BYTES // 1_000_000}," in words
    assert f"most={MOST_FILES})" in words
