"""The vendors' formats, one file each; named like the provider kinds they are for."""

from tests.upstream.dialects.anthropic import Anthropic
from tests.upstream.dialects.azure import Azure
from tests.upstream.dialects.base import Ask, Count, Dialect, Made, Picture, Said, Talk, png
from tests.upstream.dialects.gemini import Gemini
from tests.upstream.dialects.ollama import Ollama
from tests.upstream.dialects.openai import OpenAI
from tests.upstream.dialects.responses import Responses

_ALL = (OpenAI(), Responses(), Azure(), Anthropic(), Gemini(), Ollama())
DIALECTS: dict[str, Dialect] = {each.name: each for each in _ALL}

__all__ = ["DIALECTS", "Ask", "Count", "Dialect", "Made", "Picture", "Said", "Talk", "png"]
