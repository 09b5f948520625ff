"""OpenAI's Responses.

Sources: platform.openai.com/docs/api-reference/responses and /responses-streaming (events, their order and
sequence numbers), /docs/guides/reasoning (summaries, encrypted_content), /docs/guides/function-calling,
/docs/guides/images-vision, /docs/guides/tools-image-generation, /docs/guides/migrate-to-responses.
The stream ends with response.completed, .incomplete, .failed or an error event; there is no [DONE].
"""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.upstream.dialects.base import (
    CREATED,
    Ask,
    Count,
    Made,
    Picture,
    Result,
    Said,
    Talk,
    from_data_url,
    sse,
    text_of_content,
    unknown,
)
from tests.upstream.dialects.openai import LIMIT, OVERLOADED, OpenAI, call_id, unsampled
from tests.upstream.wire import Request

ID = "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b"
THOUGHT = "gAAAAABpIH-example-of-encrypted-reasoning_"
TOP = (
    "model input instructions stream stream_options store include tools tool_choice parallel_tool_calls "
    "temperature top_p max_output_tokens max_tool_calls reasoning text previous_response_id truncation "
    "metadata user service_tier safety_identifier prompt_cache_key prompt_cache_retention background "
    "conversation top_logprobs prompt"
)
TEXTS = ("input_text", "output_text")
ITEMS = {
    "message": "type role content id status phase",
    "function_call": "type id call_id name arguments status",
    "function_call_output": "type id call_id output status",
    "reasoning": "type id summary content encrypted_content status",
}


def usage(count: Count) -> dict[str, Any]:
    """ResponseUsage."""
    input, output = count.prompt + count.cached, count.completion + count.reasoning
    return {
        "input_tokens": input,
        "input_tokens_details": {"cached_tokens": count.cached},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": count.reasoning},
        "total_tokens": input + output,
    }


def response(ask: Ask, status: str, **more: Any) -> dict[str, Any]:
    """A Response."""
    plain: dict[str, Any] = {
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "output": [],
        "usage": None,
    }
    head = {"id": ID, "object": "response", "created_at": CREATED, "status": status, "model": ask.model}
    return {**head, **plain, "parallel_tool_calls": True, "store": ask.body.get("store", True), **more}


def reasoning_item(ask: Ask, text: str) -> dict[str, Any]:
    """A reasoning item, sealed when the request includes that."""
    item: dict[str, Any] = {"id": "rs_67ccd2c0c0c08190", "type": "reasoning", "summary": []}
    if text:
        item["summary"] = [{"type": "summary_text", "text": text}]
        if "reasoning.encrypted_content" in (ask.body.get("include") or ()):
            item["encrypted_content"] = THOUGHT
    return item


def message_item(text: str | None) -> dict[str, Any]:
    """A message; None is one that has just begun."""
    parts = [] if text is None else [text_part(text)]
    status = "in_progress" if text is None else "completed"
    return {
        "id": "msg_67ccd2bf17f0819081ff3bb2cf6508e6", "type": "message", "status": status,
        "role": "assistant", "content": parts,
    }  # fmt: skip


def text_part(text: str) -> dict[str, Any]:
    """A content part."""
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def call_item(made: Made, *, begun: bool = False) -> dict[str, Any]:
    """A function call; its call_id is not its id."""
    item = {"id": f"fc_67ca09c6bedc8190a7ab{made.index}", "type": "function_call"}
    status, arguments = ("in_progress", "") if begun else ("completed", made.arguments)
    return {
        **item,
        "status": status,
        "arguments": arguments,
        "call_id": call_id(made.index),
        "name": made.name,
    }


def image_item(png: bytes | None) -> dict[str, Any]:
    """A picture the model made; None is one that has just begun."""
    item = {"id": "ig_67cc8190", "type": "image_generation_call"}
    if png is None:
        return {**item, "status": "in_progress"}
    made = {"background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024"}
    return {**item, "status": "completed", **made, "result": base64.b64encode(png).decode()}


