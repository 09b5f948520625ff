"""An accent colour in both themes, readable on our papers. Pure.

Contrast is WCAG 2.2's (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); hue and lightness are Oklab's
(https://bottosson.github.io/posts/oklab/), the space static/css/tokens.css is written in.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

ENOUGH = 4.5  # of text to its ground, WCAG 2.2 level AA
LIGHT_PAPERS = ("#ffffff", "#f9fcfc", "#eff4f5", "#dff1f3")  # raised, ground, panel, tint of tokens.css
DARK_PAPERS = ("#090e11", "#0f1417", "#161d20", "#16282d")  # panel, ground, raised, tint
STEP = 0.004

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour as both themes use it, and its least contrast to what it stands on."""

    light: str
    light_contrast: float
    dark: str
    dark_contrast: float
    asked: str

    @property
    def changed(self) -> tuple[str, ...]:
        """The themes in which the colour asked for could not be read."""
        both = (("light", self.light), ("dark", self.dark))
        return tuple(theme for theme, colour in both if colour != self.asked.lower())


def accent_of(colour: str) -> Accent:
    """The colour, made darker for light pages and lighter for dark ones until it can be read there."""
    light, dark = _moved(colour, LIGHT_PAPERS, -STEP), _moved(colour, DARK_PAPERS, STEP)
    return Accent(light, least(light, LIGHT_PAPERS), dark, least(dark, DARK_PAPERS), colour)


def stylesheet(accent: Accent) -> tuple[str, str]:
    """A file name that changes with its content, and the content: the tokens a brand decides."""
    _lightness, chroma, hue = oklch(accent.asked)
    faint = min(chroma, 0.026)
    rules = {
        "--accent": (accent.light, accent.dark),
        "--accent-deep": (
            f"color-mix(in oklab, {accent.light} 86%, black)",
            f"color-mix(in oklab, {accent.dark} 86%, white)",
        ),
        "--tint": (f"oklch(0.946 {faint:.3f} {hue:.0f})", f"oklch(0.262 {faint:.3f} {hue:.0f})"),
        "--tint-line": (f"oklch(0.88 {faint:.3f} {hue:.0f})", f"oklch(0.345 {faint:.3f} {hue:.0f})"),
    }
    body = "".join(f"{name}:light-dark({light},{dark});" for name, (light, dark) in rules.items())
    css = ":root{" + body + "}\n"
    return f"accent-{hashlib.sha256(css.encode()).hexdigest()[:12]}.css", css


def least(colour: str, papers: tuple[str, ...]) -> float:
    """The worst contrast of `colour` to one of `papers`."""
    return min(contrast(colour, paper) for paper in papers)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def oklch(colour: str) -> Triple:
    """Lightness 0-1, chroma, hue in degrees."""
    red, green, blue = (_linear(part) for part in _parts(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _moved(colour: str, papers: tuple[str, ...], step: float) -> str:
    colour = colour.lower()
    if least(colour, papers) >= ENOUGH:
        return colour
    lightness, chroma, hue = oklch(colour)
    while 0 < lightness < 1:
        lightness += step
        found = _shown(lightness, chroma, hue)
        if least(found, papers) >= ENOUGH:
            return found
    return "#000000" if step < 0 else "#ffffff"


def _shown(lightness: float, chroma: float, hue: float) -> str:
    """The colour in sRGB; as much of its chroma is taken away as screens cannot show."""
    while True:
        parts = _srgb(lightness, chroma, hue)
        if chroma <= 0 or all(-0.0005 <= part <= 1.0005 for part in parts):
            return "#" + "".join(f"{round(_curved(min(1, max(0, part))) * 255):02x}" for part in parts)
        chroma = max(0.0, chroma - STEP)


def _srgb(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> Triple:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[return-value]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _curved(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
