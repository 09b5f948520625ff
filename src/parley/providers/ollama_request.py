"""A prompt in Ollama's words. Pure.

Sources: docs.ollama.com/api/chat; docs.ollama.com/capabilities (thinking, tool-calling, structured-outputs,
vision); docs.ollama.com/modelfile (options); docs.ollama.com/context-length.
"""

from __future__ import annotations

from typing import Any

from parley.providers.base import Image, Prompt, ProviderError, Turn
from parley.providers.native import GO_ON, base64_of, object_of

# A window is memory that is taken at once. Beyond this only as much is asked for as the prompt needs, in
# steps that double, because each change makes Ollama load the model again.
EASY_CONTEXT = 32_768
ANSWER_ROOM = 4_096  # tokens kept for an answer nobody limited
IMAGE_TOKENS = 3_000
_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "max_tokens": "num_predict",
    "stop": "stop",
    "seed": "seed",
}
_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium"}  # everything above is high

Json = dict[str, Any]


def request_body(prompt: Prompt, longest: int = 0) -> tuple[Json, tuple[str, ...]]:
    """The JSON of a request, and the names of what was asked for and is not in it.

    `longest` limits the context window, 0 does not. Raises ProviderError for a picture without bytes.
    """
    kept = prompt.sampling.given()
    options: Json = {_OPTIONS[name]: value for name, value in kept.items() if name in _OPTIONS}
    window = context_of(prompt, longest)
    if window:
        options["num_ctx"] = window
    body: Json = {"model": prompt.model, "messages": messages(prompt), "stream": prompt.stream}
    if options:
        body["options"] = options
    form = _format(kept.get("response_format") or {})
    if form:
        body["format"] = form
    think, missed = _think(prompt)
    if think is not None:
        body["think"] = think
    if prompt.tools and prompt.tool_choice != "none":
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.schema) or {"type": "object", "properties": {}},
                },
            }
            for tool in prompt.tools
        ]
        if prompt.tool_choice not in ("", "auto"):  # Ollama always lets the model decide
            missed = (*missed, "tool_choice")
    return body, missed


def messages(prompt: Prompt) -> list[Json]:
    """The turns, oldest first."""
    listed = [_message(turn) for turn in prompt.turns]
    if prompt.continues:  # most templates would otherwise begin a new answer
        listed.append({"role": "user", "content": GO_ON})
    return listed


def context_of(prompt: Prompt, longest: int = 0) -> int:
    """The `num_ctx` to ask for, 0 for none: a prompt that is longer would lose its beginning silently."""
    window = min(prompt.context_window, longest) if longest else prompt.context_window
    if window <= EASY_CONTEXT:
        return window
    needed = sum(_tokens(turn) for turn in prompt.turns) + (prompt.sampling.max_tokens or ANSWER_ROOM)
    size = EASY_CONTEXT
    while size < needed:
        size *= 2
    return min(size, window)


def _tokens(turn: Turn) -> int:
    """At most so many tokens: no tokenizer needs more than one per three bytes for long."""
    calls = sum(len(call.arguments) for call in turn.calls)
    texts = len(turn.text.encode("utf-8", "replace")) + len(turn.reasoning) + calls
    return texts // 2 + 16 + IMAGE_TOKENS * len(turn.images)


def _message(turn: Turn) -> Json:
    message: Json = {"role": turn.role, "content": turn.text}
    if turn.role == "tool" and turn.name:
        message["tool_name"] = turn.name
    if turn.images:
        message["images"] = [_picture(image) for image in turn.images]
    if turn.calls:
        if turn.reasoning:
            message["thinking"] = turn.reasoning
        message["tool_calls"] = [
            {"function": {"name": call.name, "arguments": object_of(call.arguments)}} for call in turn.calls
        ]
    return message


def _picture(image: Image) -> str:
    data = base64_of(image)
    if not data:
        words = "Ollama fetches no pictures from the web. Attach the picture itself."
        raise ProviderError.of("invalid_request", words)
    return data


def _format(form: Json) -> Any:
    if form.get("type") == "json_schema":
        return (form.get("json_schema") or {}).get("schema") or "json"
    return "json" if form.get("type") == "json_object" else None


def _think(prompt: Prompt) -> tuple[bool | str | None, tuple[str, ...]]:
    """The `think` of a request, None for none; only gpt-oss has levels and cannot stop thinking."""
    wanted = prompt.reasoning
    levelled = "gpt-oss" in prompt.model
    if wanted.mode == "off":
        return ("low", ("reasoning",)) if levelled else (False, ())
    missed = ("reasoning",) if wanted.budget is not None else ()
    if wanted.effort:
        return _EFFORTS.get(wanted.effort, "high"), missed
    if wanted.mode == "on":
        return "medium" if levelled else True, missed
    return None, missed