class ResponsesTalk(Talk):
    """Numbered events; output comes in items that are added and done."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._number = -1
        self._items: list[dict[str, Any]] = []
        self._kind = ""  # of the open item
        self._text = ""  # of the open item

    def _event(self, type: str, **fields: Any) -> bytes:
        self._number += 1
        return sse({"type": type, "sequence_number": self._number, **fields}, type)

    @property
    def _here(self) -> dict[str, Any]:
        return {"output_index": len(self._items)}

    def start(self) -> bytes:
        """Created, in progress."""
        begun = response(self._ask, "in_progress")
        return self._event("response.created", response=begun) + self._event(
            "response.in_progress", response=begun
        )

    def _close(self) -> bytes:
        if self._kind == "reasoning":
            item = reasoning_item(self._ask, self._text)
            where = {"item_id": item["id"], **self._here, "summary_index": 0}
            part = {"type": "summary_text", "text": self._text}
            last = self._event("response.reasoning_summary_text.done", **where, text=self._text)
            last += self._event("response.reasoning_summary_part.done", **where, part=part)
        elif self._kind == "message":
            item = message_item(self._text)
            where = {"item_id": item["id"], **self._here, "content_index": 0}
            last = self._event("response.output_text.done", **where, text=self._text, logprobs=[])
            last += self._event("response.content_part.done", **where, part=text_part(self._text))
        else:
            return b""
        self._kind = ""
        return last + self._done(item)

    def _done(self, item: dict[str, Any]) -> bytes:
        event = self._event("response.output_item.done", **self._here, item=item)
        self._items.append(item)
        return event

    def _open(self, kind: str, item: dict[str, Any], added: str, **more: Any) -> bytes:
        if self._kind == kind:
            return b""
        closed = self._close()
        self._kind, self._text = kind, ""
        begun = self._event("response.output_item.added", **self._here, item=item)
        return closed + begun + self._event(added, item_id=item["id"], **self._here, **more)

    def reasoning(self, text: str) -> bytes:
        """A summary's text."""
        item, part = reasoning_item(self._ask, ""), {"type": "summary_text", "text": ""}
        first = self._open(
            "reasoning", item, "response.reasoning_summary_part.added", summary_index=0, part=part
        )
        self._text += text
        where = {"item_id": item["id"], **self._here, "summary_index": 0}
        return first + self._event("response.reasoning_summary_text.delta", **where, delta=text)

    def text(self, text: str) -> bytes:
        """A message's text, padded against guessing by its length."""
        item = message_item(None)
        added = "response.content_part.added"
        first = self._open("message", item, added, content_index=0, part=text_part(""))
        self._text += text
        where = {"item_id": item["id"], **self._here, "content_index": 0}
        hidden = {"logprobs": [], "obfuscation": "x7Qk"}
        return first + self._event("response.output_text.delta", **where, delta=text, **hidden)

    def tool(self, made: Made) -> list[bytes]:
        """An item of its own; its arguments in pieces, then whole."""
        item, closed = call_item(made), self._close()
        begun = call_item(made, begun=True)
        added = self._event("response.output_item.added", **self._here, item=begun)
        where = {"item_id": item["id"], **self._here}
        pieces = [
            self._event("response.function_call_arguments.delta", **where, delta=each) for each in made.pieces
        ]
        whole = self._event("response.function_call_arguments.done", **where, arguments=made.arguments)
        return [closed + added, *pieces, whole, self._done(item)]

    def image(self, png: bytes) -> bytes:
        """A call of the vendor's own tool, its result in one line."""
        item, closed = image_item(png), self._close()
        events = closed + self._event("response.output_item.added", **self._here, item=image_item(None))
        for step in ("in_progress", "generating", "completed"):
            events += self._event(f"response.image_generation_call.{step}", **self._here, item_id=item["id"])
        return events + self._done(item)

    def odd(self) -> list[bytes]:
        """Events nobody asked for."""
        return [b": keep-alive\n\n", self._event("response.later.event", later=None)]

    def end(self, reason: str, count: Count | None) -> bytes:
        """Completed or incomplete, with the whole response."""
        closed = self._close()
        counted = None if count is None else usage(count)
        why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(reason)
        if why is None:
            whole = response(self._ask, "completed", output=self._items, usage=counted)
            return closed + self._event("response.completed", response=whole)
        details = {"reason": why}
        whole = response(
            self._ask, "incomplete", output=self._items, usage=counted, incomplete_details=details
        )
        return closed + self._event("response.incomplete", response=whole)

    def failure(self) -> bytes:
        """A failed response."""
        error = {"code": "server_is_overloaded", "message": OVERLOADED}
        return self._event("response.failed", response=response(self._ask, "failed", error=error))

    def limit(self) -> bytes:
        """An event of its own, flat."""
        return self._event("error", code="rate_limit_exceeded", message=LIMIT, param=None)


