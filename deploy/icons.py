"""Draws the icons of the installed app into static/img/: `python deploy/icons.py` after the mark has changed.

The same mark as static/img/favicon.svg, at four times the size and made smaller: Pillow draws no soft edges.
Sizes as installers ask for them: 192, 512, and a maskable one whose corners may be cut away (the mark
stays in the inner 80 %, https://www.w3.org/TR/appmanifest/#icon-masks).
"""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "static" / "img"
GROUND, MARK, PALE = "#f9fcfc", "#00808b", "#7bbfc4"
FINER = 4


def drawn(side: int, *, mark: float, round: bool) -> Image.Image:
    """The mark on its ground; `mark` is the part of the side that its 24-unit box takes."""
    size = side * FINER
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, size - 1, size - 1), radius=size * 0.22 if round else 0, fill=GROUND)
    unit = size * mark / 24
    origin = (size - 24 * unit) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return origin + x * unit, origin + y * unit

    def dot(x: float, y: float, radius: float, colour: str) -> None:
        (left, top), (right, bottom) = at(x - radius, y - radius), at(x + radius, y + radius)
        draw.ellipse((left, top, right, bottom), fill=colour)

    wide = 3 * unit
    ring = (*at(12 - 9, 12 - 9), *at(12 + 9, 12 + 9))  # Pillow's arcs grow inwards: the middle line is at 7.5
    draw.arc(ring, 0, 90, fill=PALE, width=round_up(wide))
    draw.line((*at(12, 19.5), *at(6.2, 19.5)), fill=PALE, width=round_up(wide))
    dot(6.2, 19.5, 1.5, PALE)
    draw.arc(ring, 180, 360, fill=MARK, width=round_up(wide))
    dot(4.5, 12, 1.5, MARK)
    dot(19.5, 12, 1.5, MARK)
    dot(12, 12, 2.6, MARK)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def round_up(length: float) -> int:
    """Whole pixels."""
    return int(length + 0.999)


if __name__ == "__main__":
    for side in (192, 512):
        drawn(side, mark=0.8, round=True).save(FOLDER / f"icon-{side}.png", optimize=True)
    drawn(512, mark=0.6, round=False).save(FOLDER / "icon-maskable.png", optimize=True)
    drawn(180, mark=0.72, round=False).save(FOLDER / "icon-touch.png", optimize=True)
