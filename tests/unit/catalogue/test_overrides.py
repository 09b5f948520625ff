"""What an administrator may say about a model, and how a mistake is told."""

from __future__ import annotations

from typing import Any

import pytest

from parley.catalogue.overrides import NOTHING_SAID, Overrides, changed
from parley.lib.errors import Invalid


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contextWindow": 0}, "A whole number of tokens"),
        ({"contextWindow": "many"}, "A whole number of tokens"),
        ({"maxOutput": True}, "A whole number of tokens"),
        ({"priceInput": -1}, "millionths per million tokens"),
        ({"kind": "poem"}, "One of chat, embedding, image and other"),
        ({"capabilities": {"flying": True}}, "image_output"),
        ({"capabilities": ["vision"]}, "image_output"),
        ({"hidden": "yes"}, "Say true or false"),
        ({"tags": ["x" * 41]}, "At most 20 words"),
        ({"tags": [["x"]]}, "At most 20 words"),
        ({"sampling": {"temperature": 3}}, "temperature: a number from 0 to 2"),
        ({"sampling": {"stop": ["a"] * 5}}, "stop: at most 4 texts"),
        ({"sampling": {"warmth": 3}}, "Holds only temperature, top_p"),
        ({"reasoning": {"effort": "huge"}}, "Holds mode (on or off)"),
        ({"fallbacks": ["a"] * 6}, "At most 5 ids"),
        ({"accessUser": "maybe"}, "allow, deny, or empty"),
        ({"hiden": True}, "There is no such field. Known: name, kind"),
    ],
)
def test_a_mistake_is_told_in_plain_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        changed(NOTHING_SAID, change)
    (field,) = change
    assert words in caught.value.fields[field]
    assert caught.value.message.startswith(f"{field}: ")


def test_null_takes_a_word_back_and_parts_are_changed_one_by_one() -> None:
    said = changed(NOTHING_SAID, {"capabilities": {"vision": True, "json": False}, "maxOutput": 5})
    said = changed(said, {"sampling": {"temperature": 0.5, "top_k": 3}, "tags": ["b", " a ", "b"]})
    said = changed(said, {"capabilities": {"json": None}, "sampling": {"top_k": None}, "maxOutput": None})
    assert said.capabilities == {"vision": True}
    assert (said.sampling.temperature, said.sampling.top_k, said.maxOutput) == (0.5, None, None)
    assert said.tags == ("b", "a")
    assert changed(said, dict.fromkeys(("capabilities", "sampling", "tags"))) == Overrides()


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        changed(NOTHING_SAID, {"kind": 1, "hidden": 2, "name": "fine"})
    assert set(caught.value.fields) == {"kind", "hidden"}
