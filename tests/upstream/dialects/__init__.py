"""The vendors' formats, one file each."""

from tests.upstream.dialects.base import Ask, Count, Dialect, Made, Said, Talk, png
from tests.upstream.dialects.openai import OpenAI

DIALECTS: dict[str, Dialect] = {each.name: each for each in (OpenAI(),)}

__all__ = ["DIALECTS", "Ask", "Count", "Dialect", "Made", "Said", "Talk", "png"]