class Responses(OpenAI):
    """api.openai.com/v1/responses."""

    name = "openai-responses"

    def answers(self, request: Request, path: str) -> bool:
        """`POST /responses`."""
        return request.method == "POST" and path == "/v1/responses"

    def read(self, request: Request, path: str) -> Ask:
        """The input is a text, or items."""
        body = request.json()
        items = items_of(body)
        messages = [
            {"role": each["role"], "content": text_of_content(each["content"], TEXTS)}
            for each in items
            if each.get("type", "message") == "message"
        ]
        tools = tuple(tool["name"] for tool in body.get("tools") or () if tool["type"] == "function")
        last = items[-1].get("type", "message")
        results = last == "function_call_output"
        return Ask(str(body["model"]), messages, bool(body.get("stream")), body, tools, results)

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """Events."""
        return ResponsesTalk(ask)

    def whole(self, ask: Ask, said: Said) -> Any:
        """A Response."""
        output = [reasoning_item(ask, said.reasoning)] if said.reasoning else []
        output.append(message_item(said.text))
        output += [image_item(image) for image in said.images] + [call_item(made) for made in said.tools]
        counted = None if said.count is None else usage(said.count)
        why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(said.reason)
        details = None if why is None else {"reason": why}
        status = "completed" if why is None else "incomplete"
        return response(ask, status, output=output, usage=counted, incomplete_details=details)

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """OpenAI answers 400 to all of these."""
        found = unknown(body, TOP)
        for item in items_of(body):
            kind = item.get("type", "message")
            found += unknown(item, ITEMS[kind], f"in {kind}: ")
            if kind == "message" and isinstance(item["content"], list):
                wrong = "input_text" if item["role"] == "assistant" else "output_text"
                found += [f"Invalid value: '{wrong}'" for part in item["content"] if part["type"] == wrong]
            if kind == "reasoning" and body.get("store") is False and not item.get("encrypted_content"):
                found.append("Items are not persisted when `store` is set to false.")
        asked = [each["call_id"] for each in items_of(body) if each.get("type") == "function_call"]
        answered = [each["call_id"] for each in items_of(body) if each.get("type") == "function_call_output"]
        if asked != answered:
            found.append(f"No tool output found for function call: {asked} {answered}")
        for tool in body.get("tools") or ():
            if tool["type"] == "function" and "function" in tool:
                found.append("Missing required parameter: 'tools[0].name'.")
        return found + [each for each in unsampled(body) if "max_tokens" not in each]

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """Parts of type input_image, whose image_url is a text."""
        lists = [each["content"] for each in items_of(body) if isinstance(each.get("content"), list)]
        parts = [part for parts in lists for part in parts]
        return [from_data_url(part["image_url"]) for part in parts if part["type"] == "input_image"]

    def results(self, body: dict[str, Any]) -> list[Result]:
        """Items of type function_call_output."""
        return [
            Result(each["call_id"], text_of_content(each["output"], TEXTS))
            for each in items_of(body)
            if each.get("type") == "function_call_output"
        ]

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """Items of type function_call."""
        made = [each for each in items_of(body) if each.get("type") == "function_call"]
        return [(each["call_id"], each["name"], json.loads(each["arguments"])) for each in made]

    def states(self, body: dict[str, Any]) -> list[str]:
        """The sealed reasoning items, which stand before the calls they led to."""
        return [each["encrypted_content"] for each in items_of(body) if each.get("type") == "reasoning"]

    def sealed(self) -> list[str]:
        """The one that was sent."""
        return [THOUGHT]


def items_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The input as items."""
    if isinstance(body["input"], str):
        return [{"role": "user", "content": body["input"]}]
    return list(body["input"])
