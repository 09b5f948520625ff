"""Allowances as programs send and read them. Money is in billionths of the currency, times are ms."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from parley.quotas.queries import Meter
from parley.quotas.rules import Rule
from parley.quotas.wording import shown


class OwnQuota(msgspec.Struct):
    """Body of `PUT /api/users/{id}/quota`: `limit` null lets the default count again."""

    unit: Literal["messages", "tokens", "money"]
    period: Literal["day", "week", "month"]
    limit: int | None
    model: str = ""  # public id; "" is all models together


def meters(found: list[Meter]) -> list[dict[str, Any]]:
    """What counts now, the fullest first."""
    return [{**shown(each.slot, each.used, each.held), "percent": each.percent} for each in found]


def own(rules: list[Rule]) -> list[dict[str, Any]]:
    """What somebody was given; `limit` null is without limit."""
    return [
        {"unit": rule.unit, "period": rule.period, "model": rule.model or None, "limit": rule.most}
        for rule in rules
    ]
