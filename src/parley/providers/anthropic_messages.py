"""A prompt's turns as Anthropic's messages: alternating roles, lists of blocks. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from parley.providers.base import Image, Prompt, ToolCall, Turn
from parley.providers.native import GO_ON, base64_of, object_of

Block = dict[str, Any]
Message = dict[str, Any]

_UNFIT = re.compile(r"[^a-zA-Z0-9_-]")
_BEFORE = "…"  # stands where a conversation begins with an answer


def messages_of(prompt: Prompt, *, prefill: bool) -> list[Message]:
    """All turns but the system's; neighbours of one role are one message, blank turns none.

    Thoughts go back in the tool loop at the end only: elsewhere the API ignores them, and newer models
    refuse them once anything before them has changed.
    """
    turns = [turn for turn in prompt.turns if turn.role != "system"]
    last_user = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=-1)
    messages: list[Message] = []
    for at, turn in enumerate(turns):
        if turn.role == "assistant":
            _add(messages, "assistant", _said(turn, prompt.model if at > last_user else ""))
        else:
            _add(messages, "user", _asked(turn))
    if messages and messages[0]["role"] == "assistant":
        messages.insert(0, {"role": "user", "content": [_text(_BEFORE)]})
    if messages and messages[-1]["role"] == "assistant":
        _let_go_on(messages, prefill)
    return messages


def state_of(model: str, content: list[Block]) -> str:
    """What `Turn.thought_state` should be after an answer of these blocks."""
    return json.dumps({"model": model, "content": content}, ensure_ascii=False, separators=(",", ":"))


def signed_blocks(turn: Turn, model: str) -> list[Block]:
    """An answer's blocks with its thoughts, if `thought_state` has those of this model and these calls."""
    try:
        state = json.loads(turn.thought_state)
        blocks = [dict(block) for block in state["content"]]
        calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if state["model"] != model or calls != [call.id for call in turn.calls]:
            return []
        return [block for block in blocks if block["type"] != "text" or block["text"].strip()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _add(messages: list[Message], role: str, blocks: list[Block]) -> None:
    if not blocks:
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += blocks
    else:
        messages.append({"role": role, "content": blocks})


def _let_go_on(messages: list[Message], prefill: bool) -> None:
    """Ask for the rest of the last answer; models before 4.6 go on by themselves from its last words."""
    last = messages[-1]["content"][-1]
    if prefill and last["type"] == "text":
        last["text"] = last["text"].rstrip()  # white space at the end is refused
    else:
        messages.append({"role": "user", "content": [_text(GO_ON)]})


def _asked(turn: Turn) -> list[Block]:
    blocks = [_image(image) for image in turn.images]
    if turn.text.strip():
        blocks.append(_text(turn.text))
    if turn.role != "tool":
        return blocks
    result: Block = {"type": "tool_result", "tool_use_id": _id(turn.call_id)}
    return [{**result, "content": blocks} if blocks else result]


def _said(turn: Turn, model: str) -> list[Block]:
    """Blocks of an answer: as they came when their signed thoughts must go back to `model`."""
    signed = signed_blocks(turn, model) if model and turn.calls else []
    if signed:
        return signed
    blocks = [_text(turn.text)] if turn.text.strip() else []
    return blocks + [_tool_use(call) for call in turn.calls]


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _image(image: Image) -> Block:
    data = base64_of(image)
    if data:
        return {"type": "image", "source": {"type": "base64", "media_type": image.mime, "data": data}}
    return {"type": "image", "source": {"type": "url", "url": image.url}}


def _tool_use(call: ToolCall) -> Block:
    return {"type": "tool_use", "id": _id(call.id), "name": call.name, "input": object_of(call.arguments)}


def _id(given: str) -> str:
    """An id the API takes; other vendors' ids hold other characters."""
    return _UNFIT.sub("_", given) or "call"
