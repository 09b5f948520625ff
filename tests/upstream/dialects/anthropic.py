"""Anthropic's Messages.

Sources: docs.claude.com/en/api/messages and /en/docs/build-with-claude/streaming (event flow, deltas, ping,
error events), /en/docs/build-with-claude/extended-thinking (signatures go back unread in tool loops),
/en/docs/agents-and-tools/tool-use, /en/docs/build-with-claude/vision,
/en/docs/about-claude/models/migration-guide, /en/api/errors, /en/api/models-list;
the recorded streams in anthropic-sdk-python tests/lib/streaming/fixtures.
"""

from __future__ import annotations

import base64
import json
import re
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
    sse,
    text_of_content,
    unknown,
)
from tests.upstream.wire import Request

ID = "msg_014p7gG3wDgGV9EUtLvnow3U"
SIGNATURE = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds/+aZ=="
REQUEST = "req_011CSHoEeqs5C35K2UUqR7Fy"
TOP = (
    "model messages max_tokens system stream temperature top_p top_k stop_sequences metadata service_tier "
    "thinking tools tool_choice container mcp_servers context_management output_config output_format "
    "cache_control inference_geo"
)
BLOCKS = {
    "text": "type text cache_control citations",
    "image": "type source cache_control",
    "thinking": "type thinking signature",
    "redacted_thinking": "type data",
    "tool_use": "type id name input cache_control caller",
    "tool_result": "type tool_use_id content is_error cache_control",
}
_ADAPTIVE = re.compile(r"claude-opus-4-[78]")
_ONE_OF_TWO = re.compile(r"claude-(opus-4-[156]|sonnet-4-[56]|haiku-4-5)")
STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def error(type: str, message: str) -> dict[str, Any]:
    """The body of an error."""
    return {"type": "error", "error": {"type": type, "message": message}, "request_id": REQUEST}


LOW = (
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
    "purchase credits."
)
LIMIT = (
    "This request would exceed your organization's rate limit of 50 requests per minute "
    "(org: 7f1c2f0e-0000-0000-0000-000000000000, model: claude-sonnet-4-5). For details, refer to: "
    "https://docs.claude.com/en/api/rate-limits."
)
FAULTS = {
    "401": Refusal(401, error("authentication_error", "invalid x-api-key ({key})")),
    "429": Refusal(429, error("rate_limit_error", LIMIT)),
    "quota": Refusal(400, error("invalid_request_error", LOW)),
    "context": Refusal(
        400, error("invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum")
    ),
    "filter": Refusal(400, error("invalid_request_error", "Output blocked by content filtering policy")),
    "invalid": Refusal(400, error("invalid_request_error", "temperature: range: 0..1")),
    "no-model": Refusal(404, error("not_found_error", "model: fake")),
    "500": Refusal(500, error("api_error", "Internal server error")),
    "503": Refusal(529, error("overloaded_error", "Overloaded")),
}


def tool_id(index: int) -> str:
    """The id of the index-th tool call."""
    return f"toolu_01T1x1fJ34qAmk2tNTrN7U{index:02d}"


def usage_in(count: Count | None) -> dict[str, Any]:
    """What message_start says: the input apart from what the cache held."""
    if count is None:
        return {"input_tokens": 0, "output_tokens": 0}
    cached = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": count.cached}
    return {"input_tokens": count.prompt, **cached, "output_tokens": 1, "service_tier": "standard"}


def usage_out(count: Count | None) -> dict[str, Any]:
    """What message_delta says: the output so far, thinking included."""
    if count is None:
        return {}
    output: dict[str, Any] = {"output_tokens": count.completion + count.reasoning}
    if count.reasoning:
        output["output_tokens_details"] = {"thinking_tokens": count.reasoning}
    return {"usage": output}


