"""The JSON of what was used."""

from __future__ import annotations

from typing import Any

from parley.usage.queries import Sums, Used
from parley.usage.spans import Span


def daily_body(span: Span, used: Used) -> dict[str, Any]:
    """`GET /api/usage/daily`; money in billionths of the currency, days as in the reader's time zone."""
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "timeZone": span.zone_name,
        "days": [{"day": day.isoformat(), **_sums(sums)} for day, sums in used.by_day.items()],
        "total": _sums(used.total),
    }


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "messages": sums.messages,
        "errors": sums.errors,
        "promptTokens": sums.prompt_tokens,
        "cachedTokens": sums.cached_tokens,
        "completionTokens": sums.completion_tokens,
        "reasoningTokens": sums.reasoning_tokens,
        "totalTokens": sums.tokens,
        "cost": {"nano": sums.cost_nano, "unpriced": sums.unpriced},
        "firstTokenMs": round(sums.first_ms / sums.began) if sums.began else None,
        "durationMs": round(sums.duration_ms / sums.messages) if sums.messages else None,
    }
