"""What the cards say."""

from __future__ import annotations

from dataclasses import replace

import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.offers import groups
from parley.connections.pages import SLOW_MS, card_of, moment, problem_of, status_of
from parley.connections.queries import ConnectionRow, KeyRow
from parley.providers.base import ProviderError

NOW = 1_800_000_000_000
ROW = ConnectionRow(
    id=3,
    name="Here",
    provider="openai",
    base_url="http://127.0.0.1/v1",
    keys=(KeyRow(1, "", "v1:x", "cdef", True),),
    enabled=True,
    created_at=NOW - 100_000,
    updated_at=NOW - 100_000,
    checked_at=NOW - 90_000,
    check_error=None,
    check_code="",
    check_latency_ms=210,
    worked_at=NOW - 90_000,
    failing_since=None,
    models=14,
    built_in=False,
)


@pytest.mark.parametrize(
    ("row", "badge", "tone"),
    [
        (ROW, "works, 210 ms", "good"),
        (replace(ROW, check_latency_ms=SLOW_MS + 1), "slow, 2001 ms", "warn"),
        (replace(ROW, check_error="x", check_code="server"), "failing", "bad"),
        (replace(ROW, enabled=False), "off", ""),
        (replace(ROW, checked_at=None, check_latency_ms=None), "not tested", "warn"),
        (replace(ROW, checked_at=None, updated_at=NOW - 1000), "testing …", ""),
        (replace(ROW, updated_at=NOW - 1000), "testing …", ""),
        (replace(ROW, provider="demo", checked_at=None), "ready", "good"),
        (replace(ROW, provider="of a newer version", checked_at=None), "not tested", "warn"),
    ],
)
def test_a_badge_says_how_a_connection_is(row: ConnectionRow, badge: str, tone: str) -> None:
    assert status_of(row, NOW) == (badge, tone)


def test_our_sentence_and_the_vendors_words_are_told_apart() -> None:
    error = ProviderError.of("authentication", "Incorrect key (HTTP 401)")
    row = replace(ROW, check_error=error.message, check_code=error.code)
    assert problem_of(row) == ("The provider refused the key.", "Incorrect key (HTTP 401)")
    assert problem_of(replace(ROW, check_error="Enter it again.", check_code="key_unreadable")) == (
        "Enter it again.",
        "",
    )
    assert problem_of(ROW) == ("", "")


def test_a_card_never_holds_the_sealed_key() -> None:
    card = card_of(ROW, now=NOW)
    assert card.keys[0].hint == "cdef"
    assert "v1:x" not in repr(card)


def test_the_demo_is_not_offered_a_second_time() -> None:
    offered = {offer.value for group in groups() for offer in group.offers}
    assert "demo" not in offered
    assert {"openai", "ollama", "deepseek", "custom"} <= offered


def test_a_moment_is_exact_and_readable() -> None:
    shown = moment(NOW)
    assert shown is not None
    assert (shown.iso, shown.text) == ("2027-01-15T08:00:00+00:00", "2027-01-15 08:00 UTC")
    assert moment(None) is None