class AnthropicTalk(Talk):
    """Named events; content comes in blocks that open and close."""

    def __init__(self, model: str, count: Count | None) -> None:
        self._model = model
        self._count = count
        self._index = -1
        self._open = ""
        self._tools = False

    def start(self) -> bytes:
        """A message without content."""
        message: dict[str, Any] = {
            "id": ID, "type": "message", "role": "assistant", "model": self._model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": usage_in(self._count),
        }  # fmt: skip
        return sse({"type": "message_start", "message": message}, "message_start")

    def _close(self) -> bytes:
        if not self._open:
            return b""
        last = b""
        if self._open == "thinking":
            last = self._delta({"type": "signature_delta", "signature": SIGNATURE})
        self._open = ""
        return last + sse({"type": "content_block_stop", "index": self._index}, "content_block_stop")

    def _block(self, kind: str, block: dict[str, Any]) -> bytes:
        closed = self._close()
        self._index += 1
        self._open = kind
        start = {"type": "content_block_start", "index": self._index, "content_block": block}
        ping = self.alive() if self._index == 0 else b""
        return closed + sse(start, "content_block_start") + ping

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return sse(
            {"type": "content_block_delta", "index": self._index, "delta": delta}, "content_block_delta"
        )

    def reasoning(self, text: str) -> bytes:
        """A thinking block."""
        new = self._open != "thinking"
        first = self._block("thinking", {"type": "thinking", "thinking": "", "signature": ""}) if new else b""
        return first + self._delta({"type": "thinking_delta", "thinking": text})

    def text(self, text: str) -> bytes:
        """A text block."""
        first = b"" if self._open == "text" else self._block("text", {"type": "text", "text": ""})
        return first + self._delta({"type": "text_delta", "text": text})

    def tool(self, made: Made) -> list[bytes]:
        """A block of its own; its input is built of partial JSON that begins empty."""
        self._tools = True
        block = {"type": "tool_use", "id": tool_id(made.index), "name": made.name, "input": {}}
        first = self._block("tool_use", block)
        deltas = [{"type": "input_json_delta", "partial_json": each} for each in ("", *made.pieces)]
        return [first, *map(self._delta, deltas)]

    def alive(self) -> bytes:
        """A ping."""
        return b'event: ping\ndata: {"type": "ping"}\n\n'

    def odd(self) -> list[bytes]:
        """Events and deltas of types to come, which clients must pass over."""
        later = {"type": "content_block_delta", "index": 0, "delta": {"type": "later_delta", "later": 1}}
        return [self.alive(), sse({"type": "later_event", "x": None}, "later_event"), sse(later, "later")]

    def end(self, reason: str, count: Count | None) -> bytes:
        """The last block closes; the stop reason with the usage; message_stop."""
        stop = "tool_use" if self._tools and reason == "stop" else STOPS[reason]
        delta = {"stop_reason": stop, "stop_sequence": None}
        last = sse({"type": "message_delta", "delta": delta, **usage_out(count)}, "message_delta")
        return self._close() + last + sse({"type": "message_stop"}, "message_stop")

    def failure(self) -> bytes:
        """An error event."""
        return sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")

    def limit(self) -> bytes:
        """Another type of error."""
        return sse({"type": "error", "error": {"type": "rate_limit_error", "message": LIMIT}}, "error")


class Anthropic(Dialect):
    """api.anthropic.com/v1/messages."""

    name = "anthropic"
    root = "/anthropic"
    base = ""
    stream_type = "text/event-stream; charset=utf-8"
    faults = FAULTS

    def credential(self, request: Request) -> str:
        """`x-api-key`, or a bearer token."""
        return request.headers.get("x-api-key", "") or super().credential(request)

    def answers(self, request: Request, path: str) -> bool:
        """`POST /v1/messages` with a version."""
        return request.method == "POST" and path == "/v1/messages" and "anthropic-version" in request.headers

    def read(self, request: Request, path: str) -> Ask:
        """Results of tools come in the user's turn."""
        body = request.json()
        messages = [
            {"role": each["role"], "content": text_of_content(each["content"])} for each in body["messages"]
        ]
        blocks = body["messages"][-1]["content"] if messages else ""
        results = isinstance(blocks, list) and any(block["type"] == "tool_result" for block in blocks)
        if results:  # what stands there besides is no question
            messages = [each for each in messages if each["content"] or each["role"] != "user"]
        tools = tuple(tool["name"] for tool in body.get("tools") or ())
        return Ask(str(body["model"]), messages, bool(body.get("stream")), body, tools, results)

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """`GET /v1/models`, in pages: `after_id` and `limit`."""
        if path != "/v1/models":
            return None
        after, limit = request.query.get("after_id", [""])[0], int(request.query.get("limit", ["20"])[0])
        left = list(models)[list(models).index(after) + 1 if after else 0 :]
        data = [
            {"type": "model", "id": id, "display_name": id.title(), "created_at": "2025-09-29T00:00:00Z"}
            for id in left[:limit]
        ]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return {"data": data, "has_more": len(left) > limit, "first_id": first, "last_id": last}

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """The input tokens are known from the first event on."""
        return AnthropicTalk(ask.model, count)

    def whole(self, ask: Ask, said: Said) -> Any:
        """A message."""
        content: list[dict[str, Any]] = []
        if said.reasoning:
            content.append({"type": "thinking", "thinking": said.reasoning, "signature": SIGNATURE})
        content.append({"type": "text", "text": said.text})
        for made in said.tools:
            input = json.loads(made.arguments)
            content.append({"type": "tool_use", "id": tool_id(made.index), "name": made.name, "input": input})
        stop = "tool_use" if said.tools and said.reason == "stop" else STOPS[said.reason]
        usage = {**usage_in(said.count), **usage_out(said.count).get("usage", {})}
        return {
            "id": ID, "type": "message", "role": "assistant", "model": ask.model, "content": content,
            "stop_reason": stop, "stop_sequence": None, "usage": usage,
        }  # fmt: skip

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """Anthropic answers 400 to all of these."""
        found = unknown(body, TOP)
        if not isinstance(body.get("max_tokens"), int):
            found.append("max_tokens: Field required")
        if body.get("temperature", 0) > 1:
            found.append("temperature: range: 0..1")
        for message in body["messages"]:
            if message["role"] not in ("user", "assistant"):
                found.append(f"role {message['role']}")
            blocks = message["content"]
            if not blocks:
                found.append("all messages must have non-empty content")
            for block in blocks if isinstance(blocks, list) else ():
                found += unknown(block, BLOCKS[block["type"]], f"in {block['type']}: ")
                if block["type"] == "text" and not block["text"].strip():
                    found.append("text content blocks must contain non-whitespace text")
        return found + thinking_complaints(body) + unanswered(body["messages"]) + too_new(body)

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """Image blocks with a source."""
        return [picture(block["source"]) for block in blocks_of(body, "image")]

    def results(self, body: dict[str, Any]) -> list[Result]:
        """Blocks of type tool_result in the user's turn."""
        return [
            Result(block["tool_use_id"], text_of_content(block["content"]))
            for block in blocks_of(body, "tool_result", "user")
        ]

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """Blocks of type tool_use; the input is an object."""
        return [
            (block["id"], block["name"], block["input"]) for block in blocks_of(body, "tool_use", "assistant")
        ]

    def states(self, body: dict[str, Any]) -> list[str]:
        """The signatures, which count only in front of the calls of the same turn."""
        return [block["signature"] for block in blocks_of(body, "thinking", "assistant")]

    def sealed(self) -> list[str]:
        """The signature of the one thinking block."""
        return [SIGNATURE]


