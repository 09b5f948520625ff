"""Whose word counts for how an answer is drawn."""

from __future__ import annotations

import pytest

from parley.catalogue.models import ModelRow
from parley.chat.tempering import limits_of, patience_of, reasoning_of, sampling_of, tags_of
from parley.connections.options import ReasoningTags
from parley.generations.tags import KNOWN
from parley.providers.sampling import Reasoning, Sampling
from parley.settings.catalogue import Values

SITE = Values({"reasoning.effort": "low", "sampling.temperature": 0.5, "sampling.max_tokens": 10})
NOTHING = Values({})


def model(**more: object) -> ModelRow:
    fields = {"id": "1:m", "name": "M", "connection_id": 1, "connection_name": "C", "provider": "openai"}
    return ModelRow(**{**fields, "raw_id": "m", "available": True, **more})  # type: ignore[arg-type]


THINKER = model(capabilities=("reasoning",), sources={"capabilities.reasoning": "table"})
PLAIN = model(sources={"capabilities.reasoning": "provider"})
UNKNOWN = model(sources={"capabilities.reasoning": "default"})


@pytest.mark.parametrize(
    ("who", "own", "found"),
    [
        (THINKER, "{}", Reasoning(effort="low")),
        (THINKER, '{"effort":"high"}', Reasoning(effort="high")),
        (THINKER, '{"mode":"off"}', Reasoning(mode="off")),
        (PLAIN, "{}", Reasoning()),
        (PLAIN, '{"effort":"high"}', Reasoning()),
        (UNKNOWN, "{}", Reasoning()),
        (UNKNOWN, '{"effort":"high"}', Reasoning(effort="high")),
    ],
)
def test_only_who_can_reason_is_asked_to(who: ModelRow, own: str, found: Reasoning) -> None:
    assert reasoning_of(own, who, SITE) == found


def test_the_site_can_turn_reasoning_off() -> None:
    assert reasoning_of("{}", THINKER, Values({"reasoning.effort": "off"})) == Reasoning(mode="off")
    assert reasoning_of("{}", THINKER, NOTHING) == Reasoning()


def test_the_closest_word_counts() -> None:
    own = model(sampling=Sampling(temperature=1.0, seed=3))
    assert sampling_of('{"seed":4}', own, SITE) == Sampling(temperature=1.0, seed=4, max_tokens=10)


@pytest.mark.parametrize(
    ("own", "site", "pairs"),
    [
        (ReasoningTags(), {}, KNOWN),
        (ReasoningTags(mode="off"), {}, ()),
        (ReasoningTags(mode="custom", open="[", close="]"), {}, (("[", "]"),)),
        (ReasoningTags(), {"reasoning.tags": "off"}, ()),
        (
            ReasoningTags(),
            {"reasoning.tags": "custom", "reasoning.tag_open": "(", "reasoning.tag_close": ")"},
            (("(", ")"),),
        ),
        (ReasoningTags(), {"reasoning.tags": "custom"}, KNOWN),
    ],
)
def test_a_connections_tags_win_over_the_sites(
    own: ReasoningTags, site: dict[str, object], pairs: object
) -> None:
    assert tags_of(own, Values(site)) == pairs


def test_silence_in_the_middle_may_be_as_long_as_at_the_beginning() -> None:
    limits = limits_of(Values({"patience.first_token": 90, "patience.idle": 30}))
    assert (limits.first_fact, limits.next_fact) == (90, 90)
    assert patience_of(Values({"patience.idle": 30})).idle == 30
