"""OpenAI's Chat Completions.

Sources: platform.openai.com/docs/api-reference/chat (request, response, chat.completion.chunk),
/docs/guides/function-calling (pieces of tool calls), /docs/guides/error-codes (bodies of errors),
api-docs.deepseek.com/guides/reasoning_model (`reasoning_content`), openrouter.ai/docs/use-cases/
reasoning-tokens (`reasoning`), openrouter.ai/docs/features/multimodal/image-generation (`images`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.upstream.dialects.base import (
    CREATED,
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
    from_data_url,
    sse,
    text_of_content,
    unknown,
)
from tests.upstream.wire import Request

ID = "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT"
FINGERPRINT = "fp_44709d6fcb"
TOP = (
    "model messages stream stream_options temperature top_p n stop max_tokens max_completion_tokens "
    "presence_penalty frequency_penalty seed response_format tools tool_choice parallel_tool_calls user "
    "reasoning_effort logprobs top_logprobs logit_bias metadata store service_tier modalities verbosity "
    "safety_identifier prompt_cache_key"
)
MESSAGE = {
    "system": "role content name",
    "developer": "role content name",
    "user": "role content name",
    "assistant": "role content name tool_calls refusal reasoning_content",
    "tool": "role content tool_call_id",
}
# Models that always reason; those after gpt-5 only when asked to.
_REASONS = re.compile(r"(o[134](-mini|-pro)?|gpt-5(-mini|-nano)?)(?![.\w-])")
NO_SAMPLING = "temperature top_p presence_penalty frequency_penalty max_tokens logprobs"
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def error(message: str, type: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """The body of an error."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more information on "
    "this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
)
LIMIT = (
    "Rate limit reached for gpt-4o-mini in organization org-exampleorg on requests per min (RPM): Limit 3, "
    "Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to "
    "learn more."
)
WRONG_KEY = (
    "Incorrect API key provided: {key}. You can find your API key at "
    "https://platform.openai.com/account/api-keys."
)
TOO_LONG = (
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130012 tokens. "
    "Please reduce the length of the messages."
)
FILTERED = "Invalid prompt: your prompt was flagged as potentially violating our usage policy."
UNSUPPORTED = "Unsupported value: 'temperature' does not support 0.2 with this model."
NO_MODEL = "The model `fake` does not exist or you do not have access to it."
SORRY = "The server had an error while processing your request. Sorry about that!"
OVERLOADED = "That model is currently overloaded with other requests. You can retry your request."
BAD = "invalid_request_error"

FAULTS = {
    "401": Refusal(401, error(WRONG_KEY, BAD, "invalid_api_key")),
    "429": Refusal(429, error(LIMIT, "requests", "rate_limit_exceeded")),
    "quota": Refusal(429, error(QUOTA, "insufficient_quota", "insufficient_quota")),
    "context": Refusal(400, error(TOO_LONG, BAD, "context_length_exceeded", "messages")),
    "filter": Refusal(400, error(FILTERED, BAD, "content_policy_violation")),
    "invalid": Refusal(400, error(UNSUPPORTED, BAD, "unsupported_value", "temperature")),
    "no-model": Refusal(404, error(NO_MODEL, BAD, "model_not_found")),
    "500": Refusal(500, error(SORRY, "server_error")),
    "503": Refusal(503, error(OVERLOADED, "server_error")),
}


def usage(count: Count) -> dict[str, Any]:
    """CompletionUsage: the prompt holds the cached tokens, the completion the reasoning."""
    prompt, completion = count.prompt + count.cached, count.completion + count.reasoning
    details = {"accepted_prediction_tokens": 0, "audio_tokens": 0, "rejected_prediction_tokens": 0}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": count.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": count.reasoning, **details},
    }


def call_id(index: int) -> str:
    """The id of the index-th tool call."""
    return f"call_DdmO9pD3xa9XTPNJ32zg2h{index:02d}"