def blocks_of(body: dict[str, Any], kind: str, role: str = "") -> list[dict[str, Any]]:
    """All content blocks of a type, in order."""
    return [
        block
        for message in body["messages"]
        if isinstance(message["content"], list) and role in ("", message["role"])
        for block in message["content"]
        if block["type"] == kind
    ]


def picture(source: dict[str, Any]) -> Picture:
    """The source of an image block: base64 or url."""
    if source["type"] == "url":
        return Picture("", url=source["url"])
    assert source["type"] == "base64", source["type"]
    return Picture(source["media_type"], base64.b64decode(source["data"], validate=True))


def thinking_complaints(body: dict[str, Any]) -> list[str]:
    """What extended thinking does not go with."""
    thinking = body.get("thinking") or {"type": "disabled"}
    found = []
    if thinking["type"] == "enabled":
        if thinking["budget_tokens"] < 1024:
            found.append("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if thinking["budget_tokens"] >= body.get("max_tokens", 0):
            found.append("`max_tokens` must be greater than `thinking.budget_tokens`")
        if body.get("temperature", 1) != 1:
            found.append("`temperature` may only be set to 1 when thinking is enabled")
        if "top_k" in body:
            found.append("`top_k` must be unset when thinking is enabled")
        if (body.get("tool_choice") or {"type": "auto"})["type"] in ("any", "tool"):
            found.append("Thinking may not be enabled when tool_choice forces tool use.")
    return found


def unanswered(messages: Sequence[dict[str, Any]]) -> list[str]:
    """Each tool_use has its tool_result at the start of the very next turn."""
    found = []
    for message, following in zip(messages, [*messages[1:], {"content": []}], strict=True):
        ids = [block["id"] for block in blocks_of({"messages": [message]}, "tool_use", "assistant")]
        blocks = following["content"] if isinstance(following["content"], list) else []
        if sorted(block.get("tool_use_id", "") for block in blocks[: len(ids)]) != sorted(ids):
            found.append(f"`tool_use` ids were found without `tool_result` blocks immediately after: {ids}")
    return found


def too_new(body: dict[str, Any]) -> list[str]:
    """What newer models have given up, see the migration guide."""
    sampling = [name for name in ("temperature", "top_p", "top_k") if name in body]
    if _ADAPTIVE.search(body["model"]):
        found = [f"`{name}` is deprecated for this model." for name in sampling]
        if (body.get("thinking") or {}).get("type") == "enabled":
            found.append('"thinking.type.enabled" is not supported for this model.')
        return found
    both = {"temperature", "top_p"} <= set(sampling) and _ONE_OF_TWO.search(body["model"])
    return ["`temperature` and `top_p` cannot both be specified for this model."] if both else []
