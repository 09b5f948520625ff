"""What an answer took: time, tokens, money, in words. Pure."""

from __future__ import annotations

from math import floor, log10

from parley.chat.queries import PathMessage
from parley.generations.facts import SHORTEST_SPAN
from parley.web.i18n import _, ngettext


def seconds(ms: int) -> str:
    """A duration for people: "0.8 s", "11 s", "2 min 5 s"."""
    if ms < 10_000:
        return _("%(seconds)s s", seconds=f"{ms / 1000:.1f}")
    if ms < 60_000:
        return _("%(seconds)s s", seconds=round(ms / 1000))
    whole = round(ms / 1000)
    return _("%(minutes)s min %(seconds)s s", minutes=whole // 60, seconds=whole % 60)


def thought_for(ms: float | None) -> str:
    """The summary of a finished fold; `ms` None when nobody took the time."""
    if ms is None:
        return _("Reasoning")
    whole = max(1, round(ms / 1000))
    duration = _("%(seconds)s s", seconds=whole) if whole < 60 else seconds(whole * 1000)
    return _("Thought for %(duration)s", duration=duration)


def line(message: PathMessage) -> str:
    """ "11 s, about 1,284 tokens, 42 tokens/s, $0.0012" for a finished answer; "" when nothing is known."""
    parts: list[str] = []
    if message.started_at and message.finished_at:
        parts.append(seconds(message.finished_at - message.started_at))
    if message.completion_tokens:
        parts.append(tokens(message.completion_tokens, estimated=message.estimated))
    speed = tokens_per_second(message)
    if speed:
        parts.append(_("%(speed)s tokens/s", speed=f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"))
    if message.cost_nano is not None:
        parts.append(money(message.cost_nano))
    return _(", ").join(parts)


def details(message: PathMessage) -> str:
    """What stands behind the line: the model, the wait for the first words, what was read and thought."""
    parts = [message.answered_name or message.model_name]
    first = message.first_text_at or message.first_fact_at
    if first and message.asked_at:
        parts.append(_("first words after %(duration)s", duration=seconds(max(0, first - message.asked_at))))
    if message.prompt_tokens:
        parts.append(_("%(tokens)s read", tokens=tokens(message.prompt_tokens, estimated=message.estimated)))
    if message.cached_tokens:
        parts.append(_("%(count)s of them from the cache", count=f"{message.cached_tokens:,}"))
    if message.reasoning_tokens:
        parts.append(_("%(tokens)s of reasoning", tokens=tokens(message.reasoning_tokens)))
    return _(", ").join(filter(None, parts))


def tokens(count: int, *, estimated: bool = False) -> str:
    """A number of tokens; an estimate says so."""
    if estimated:
        return ngettext("about %(count)s token", "about %(count)s tokens", count, count=f"{count:,}")
    return ngettext("%(count)s token", "%(count)s tokens", count, count=f"{count:,}")


def tokens_per_second(message: PathMessage) -> float | None:
    """How fast it wrote, without what it thought and the time that took."""
    began = message.first_text_at or message.first_fact_at
    written = (message.completion_tokens or 0) - (message.reasoning_tokens or 0)
    if not began or not message.finished_at or written <= 0:
        return None
    span = message.finished_at - began
    return written * 1000 / span if span >= SHORTEST_SPAN else None


def money(nano: int) -> str:
    """US dollars from billionths of one, two digits that count: "$0.0012", "$1.25"."""
    if nano <= 0:
        return "$0"
    dollars = nano / 1e9
    if dollars >= 1:
        return f"${dollars:,.2f}"
    return f"${dollars:.{min(9, max(2, 1 - floor(log10(dollars))))}f}"


def short_count(count: int) -> str:
    """A number of tokens in a narrow place: "128k", "1.5M"."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f}".removesuffix(".0") + "M"
    if count >= 1000:
        return f"{count // 1000}k"
    return str(count)


def word_count(text: str) -> int:
    """Words of a Latin text, characters of a Chinese one."""
    return sum(1 if ord(word[0]) < 0x2E80 else len(word) for word in text.split())
