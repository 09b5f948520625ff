"""A trace in words: a sentence for each event, and the whole as a text for whoever helps. Pure.

Kinds of events: accept, saved, queue, context, try, request, response, body, failure, wait, notice, first,
reasoning, text, image, tool, result, store, stored, open, page, halt, lost, overflow, finish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from parley.traces.queries import EventRow, TraceRow
from parley.web.i18n import N_, _, ngettext

STATUSES = {
    "running": N_("Running"),
    "done": N_("Complete"),
    "error": N_("Failed"),
    "cancelled": N_("Stopped"),
    "interrupted": N_("Interrupted"),
}
REASONS = {
    "always": N_("a trace is always taken here"),
    "asked": N_("asked for with the question"),
    "default": N_("switched on for everybody"),
}
FIRST = {
    "text": N_("The first words of the answer came."),
    "reasoning": N_("The model began to think."),
    "tool": N_("The model asked for a tool."),
    "image": N_("The first picture came."),
}
HALTS = {
    "stopped": N_("Somebody stopped the answer."),
    "lost": N_("Another worker had taken it over, so this one let go."),
    "leaving": N_("The worker had to end, so it let go."),
}
ENDINGS = {
    "done": N_("The answer is complete."),
    "error": N_("The answer failed."),
    "cancelled": N_("The answer was stopped. What was written stays."),
    "interrupted": N_("The answer broke off. What was written stays."),
}
RULE = "-" * 72
WIDEST = 180  # characters of a line below a sentence


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a reader sees it. Times in µs; `start` counts from the beginning of the trace."""

    event: EventRow
    start: int
    text: str

    @property
    def moment(self) -> int:
        """When it can be told: at the end of a span."""
        return self.event.at + (self.event.duration or 0)


def took(us: int) -> str:
    """A length of time in few characters: 0.3 ms, 12 ms, 1.2 s, 2 min 3 s."""
    if us < 10_000:
        return _("%(n)s ms", n=f"{us / 1000:.1f}")
    if us < 1_000_000:
        return _("%(n)s ms", n=round(us / 1000))
    if us < 60_000_000:
        return _("%(n)s s", n=f"{us / 1_000_000:.1f}")
    minutes, rest = divmod(round(us / 1_000_000), 60)
    return _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)


def size(bytes: int) -> str:
    """A number of bytes in few characters."""
    return _("%(n)s KB", n=f"{bytes / 1000:,.1f}") if bytes >= 1000 else _("%(n)s B", n=bytes)


def lines(trace: TraceRow, events: Iterable[EventRow]) -> list[Line]:
    """The events with their sentences, in the order in which they can be told."""
    began = trace.started_at * 1000
    told = [Line(each, each.at - began, sentence(each)) for each in events]
    return sorted(told, key=lambda line: (line.moment, line.event.seq))


def sentence(event: EventRow) -> str:
    """What happened, in one sentence."""
    tell = _TELLERS.get(event.kind)
    return tell(event, event.data) if tell else f"{event.kind} {event.name}".strip()


def as_text(trace: TraceRow, events: Iterable[EventRow], zone: ZoneInfo, *, truncated: bool) -> str:
    """The whole trace as a text: what it is about, then a line for each event."""
    out = [_("Trace %(id)s", id=trace.id), RULE]
    out += [f"{label}: {value}" for label, value in summary(trace, zone) if value]
    out.append(RULE)
    for line in lines(trace, events):
        at = datetime.fromtimestamp(line.moment / 1_000_000, zone).strftime("%H:%M:%S.%f")[:-3]
        # A question is accepted a moment before the transaction that begins its trace looks at the clock.
        since = max(0, line.moment - trace.started_at * 1000) / 1_000_000
        out.append(f"{at}  {since:+9.3f} s  {line.text}")
        out += [f"{'':27}{more}" for more in details(line.event)]
    if truncated:
        out.append(_("More happened than is told here."))
    out += [RULE, _("Keys, cookies and passwords were taken out before this was stored."), ""]
    return "\n".join(out)


