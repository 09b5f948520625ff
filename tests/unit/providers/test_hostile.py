"""What no upstream should say: every reader tells facts or a ProviderError, never anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parley.providers.anthropic_reading import AnthropicReading
from parley.providers.base import ProviderError
from parley.providers.exchange import Reading
from parley.providers.gemini_reading import GeminiReading
from parley.providers.ollama_reading import OllamaReading
from parley.providers.openai_reading import ChatReading
from parley.providers.responses_reading import ResponsesReading

VALUES = (
    b"[" * 5000 + b"]" * 5000,
    b"9" * 40,
    b"9" * 5000,
    b"1e400",
    b"-1",
    b"[[null]]",
    b'"\\ud800"',
    b'{"message":"\\ud800","code":"\\u0000"}',
)
READERS: dict[str, tuple[Callable[[], Reading], tuple[bytes, ...]]] = {
    "chat": (
        lambda: ChatReading(("k",)),
        (
            b'{"choices":V,"usage":V,"x":V}',
            b'{"choices":[{"delta":{"content":V,"tool_calls":V,"images":V},"finish_reason":V,"usage":V}]}',
            b'{"choices":[{"delta":{"tool_calls":[{"index":V,"id":V,"function":V,"extra_content":V}]}}]}',
            b'{"error":V,"code":V,"message":V}',
        ),
    ),
    "anthropic": (
        lambda: AnthropicReading("m", ("k",), keeps=True),
        (
            b'{"type":"content_block_start","index":V,"content_block":V,"delta":V,"usage":V}',
            b'{"type":"content_block_start","content_block":{"type":"tool_use","id":V,"input":V}}',
            b'{"type":"message","content":V,"usage":{"output_tokens":V}}',
            b'{"type":"error","error":V}',
        ),
    ),
    "responses": (
        lambda: ResponsesReading(("k",)),
        (
            b'{"type":"response.output_item.done","output_index":V,"item":V,"delta":V}',
            b'{"type":"response.completed","response":{"usage":{"input_tokens":V},"output":V,"status":V}}',
            b'{"type":"response.failed","response":{"error":V}}',
            b'{"type":"error","code":V,"message":V}',
        ),
    ),
    "gemini": (
        lambda: GeminiReading(("k",)),
        (
            b'{"candidates":[{"content":{"parts":[{"text":V,"functionCall":V,"inlineData":V}]}}]}',
            b'{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":V}}',
            b'{"error":{"status":"X","code":V,"message":V,"details":V}}',
            b"V",
        ),
    ),
    "ollama": (
        lambda: OllamaReading(("k",)),
        (
            b'{"message":{"content":V,"images":V,"tool_calls":V},"done":true,"eval_count":V}',
            b'{"message":{"tool_calls":[{"id":V,"function":{"name":V,"arguments":V}}]}}',
            b'{"error":V,"status":V}',
            b"V",
        ),
    ),
}


def error_of(reading: Reading, data: bytes) -> str:
    """The sentence of the ProviderError, "" where there was none."""
    try:
        reading.read(data)
        reading.last()
    except ProviderError as error:
        return error.message
    return ""


@pytest.mark.parametrize("name", READERS)
def test_nonsense_is_facts_or_our_error(name: str) -> None:
    make, templates = READERS[name]
    for template in templates:
        for value in VALUES:
            said = error_of(make(), template.replace(b"V", value))
            assert "\0" not in said
            said.encode()