def image_part(picture: bytes) -> dict[str, Any]:
    """A picture a model made, as OpenRouter sends it."""
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def unanswered(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """An assistant's tool_calls must be followed by a tool message for each of them."""
    found, open_calls = [], list[str]()
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                found.append("a tool message that answers no call")
            else:
                open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            found.append(f"tool calls without an answer: {open_calls}")
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
    return found


def unsampled(body: Mapping[str, Any]) -> list[str]:
    """Models that reason take no sampling, and max_completion_tokens only."""
    if not _REASONS.match(body.get("model", "")):
        return []
    return [f"Unsupported parameter: {name}" for name in NO_SAMPLING.split() if name in body]


class OpenAITalk(Talk):
    """chat.completion.chunk objects, then [DONE]."""

    def __init__(self, model: str, think: str, *, usage_asked: bool, extra: str = "") -> None:
        head = {"id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": model}
        self._head = compact({**head, "system_fingerprint": FINGERPRINT})[:-1]
        self._tail = ',"usage":null}\n\n' if usage_asked else "}\n\n"
        self._think = think
        self._thought = False
        self._usage_asked = usage_asked
        self._tools = False
        self._extra = extra  # what Azure adds to each choice

    def _chunk(self, delta: str, finish: str = "null") -> bytes:
        choice = f'{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}{self._extra}}}'
        return f'data: {self._head},"choices":[{choice}]{self._tail}'.encode()

    def start(self) -> bytes:
        """The role comes alone."""
        return self._chunk('{"role":"assistant","content":"","refusal":null}')

    def reasoning(self, text: str) -> bytes:
        """DeepSeek's field, OpenRouter's, or tags in the text."""
        if self._think == "tags":
            opening, self._thought = "" if self._thought else "<think>", True
            return self._chunk(compact({"content": opening + text}))
        field = "reasoning" if self._think == "reasoning" else "reasoning_content"
        return self._chunk(compact({field: text}))

    def text(self, text: str) -> bytes:
        """A piece of content."""
        if self._thought:
            self._thought, text = False, "</think>" + text
        return self._chunk('{"content":' + json.dumps(text, ensure_ascii=False) + "}")

    def tool(self, made: Made) -> list[bytes]:
        """Id and name with empty arguments first, then the arguments."""
        self._tools = True
        function: dict[str, Any] = {"name": made.name, "arguments": ""}
        first = {"index": made.index, "id": call_id(made.index), "type": "function", "function": function}
        rest = [{"index": made.index, "function": {"arguments": piece}} for piece in made.pieces]
        return [self._chunk(compact({"tool_calls": [each]})) for each in (first, *rest)]

    def image(self, png: bytes) -> bytes:
        """OpenRouter's images."""
        return self._chunk(compact({"content": "", "images": [image_part(png)]}))

    def odd(self) -> list[bytes]:
        """Chunks without a choice or without a delta, as gateways and Azure send them."""
        chunks: list[Any] = [{"choices": None}, {"choices": []}, {"choices": [{"delta": None}]}]
        return [*map(sse, chunks), b": OPENROUTER PROCESSING\n\n"]

    def end(self, reason: str, count: Count | None) -> bytes:
        """The finish reason, the usage in a chunk of its own when it was asked for, [DONE]."""
        finish = "tool_calls" if self._tools and reason == "stop" else reason
        last = self._chunk("{}", f'"{finish}"')
        if count is not None and self._usage_asked:
            last += f'data: {self._head},"choices":[],"usage":{compact(usage(count))}}}\n\n'.encode()
        return last + sse("[DONE]")

    def failure(self) -> bytes:
        """An error object where a chunk was expected."""
        return sse(error(OVERLOADED, "server_error"))

    def limit(self) -> bytes:
        """The same object that a 429 has."""
        return sse(FAULTS["429"].body)


class OpenAI(Dialect):
    """api.openai.com/v1/chat/completions."""

    name = "openai"
    base = "/v1"
    faults: Mapping[str, Refusal] = FAULTS

    def answers(self, request: Request, path: str) -> bool:
        """`POST /chat/completions`."""
        return request.method == "POST" and path == "/v1/chat/completions"

    def read(self, request: Request, path: str) -> Ask:
        """The messages keep their raw form besides their text."""
        body = request.json()
        messages = [{**each, "content": text_of_content(each.get("content"))} for each in body["messages"]]
        tools = tuple(tool["function"]["name"] for tool in body.get("tools") or ())
        last = messages[-1]["role"] if messages else ""
        return Ask(str(body["model"]), messages, bool(body.get("stream")), body, tools, last == "tool")

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """`GET /models`."""
        if path != "/v1/models":
            return None
        each = {"object": "model", "created": CREATED, "owned_by": "openai"}
        return {"object": "list", "data": [{"id": name, **each} for name in models]}

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """Usage comes only when `stream_options` asks for it."""
        options = ask.body.get("stream_options") or {}
        return OpenAITalk(ask.model, think, usage_asked=bool(options.get("include_usage")))

    def whole(self, ask: Ask, said: Said) -> Any:
        """A chat.completion."""
        message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
        if said.reasoning:
            message["reasoning_content"] = said.reasoning
        if said.tools:
            message["tool_calls"] = [
                {
                    "id": call_id(made.index),
                    "type": "function",
                    "function": {"name": made.name, "arguments": made.arguments},
                }
                for made in said.tools
            ]
        if said.images:
            message["images"] = [image_part(image) for image in said.images]
        finish = "tool_calls" if said.tools and said.reason == "stop" else said.reason
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        answer = {"id": ID, "object": "chat.completion", "created": CREATED, "model": ask.model}
        counted = {} if said.count is None else {"usage": usage(said.count)}
        return {**answer, "choices": [choice], **counted, "system_fingerprint": FINGERPRINT}

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """OpenAI answers 400 to all of these."""
        found = unknown(body, TOP)
        for message in body["messages"]:
            found += unknown(message, MESSAGE[message["role"]], f"in {message['role']}: ")
            if message["role"] == "tool" and not message.get("tool_call_id"):
                found.append("a result without tool_call_id")
        if body.get("reasoning_effort", "low") not in EFFORTS:
            found.append("unknown reasoning_effort")
        if "stream_options" in body and not body.get("stream"):
            found.append("stream_options without stream")
        return found + unanswered(body["messages"]) + unsampled(body)

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """Parts of type image_url."""
        lists = [each["content"] for each in body["messages"] if isinstance(each.get("content"), list)]
        parts = [part for parts in lists for part in parts]
        return [from_data_url(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"]

    def results(self, body: dict[str, Any]) -> list[Result]:
        """Messages of role tool."""
        return [
            Result(each["tool_call_id"], text_of_content(each["content"]))
            for each in body["messages"]
            if each["role"] == "tool"
        ]

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """`tool_calls` of the assistant, their arguments as JSON text."""
        made = [call for each in body["messages"] for call in each.get("tool_calls") or ()]
        assert all(call["type"] == "function" for call in made)
        return [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) for call in made
        ]
