"""Accents that can be read in both themes."""

import re
from pathlib import Path

import pytest

from parley.settings.colours import (
    DARK_PAPERS,
    ENOUGH,
    LIGHT_PAPERS,
    accent_of,
    contrast,
    least,
    oklch,
    stylesheet,
)

TOKENS = (Path(__file__).parents[3] / "static/css/tokens.css").read_text()


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "asked", ["#ffe000", "#000000", "#ffffff", "#2266aa", "#ff0000", "#00ff88", "#808080"]
)
def test_every_colour_becomes_one_that_can_be_read(asked: str) -> None:
    accent = accent_of(asked)
    assert accent.light_contrast >= ENOUGH
    assert accent.dark_contrast >= ENOUGH
    assert least(accent.light, LIGHT_PAPERS) == accent.light_contrast


def test_a_colour_that_passes_stays_and_another_keeps_its_hue() -> None:
    assert accent_of("#2266AA").light == "#2266aa"
    assert accent_of("#2266AA").changed == ("dark",)
    assert oklch(accent_of("#2266aa").dark)[2] == pytest.approx(oklch("#2266aa")[2], abs=3)


def test_the_papers_are_those_of_the_stylesheet() -> None:
    for name, light, dark in (("ground", 1, 1), ("panel", 2, 0), ("raised", 0, 2), ("tint", 3, 3)):
        found = re.search(rf"--{name}:\s+light-dark\(oklch\(([\d.]+) [^)]*\),\s+oklch\(([\d.]+)", TOKENS)
        assert found is not None
        assert oklch(LIGHT_PAPERS[light])[0] == pytest.approx(float(found[1]), abs=0.006), name
        assert oklch(DARK_PAPERS[dark])[0] == pytest.approx(float(found[2]), abs=0.006), name


def test_the_name_of_the_sheet_changes_with_the_colour() -> None:
    assert stylesheet(accent_of("#2266aa"))[0] != stylesheet(accent_of("#2266ab"))[0]
