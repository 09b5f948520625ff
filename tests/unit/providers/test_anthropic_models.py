"""What each Claude model takes."""

from __future__ import annotations

import pytest

from parley.providers.anthropic_models import NEW_VERSION, OLD_VERSION, line_and_version, manners_of


@pytest.mark.parametrize(
    ("model", "read"),
    [
        ("claude-opus-5-5", ("opus", (5, 5))),
        ("claude-sonnet-4-5-20250929", ("sonnet", (4, 5))),
        ("claude-3-7-sonnet-20250219", ("sonnet", (3, 7))),
        ("claude-3-opus-20240229", ("opus", (3, 0))),
        ("claude-opus-4-20250514", ("opus", (4, 0))),
        ("claude-opus-4@20250514", ("opus", (4, 0))),
        ("anthropic/claude-sonnet-4.6", ("sonnet", (4, 6))),
        ("us.anthropic.claude-opus-4-6-v1:0", ("opus", (4, 6))),
        ("claude-haiku-5-5[1m]", ("haiku", (5, 5))),
        ("claude-2.1", ("", (2, 1))),
        ("claude-instant", ("instant", (0, 0))),
        ("claude-mythos-preview", ("mythos", (5, 5))),
        ("claude-sonnet-latest", ("sonnet", (5, 5))),
        ("kimi-k2-thinking", None),
        ("glm-5", None),
    ],
)
def test_versions_are_read_out_of_names(model: str, read: object) -> None:
    assert line_and_version(model) == read


@pytest.mark.parametrize(
    ("model", "thinking", "unasked", "off"),
    [
        ("claude-3-5-haiku-latest", "", False, "disabled"),
        ("claude-3-7-sonnet-20250219", "budget", False, "disabled"),
        ("claude-opus-4-5", "budget", False, "disabled"),
        ("claude-sonnet-4-6", "adaptive", False, "disabled"),
        ("claude-opus-4-8", "adaptive", False, "disabled"),
        ("claude-opus-5", "adaptive", True, "disabled"),
        ("claude-haiku-5-5", "adaptive", True, "disabled"),
        ("claude-sonnet-5-5", "adaptive", True, "between_tools"),
        ("claude-opus-5-5", "adaptive", True, ""),
        ("claude-fable-5", "adaptive", True, ""),
        ("claude-opus-7", "adaptive", True, ""),
        ("glm-5", "budget", False, "disabled"),
    ],
)
def test_each_generation_is_asked_to_think_its_way(
    model: str, thinking: str, unasked: bool, off: str
) -> None:
    manners = manners_of(model)
    assert (manners.thinking, manners.thinks_unasked, manners.off) == (thinking, unasked, off)


@pytest.mark.parametrize(
    ("model", "sampling", "prefill", "version"),
    [
        ("claude-haiku-4-5", True, True, OLD_VERSION),
        ("claude-sonnet-4-6", True, False, OLD_VERSION),
        ("claude-opus-4-7", False, False, NEW_VERSION),
        ("claude-haiku-5-5", False, False, NEW_VERSION),
        ("kimi-k2", True, False, OLD_VERSION),
    ],
)
def test_the_version_is_the_newest_that_leaves_no_wish_behind(
    model: str, sampling: bool, prefill: bool, version: str
) -> None:
    manners = manners_of(model)
    assert (manners.sampling, manners.prefill, manners.version) == (sampling, prefill, version)
