"""A prompt in Gemini's words. Pure.

Sources: ai.google.dev/api/generate-content (Content, Part, GenerationConfig),
ai.google.dev/api/caching (FunctionDeclaration, FunctionCallingConfig),
ai.google.dev/gemini-api/docs/thought-signatures, ai.google.dev/gemini-api/docs/file-input-methods.
"""

from __future__ import annotations

import re
from typing import Any

from parley.providers.base import PROTECTED, Image, Prompt, ProviderError, Tool, Turn
from parley.providers.gemini_thinking import generation, thinking_config
from parley.providers.loose import json_or_none
from parley.providers.native import GO_ON, base64_of, object_of

# Also PROTECTED in Gemini's spelling.
GUARDED = PROTECTED | {"systemInstruction", "system_instruction", "toolConfig", "tool_config"}
OWN_ID = "call-parley-"  # begins the ids we make for calls that came without one
# Stands for the signature of a call another model made (thought-signatures, FAQ).
NO_SIGNATURE = "skip_thought_signature_validator"
_SIGNATURE = re.compile(r"[A-Za-z0-9+/=_-]+")  # base64; what other vendors want back is JSON
_NAMES = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_PENALTIES = {"presence_penalty", "frequency_penalty"}
_DRAWING = {"temperature", "top_p", "top_k"}

Json = dict[str, Any]


def request_body(prompt: Prompt) -> tuple[Json, tuple[str, ...]]:
    """The JSON of a request, and the names of what was asked for and is not in it.

    Raises ProviderError for a picture that Gemini cannot fetch.
    """
    contents = contents_of(prompt)
    system = prompt.system
    if system and (not contents or "gemma-3" in prompt.model):  # which takes no system instruction
        first = {"role": "user", "parts": [{"text": system}]}
        contents = _merged([first, *contents])
        system = ""
    config, dropped = _config(prompt)
    body: Json = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if config:
        body["generationConfig"] = config
    if prompt.tools:
        body["tools"] = [{"functionDeclarations": [_declaration(tool) for tool in prompt.tools]}]
        if prompt.tool_choice:
            body["toolConfig"] = {"functionCallingConfig": _choice(prompt.tool_choice)}
    return body, dropped


def contents_of(prompt: Prompt) -> list[Json]:
    """The turns but the system's, neighbours of one role merged; the last is never the model's.

    Since 3.6 a request that ends with a model's turn is refused, so going on is asked for in words.
    """
    signed = generation(prompt.model) >= (3, 0)
    contents = [
        {"role": "model" if turn.role == "assistant" else "user", "parts": _parts(turn, signed)}
        for turn in prompt.turns
        if turn.role != "system"
    ]
    if prompt.continues:
        contents.append({"role": "user", "parts": [{"text": GO_ON}]})
    return _merged(contents)


def _merged(contents: list[Json]) -> list[Json]:
    merged: list[Json] = []
    for content in contents:
        if merged and merged[-1]["role"] == content["role"]:
            merged[-1]["parts"] += content["parts"]
        elif content["parts"]:
            merged.append(content)
    return merged


def _parts(turn: Turn, signed: bool) -> list[Json]:
    if turn.role == "tool":
        return [{"functionResponse": _answer(turn)}, *(_picture(image) for image in turn.images)]
    parts: list[Json] = [{"text": turn.text}] if turn.text else []
    if turn.calls and _SIGNATURE.fullmatch(turn.thought_state):
        parts = parts or [{"text": ""}]
        parts[0]["thoughtSignature"] = turn.thought_state
    parts += [_picture(image) for image in turn.images]
    for number, call in enumerate(turn.calls):
        part: Json = {"functionCall": {"name": call.name, "args": object_of(call.arguments)}}
        if call.id and not call.id.startswith(OWN_ID):
            part["functionCall"]["id"] = call.id
        if _SIGNATURE.fullmatch(call.state):
            part["thoughtSignature"] = call.state
        elif signed and number == 0:  # of parallel calls only the first has one
            part["thoughtSignature"] = NO_SIGNATURE
        parts.append(part)
    return parts


def _answer(turn: Turn) -> Json:
    said = json_or_none(turn.text)
    answer = {"name": turn.name, "response": said if isinstance(said, dict) else {"result": turn.text}}
    if turn.call_id and not turn.call_id.startswith(OWN_ID):
        answer["id"] = turn.call_id
    return answer


def _picture(image: Image) -> Json:
    data = base64_of(image)
    if data:
        return {"inlineData": {"mimeType": image.mime, "data": data}}
    if not image.url.startswith("https://"):
        raise ProviderError.of("invalid_request", "Gemini fetches pictures only from https:// addresses.")
    return {"fileData": {"mimeType": image.mime, "fileUri": image.url}}


def _declaration(tool: Tool) -> Json:
    return {
        "name": tool.name,
        "description": tool.description,
        "parametersJsonSchema": dict(tool.schema) or {"type": "object", "properties": {}},
    }


def _choice(choice: str) -> Json:
    words = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
    if choice in words:
        return {"mode": words[choice]}
    return {"mode": "ANY", "allowedFunctionNames": [choice]}


def _config(prompt: Prompt) -> tuple[Json, tuple[str, ...]]:
    """The `generationConfig`, and what was dropped for this model."""
    kept, dropped = prompt.sampling.split(_supported(prompt))
    config: Json = {_NAMES[name]: value for name, value in kept.items() if name in _NAMES}
    form = kept.get("response_format") or {}
    if form.get("type") in ("json_object", "json_schema"):
        config["responseMimeType"] = "application/json"
        schema = (form.get("json_schema") or {}).get("schema")
        if form["type"] == "json_schema" and schema:
            config["responseJsonSchema"] = schema
    if "image" in prompt.model and generation(prompt.model) > (0, 0):
        config["responseModalities"] = ["TEXT", "IMAGE"]
    thinking, missed = thinking_config(prompt.model, prompt.reasoning)
    if thinking:
        config["thinkingConfig"] = thinking
    return config, dropped + missed


def _supported(prompt: Prompt) -> set[str]:
    """What the model takes: penalties are refused since 2.5, 3.6 ignores how to draw and 4 refuses it."""
    version = generation(prompt.model)
    names = {*_NAMES, "response_format"}
    if version >= (2, 5):
        names -= _PENALTIES
    if version >= (3, 6):
        names -= _DRAWING
    if prompt.tools and (0, 0) < version < (3, 0):  # JSON output and tools exclude each other
        names.discard("response_format")
    return names
