"""What a worker notes in the trace of an answer; see parley/traces. Called only where there is one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from parley.generations.facts import NOTICE, REASONING, TEXT, TOOL, USAGE
from parley.lib.http.watching import WATCHER
from parley.providers.base import Prompt, ProviderError
from parley.traces.exchanges import Watch
from parley.traces.recorder import Recorder

if TYPE_CHECKING:
    from parley.generations.flusher import Run
    from parley.generations.runner import Ask, Key, Prepared
    from parley.generations.scripts import Claim


def note_claim(trace: Recorder | None, claim: Claim) -> None:
    """A worker took it; until then it waited in the queue."""
    if trace is not None:
        trace.note(
            "queue", "", {"attempt": claim.attempt}, began=claim.created_at * 1000 + 999
        )  # after the question


def watch_requests(run: Run) -> None:
    """See every request that this task makes from now on."""
    if run.trace is not None:
        WATCHER.set(Watch(run.trace))


def note_context(trace: Recorder | None, prepared: Prepared, began: int) -> None:
    """What the model will be asked, and what did not fit."""
    if trace is None:
        return
    ask = prepared.asks[0]
    prompt = ask.prompt
    roles = Counter(turn.role for turn in prompt.turns)
    data: dict[str, Any] = {
        "model": ask.name,
        "messages": len(prompt.turns),
        "roles": dict(roles),
        "tokens": ask.prompt_tokens,
        "window": prompt.context_window,
        "room": prompt.room,
        "left_out": ask.left_out,
        "cut_files": list(ask.cut_files),
        "pictures": sum(len(turn.images) for turn in prompt.turns),
        "sampling": _set(prompt.sampling),
        "reasoning": _set(prompt.reasoning),
        "fallbacks": [each.name for each in prepared.asks[1:]],
    }
    if prepared.passed_over:
        data["passed_over"] = {"model": prepared.passed_over[0], "reason": prepared.passed_over[1]}
    trace.note("context", ask.name, data, began=began)


def note_try(trace: Recorder, ask: Ask, key: Key, prompt: Prompt) -> None:
    """A model is asked with one of its connection's keys, named by its row and never shown."""
    trace.asks(ask.connection_name)
    data = {
        "connection": ask.connection_name,
        "connection_id": ask.connection,
        "credential": key.id.partition("@")[0],
        "model": prompt.model,
        "stream": prompt.stream,
    }
    trace.note("try", ask.name, data)


def note_failure(trace: Recorder, error: ProviderError) -> None:
    """A request brought nothing, or broke off."""
    data = {"message": error.message, "retry_after": error.retry_after, "retryable": error.retryable}
    trace.note("failure", error.code, data)


def note_fact(trace: Recorder, kind: str, data: str) -> None:
    """Something is on its way to the reader: words are counted by the flush, the rest is told here."""
    if kind in (TEXT, REASONING):  # nearly always
        trace.speaks(kind)
    elif kind == NOTICE:
        notice = msgspec.json.decode(data)
        trace.note("notice", str(notice.get("code", "")), notice)
    elif kind != USAGE:
        trace.speaks(kind)
        trace.spoke(kind, 1, len(data))
    if kind == TOOL:
        call = msgspec.json.decode(data)
        trace.note("tool", str(call.get("name", "")), {"arguments": _arguments(call), "id": call.get("id")})


def _arguments(call: dict[str, Any]) -> Any:
    """As JSON where a model wrote valid JSON, so that fields are redacted by their names."""
    try:
        return msgspec.json.decode(call.get("arguments") or "null")
    except (msgspec.DecodeError, RecursionError):
        return call.get("arguments")


def _set(options: Any) -> dict[str, Any]:
    """The options that somebody set."""
    told: dict[str, Any] = msgspec.to_builtins(options)
    return {name: value for name, value in told.items() if value not in (None, "", [], {}, ())}