def summary(trace: TraceRow, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What a trace is about: labels and values."""
    meta = trace.metadata
    usage = meta.get("usage") or {}
    began = datetime.fromtimestamp(trace.started_at / 1000, zone)
    asked = trace.model_name or trace.model
    answered = trace.answered_name if trace.answered_name != asked else ""
    tokens = ""
    if usage:
        tokens = _(
            "%(read)s read, %(written)s written",
            read=f"{usage.get('prompt_tokens', 0):,}",
            written=f"{usage.get('completion_tokens', 0):,}",
        )
    return [
        (_("Status"), _(STATUSES.get(trace.status, trace.status))),
        (_("Began"), f"{began:%Y-%m-%d %H:%M:%S} ({zone.key})"),
        (_("Took"), took(trace.duration * 1000) if trace.duration is not None else ""),
        (_("Who asked"), trace.username),
        (_("Chat"), trace.title),
        (_("Question"), " ".join(str(meta.get("question", "")).split())),
        (_("Model"), asked),
        (_("Answered"), answered),
        (_("Connection"), trace.connection),
        (_("Tokens"), tokens),
        (_("Reason") if trace.status == "cancelled" else _("Error"), _said(str(meta.get("error", "")))),
        (_("Why there is a trace"), _(REASONS.get(trace.reason, trace.reason))),
    ]


def details(event: EventRow) -> list[str]:
    """What the text says below a sentence: messages of a request, raw lines of a response, tools."""
    data = event.data
    if event.kind == "request":
        body = data.get("body") or {}
        turns = next((body[name] for name in ("messages", "input", "contents") if name in body), None)
        if not isinstance(turns, Mapping):
            return []
        told = [f"{turn.get('role', '')}: {turn.get('preview', '')}" for turn in turns.get("turns", [])]
        return [_one_line(each) for each in told]
    if event.kind == "body":
        first, last = data.get("first") or [], data.get("last") or []
        return [f"< {_one_line(line)}" for line in (*first, *(("…", *last) if last else ()))]
    if event.kind in ("tool", "result"):
        given = data.get("arguments", data.get("result"))
        return [] if given is None else [_one_line(msgspec.json.encode(given).decode())]
    return []


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[:WIDEST] + "…"


def _accept(event: EventRow, data: Mapping[str, Any]) -> str:
    said = ngettext(
        "A question of %(n)s character came", "A question of %(n)s characters came", data["characters"]
    )
    return _("%(what)s from %(who)s.", what=said, who=event.name) if event.name else f"{said}."


def _queue(event: EventRow, data: Mapping[str, Any]) -> str:
    if data.get("attempt", 1) > 1:
        return _("A worker took the question on again, attempt %(n)s.", n=data["attempt"])
    return _("A worker took the question on after %(took)s in the queue.", took=_took(event))


def _context(event: EventRow, data: Mapping[str, Any]) -> str:
    said = [
        _(
            "What the model gets was put together in %(took)s: %(messages)s, about %(tokens)s of the"
            " %(window)s tokens it can read.",
            took=_took(event),
            messages=ngettext("%(n)s message", "%(n)s messages", data.get("messages", 0)),
            tokens=f"{data.get('tokens', 0):,}",
            window=f"{data.get('window', 0):,}",
        )
    ]
    if data.get("left_out"):
        said.append(
            ngettext(
                "%(n)s older message did not fit and was left out.",
                "%(n)s older messages did not fit and were left out.",
                data["left_out"],
            )
        )
    if data.get("cut_files"):
        said.append(_("Cut because they are long: %(files)s.", files=", ".join(data["cut_files"])))
    if data.get("passed_over"):
        said.append(_("%(model)s could not be asked.", model=data["passed_over"].get("model", "")))
    return _together(said)


def _try(event: EventRow, data: Mapping[str, Any]) -> str:
    if not data.get("connection"):
        return _("%(model)s is asked.", model=event.name)
    return _("%(model)s is asked over “%(connection)s”.", model=event.name, connection=data["connection"])


def _request(event: EventRow, data: Mapping[str, Any]) -> str:
    amount = size((data.get("body") or {}).get("bytes", 0))
    if not event.name:
        return _("The request went out (%(size)s).", size=amount)
    return _("The request went out to %(address)s (%(size)s).", address=event.name, size=amount)


def _response(event: EventRow, data: Mapping[str, Any]) -> str:
    wait = (data.get("headers") or {}).get("retry-after")
    if wait:
        return _(
            "The provider answered %(status)s after %(took)s and asked to wait %(wait)s s.",
            status=event.name,
            took=_took(event),
            wait=wait,
        )
    return _("The provider answered %(status)s after %(took)s.", status=event.name, took=_took(event))


def _body(event: EventRow, data: Mapping[str, Any]) -> str:
    amount = size(data.get("bytes", 0))
    if data.get("error"):
        return _(
            "The connection broke after %(took)s and %(size)s: %(error)s",
            took=_took(event),
            size=amount,
            error=data["error"],
        )
    return _("The provider's response ended after %(took)s, %(size)s.", took=_took(event), size=amount)


def _wait(event: EventRow, data: Mapping[str, Any]) -> str:
    seconds = f"{data.get('seconds', 0):g}"
    if data.get("asked") is not None:
        return _("Parley waited %(seconds)s s, as the provider asked, and tries again.", seconds=seconds)
    return _("Parley waited %(seconds)s s and tries again.", seconds=seconds)


def _notice(event: EventRow, data: Mapping[str, Any]) -> str:
    if event.name == "dropped":
        return _("Not sent, because this model does not take it: %(names)s.", names=", ".join(data["names"]))
    text = str(data.get("text", ""))
    return _("The reader was told: “%(text)s”", text=_(text) if text else event.name)


def _spoken(event: EventRow, data: Mapping[str, Any]) -> str:
    amount = ngettext("%(n)s character", "%(n)s characters", data.get("characters", 0))
    if event.kind == "reasoning":
        return _("The model thought for %(took)s (%(amount)s).", took=_took(event), amount=amount)
    if event.kind == "text":
        return _("The answer was written in %(took)s (%(amount)s).", took=_took(event), amount=amount)
    return ngettext("The model made %(n)s picture.", "The model made %(n)s pictures.", data.get("pieces", 0))


def _tool(event: EventRow, data: Mapping[str, Any]) -> str:
    return _("The model asked for the tool “%(name)s”.", name=event.name)


def _store(event: EventRow, data: Mapping[str, Any]) -> str:
    return _(
        "%(what)s stored in %(write)s and sent to the readers in %(publish)s.",
        what=ngettext("%(n)s piece was", "%(n)s pieces were", data.get("facts", 0)),
        write=took(data.get("write_us", 0)),
        publish=took(data.get("publish_us", 0)),
    )


def _stored(event: EventRow, data: Mapping[str, Any]) -> str:
    return _(
        "%(what)s %(write)s in all, the slowest %(slowest)s; telling the readers took %(publish)s.",
        what=ngettext(
            "%(n)s write to the database took", "%(n)s writes to the database took", data["flushes"]
        ),
        write=took(data["write_us"]),
        slowest=took(data["slowest_us"]),
        publish=took(data["publish_us"]),
    )


def _page(event: EventRow, data: Mapping[str, Any]) -> str:
    amount = size(data.get("bytes", 0))
    if data.get("whole"):
        return _("A reader had followed to the end (%(took)s, %(size)s).", took=_took(event), size=amount)
    return _("A reader went away after %(took)s (%(size)s).", took=_took(event), size=amount)


def _finish(event: EventRow, data: Mapping[str, Any]) -> str:
    said = [_(ENDINGS.get(event.name, event.name))]
    if why := str(data.get("error", "")):
        said = [_said(why)] if event.name == "cancelled" else [*said, _said(why)]
    usage = data.get("usage") or {}
    if usage:
        said.append(
            _(
                "Tokens: %(read)s read, %(written)s written.",
                read=f"{usage.get('prompt_tokens', 0):,}",
                written=f"{usage.get('completion_tokens', 0):,}",
            )
        )
    if data.get("cost_nano"):
        said.append(_("Cost: $%(cost)s.", cost=f"{data['cost_nano'] / 1e9:.6f}".rstrip("0").rstrip(".")))
    if data.get("finish_reason") == "length":
        said.append(_("It reached the longest it may become."))
    return _together(said)


def _said(sentence: str) -> str:
    """A stored sentence of ours in the reader's language, a vendor's as it is."""
    return _(sentence) if sentence else ""


def _took(event: EventRow) -> str:
    return took(event.duration or 0)


_TELLERS: dict[str, Callable[[EventRow, Mapping[str, Any]], str]] = {
    "accept": _accept,
    "saved": lambda event, data: _("The question was stored in %(took)s.", took=_took(event)),
    "queue": _queue,
    "context": _context,
    "try": _try,
    "request": _request,
    "response": _response,
    "body": _body,
    "failure": lambda event, data: _("That brought no answer: %(why)s", why=data.get("message", event.name)),
    "wait": _wait,
    "notice": _notice,
    "first": lambda event, data: _(FIRST.get(event.name, event.name)),
    "reasoning": _spoken,
    "text": _spoken,
    "image": _spoken,
    "tool": _tool,
    "result": lambda event, data: _(
        "The tool “%(name)s” gave its result after %(took)s.", name=event.name, took=_took(event)
    ),
    "store": _store,
    "stored": _stored,
    "open": lambda event, data: _("A reader began to follow."),
    "page": _page,
    "halt": lambda event, data: _(HALTS.get(event.name, event.name)),
    "lost": lambda event, data: _("The worker was gone: nothing was heard of it for ten seconds."),
    "overflow": lambda event, data: _(
        "More happened than the %(most)s steps that are kept.", most=data["most"]
    ),
    "finish": _finish,
}


def _together(said: list[str]) -> str:
    """Sentences in a row; some languages put nothing between them."""
    return reduce(lambda first, then: _("%(first)s %(then)s", first=first, then=then), said)
