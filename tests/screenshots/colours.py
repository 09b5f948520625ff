"""Pictures of pages in a third of their size. Pure."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from typing import cast

from PIL import Image

Colour = tuple[int, int, int]
MOST = 256  # a palette holds
EXACT = 128  # that stay as they are


def small(picture: bytes) -> bytes:
    """The same with 256 colours: the usual ones as they were, of the others each nearly.

    Pillow alone would lose the tint of backgrounds: it knows only averages.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    pixels = cast("list[Colour]", [*cast("Iterable[Colour]", image.getdata())])
    usual = [colour for colour, _ in Counter(pixels).most_common(EXACT)]
    rest = image.quantize(MOST - EXACT, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    place = {colour: EXACT + at for colour, at in set(zip(pixels, rest.getdata(), strict=True))}
    place |= {colour: at for at, colour in enumerate(usual)}
    few = Image.frombytes("P", image.size, bytes(map(place.__getitem__, pixels)))
    first = [value for colour in (usual + [(0, 0, 0)] * EXACT)[:EXACT] for value in colour]
    few.putpalette(first + (rest.getpalette() or []))
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
