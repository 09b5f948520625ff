"""Ollama's own API: one JSON object per line.

Sources: github.com/ollama/ollama docs/openapi.yaml (ChatRequest, ChatStreamEvent, ChatResponse),
docs/api/streaming.mdx, docs/api/errors.mdx (an error in a line of its own), docs/capabilities/thinking.mdx,
docs/capabilities/tool-calling.mdx (`tool_name`, arguments as an object, no ids),
docs/capabilities/vision.mdx, docs/api.md (/api/tags, /api/show).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from tests.upstream.dialects.base import (
    Ask,
    Count,
    Dialect,
    Made,
    Picture,
    Refusal,
    Result,
    Said,
    Talk,
    compact,
    unknown,
)
from tests.upstream.wire import Request

AT = "2026-11-21T06:00:00.123456789Z"
TOP = "model messages tools format options stream think keep_alive logprobs top_logprobs truncate shift"
MESSAGE = {
    "system": "role content",
    "user": "role content images",
    "assistant": "role content thinking tool_calls",
    "tool": "role content tool_name tool_call_id",
}
OPTIONS = (
    "num_keep seed num_predict top_k top_p min_p typical_p repeat_last_n temperature repeat_penalty "
    "presence_penalty frequency_penalty penalize_newline stop numa num_ctx num_batch num_gpu main_gpu "
    "use_mmap num_thread"
)
FAULTS = {
    "401": Refusal(401, {"error": "unauthorized: {key}"}),
    "429": Refusal(429, {"error": "you've reached your hourly usage limit, please upgrade to continue"}),
    "context": Refusal(400, {"error": "the input length exceeds the context length"}),
    "invalid": Refusal(400, {"error": '"fake" does not support tools'}),
    "no-model": Refusal(404, {"error": "model 'fake' not found"}),
    "500": Refusal(500, {"error": "the model failed to generate a response"}),
    "503": Refusal(503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
}


def figures(count: Count | None) -> dict[str, Any]:
    """What the last line tells: durations in nanoseconds and the tokens."""
    times = {"total_duration": 4883583458, "load_duration": 1334875}
    if count is None:
        return times
    prompt = {"prompt_eval_count": count.prompt + count.cached, "prompt_eval_duration": 342546000}
    return {**times, **prompt, "eval_count": count.completion + count.reasoning, "eval_duration": 4535599000}


def call_of(made: Made) -> dict[str, Any]:
    """A tool call: whole, and without an id."""
    return {"function": {"name": made.name, "arguments": json.loads(made.arguments)}}


class OllamaTalk(Talk):
    """Lines until one says done."""

    def __init__(self, model: str) -> None:
        self._head = compact({"model": model, "created_at": AT})[:-1]

    def _line(self, message: dict[str, Any]) -> bytes:
        whole = {"role": "assistant", "content": "", **message}
        return f'{self._head},"message":{compact(whole)},"done":false}}\n'.encode()

    def reasoning(self, text: str) -> bytes:
        """Beside an empty content."""
        return self._line({"thinking": text})

    def text(self, text: str) -> bytes:
        """A piece of content."""
        return self._line({"content": text})

    def tool(self, made: Made) -> list[bytes]:
        """A call comes whole."""
        return [self._line({"tool_calls": [call_of(made)]})]

    def image(self, png: bytes) -> bytes:
        """In the message, in base64."""
        return self._line({"images": [base64.b64encode(png).decode()]})

    def alive(self) -> bytes:
        """Ollama sends nothing; an empty line is what proxies add."""
        return b"\n"

    def odd(self) -> list[bytes]:
        """An empty piece, and pictures that are null."""
        return [self._line({}), self._line({"images": None, "thinking": None})]

    def end(self, reason: str, count: Count | None) -> bytes:
        """The line that is done."""
        message = compact({"role": "assistant", "content": ""})
        last = compact(figures(count))[1:]
        return f'{self._head},"message":{message},"done_reason":"{reason}","done":true,{last}\n'.encode()

    def failure(self) -> bytes:
        """An error in a line of its own."""
        return compact({"error": "an error was encountered while running the model"}).encode() + b"\n"

    def limit(self) -> bytes:
        """What a model in the cloud says."""
        return compact(FAULTS["429"].body).encode() + b"\n"


class Ollama(Dialect):
    """localhost:11434/api/chat."""

    name = "ollama"
    root = "/ollama"
    stream_type = "application/x-ndjson"
    frame_end = b"\n"
    reports = frozenset()
    sends_retry_after = False
    faults = FAULTS

    def answers(self, request: Request, path: str) -> bool:
        """`POST /api/chat`."""
        return request.method == "POST" and path == "/api/chat"

    def read(self, request: Request, path: str) -> Ask:
        """A stream unless told otherwise."""
        body = request.json()
        messages = [{"role": each["role"], "content": each.get("content", "")} for each in body["messages"]]
        tools = tuple(tool["function"]["name"] for tool in body.get("tools") or ())
        last = messages[-1]["role"] if messages else ""
        return Ask(str(body["model"]), messages, body.get("stream", True), body, tools, last == "tool")

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """`GET /api/tags`; `POST /api/show` about one model."""
        if path == "/api/show" and request.method == "POST":
            return shown(request.json()["model"])
        if path != "/api/tags":
            return None
        return {"models": [tag_of(name) for name in models]}

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """Lines."""
        return OllamaTalk(ask.model)

    def whole(self, ask: Ask, said: Said) -> Any:
        """One object that is done."""
        message: dict[str, Any] = {"role": "assistant", "content": said.text}
        if said.reasoning:
            message["thinking"] = said.reasoning
        if said.images:
            message["images"] = [base64.b64encode(image).decode() for image in said.images]
        if said.tools:
            message["tool_calls"] = [call_of(made) for made in said.tools]
        head = {"model": ask.model, "created_at": AT, "message": message}
        return {**head, "done_reason": said.reason, "done": True, **figures(said.count)}

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """What Ollama would refuse, or pass over without a word."""
        found = unknown(body, TOP) + unknown(body.get("options") or {}, OPTIONS, "options.")
        if body.get("think") not in (None, True, False, "low", "medium", "high", "max"):
            found.append(f"invalid think value: {body['think']!r}")
        for message in body["messages"]:
            found += unknown(message, MESSAGE[message["role"]], f"in {message['role']}: ")
            if not isinstance(message.get("content", ""), str):
                found.append("content is not text")
        return found

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """Base64 without a type; no addresses."""
        images = [image for each in body["messages"] for image in each.get("images") or ()]
        return [Picture("", base64.b64decode(image, validate=True)) for image in images]

    def results(self, body: dict[str, Any]) -> list[Result]:
        """Messages of role tool; the tool's name is all that ties them to a call."""
        return [
            Result(each["tool_name"], each["content"]) for each in body["messages"] if each["role"] == "tool"
        ]

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """Tool calls of the assistant, their arguments as an object."""
        made = [call["function"] for each in body["messages"] for call in each.get("tool_calls") or ()]
        assert all(isinstance(each["arguments"], dict) for each in made), "arguments are not an object"
        return [(each["name"], each["name"], each["arguments"]) for each in made]


DETAILS = {
    "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "8.0B",
    "quantization_level": "Q4_0",
}  # fmt: skip


def tag_of(name: str) -> dict[str, Any]:
    """A model as /api/tags lists it."""
    digest = "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72"
    return {
        "name": name, "model": name, "modified_at": "2025-10-03T23:34:03.409490317-07:00", "size": 3338801804,
        "digest": digest, "details": DETAILS,
    }  # fmt: skip


def shown(name: str) -> dict[str, Any]:
    """A model as /api/show tells it."""
    able = ["embedding"] if "embedding" in name else ["completion", "vision", "tools", "thinking"]
    info = {"general.architecture": "llama", "llama.context_length": 131072, "llama.embedding_length": 4096}
    return {
        "parameters": "temperature 0.7\nnum_ctx 2048", "license": "Fake", "capabilities": able,
        "modified_at": "2025-08-14T15:49:43.634137516-07:00", "details": DETAILS, "template": "",
        "model_info": info,
    }  # fmt: skip
