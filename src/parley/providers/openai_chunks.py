"""What servers send that imitate Chat Completions, as types. Pure.

Source of the format: platform.openai.com/docs/api-reference/chat/streaming. `reasoning_content` is
DeepSeek's addition, `reasoning` and `reasoning_details` OpenRouter's, `images` OpenRouter's too,
`prompt_cache_hit_tokens` DeepSeek's, `cached_tokens` Moonshot's, `extra_content` Gemini's.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec


class Function(msgspec.Struct, gc=False):
    """A piece of a function call."""

    name: str | None = None
    arguments: str | None = None


class Call(msgspec.Struct, gc=False):
    """A piece of a tool call."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    extra_content: dict[str, Any] | None = None


class Url(msgspec.Struct, gc=False):
    """An address."""

    url: str | None = None


class Picture(msgspec.Struct, gc=False):
    """A picture the model made."""

    image_url: Url | None = None


class Delta(msgspec.Struct, gc=False):
    """A piece of the answer."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None
    refusal: str | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    tool_calls: list[Call] | None = None
    function_call: Function | None = None  # before there were tools
    images: list[Picture] | None = None


ABSENT = msgspec.Raw()  # msgspec knows no optional Raw


class PromptDetails(msgspec.Struct, gc=False):
    """Of the prompt's tokens."""

    cached_tokens: int | None = None


class CompletionDetails(msgspec.Struct, gc=False):
    """Of the answer's tokens."""

    reasoning_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """Tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    cached_tokens: int | None = None


class Choice(msgspec.Struct, gc=False):
    """One of the answers; nobody asks for more than one."""

    delta: Delta | None = None
    message: Delta | None = None  # where the answer is not a stream
    finish_reason: str | None = None
    usage: Usage | None = None  # Moonshot puts it here


class Chunk(msgspec.Struct, gc=False):
    """One event, or the whole answer. `code` and `message` are errors of those who wrap nothing around."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    error: msgspec.Raw = ABSENT
    code: msgspec.Raw = ABSENT
    message: msgspec.Raw = ABSENT


decode = msgspec.json.Decoder(Chunk).decode


def coerced(loose: dict[str, Any]) -> Chunk:
    """A chunk from JSON of any shape: what has the wrong type counts as absent."""
    chunk = Chunk()
    for name in ("error", "code", "message"):
        if loose.get(name):
            setattr(chunk, name, msgspec.Raw(json.dumps(loose[name]).encode()))
    choices = loose.get("choices")
    if isinstance(choices, list):
        chunk.choices = [_choice(each) for each in choices[:1] if isinstance(each, dict)]
    chunk.usage = _converted(loose.get("usage"), Usage)
    return chunk


def text_of(value: Any) -> str:
    """Text, or the texts of a list of parts; a surrogate without its pair becomes U+FFFD."""
    if isinstance(value, list):
        value = "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _choice(loose: dict[str, Any]) -> Choice:
    choice = Choice(finish_reason=text_of(loose.get("finish_reason")) or None)
    choice.usage = _converted(loose.get("usage"), Usage)
    for name in ("delta", "message"):
        if isinstance(loose.get(name), dict):
            setattr(choice, name, _delta(loose[name]))
    return choice


def _delta(loose: dict[str, Any]) -> Delta:
    delta = Delta()
    for name in ("content", "reasoning_content", "reasoning", "thinking", "refusal"):
        setattr(delta, name, text_of(loose.get(name)) or None)
    parts = loose.get("content")
    if isinstance(parts, list) and not delta.reasoning:  # Mistral thinks in parts of the content
        thoughts = [part.get("thinking") for part in parts if isinstance(part, dict)]
        delta.reasoning = "".join(map(text_of, thoughts)) or None
    details = loose.get("reasoning_details")
    if isinstance(details, list):
        delta.reasoning_details = [each for each in details if isinstance(each, dict)] or None
    calls = loose.get("tool_calls")
    if isinstance(calls, list):
        delta.tool_calls = [_call(each) for each in calls if isinstance(each, dict)]
    if isinstance(loose.get("function_call"), dict):
        delta.function_call = _function(loose["function_call"])
    delta.images = _converted(loose.get("images"), list[Picture])
    return delta


def _call(loose: dict[str, Any]) -> Call:
    index, extra = loose.get("index"), loose.get("extra_content")
    function = loose.get("function")
    return Call(
        index=index if isinstance(index, int) else None,
        id=text_of(loose.get("id")) or None,
        function=_function(function) if isinstance(function, dict) else None,
        extra_content=extra if isinstance(extra, dict) else None,
    )


def _function(loose: dict[str, Any]) -> Function:
    arguments = loose.get("arguments")
    if isinstance(arguments, dict):  # some send the object itself
        arguments = json.dumps(arguments, ensure_ascii=False)
    return Function(name=text_of(loose.get("name")) or None, arguments=text_of(arguments) or None)


def _converted(value: Any, kind: Any) -> Any:
    """`value` as that type where it is one, otherwise None."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, UnicodeEncodeError):  # half a surrogate pair
        return None
