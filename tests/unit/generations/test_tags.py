"""Tags are found however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.generations.tags import KNOWN, LONGEST_BLANK, Pairs, TagSplitter


def split(*pieces: str, pairs: Pairs = KNOWN) -> tuple[str, str]:
    """(reasoning, text) of an answer that comes in these pieces."""
    splitter = TagSplitter(pairs)
    found = [part for piece in pieces for part in splitter.feed(piece)] + splitter.close()
    return (
        "".join(text for thought, text in found if thought),
        "".join(text for thought, text in found if not thought),
    )


@pytest.mark.parametrize(("opening", "closing"), KNOWN)
def test_each_known_pair_is_found_at_every_cut(opening: str, closing: str) -> None:
    answer = f"{opening}\nFirst 想 < this\n{closing}\n\nThe answer."
    for cut in range(len(answer) + 1):
        assert split(answer[:cut], answer[cut:]) == ("First 想 < this\n", "The answer."), cut


def test_character_by_character_is_the_same() -> None:
    answer = "<think>a</think>b\n<think>c</think>\nd"
    assert split(*answer) == split(answer) == ("ac", "b\nd")


@pytest.mark.parametrize(
    "answer",
    [
        "Write `<think>` before it.",
        "```html\n<think>\nx\n</think>\n```\n",
        "~~~\n<think>no</think>\n~~~\ndone",
        "a <think>b</think>",
        "<thin>k",
        "<",
        "1 < 2",
        "   ",
    ],
)
def test_what_is_no_reasoning_stays_as_it_is(answer: str) -> None:
    assert split(*answer) == ("", answer)


def test_a_tag_after_a_fence_counts_again() -> None:
    assert split("```\nx\n```\n<think>y</think>z") == ("y", "```\nx\n```\nz")


def test_line_ends_without_an_end_are_not_hoarded() -> None:
    splitter = TagSplitter(KNOWN)
    given = [text for _ in range(1000) for _, text in splitter.feed("\n")]
    assert len(given) == 1000 - LONGEST_BLANK
    blank = "\n" * 100
    assert split(*blank, "<think>a</think>b") == split(blank + "<think>a</think>b")


def test_what_only_looks_like_a_fence_hides_no_tag() -> None:
    assert split("```code```\n<think>y</think>z") == ("y", "```code```\nz")
    assert split("````\n```\n<think>n</think>\n````\n<think>y</think>z") == (
        "y",
        "````\n```\n<think>n</think>\n````\nz",
    )


def test_reasoning_without_an_end_is_all_reasoning() -> None:
    assert split("<think>and then </thi") == ("and then </thi", "")


def test_an_own_pair_and_none() -> None:
    assert split("[[why]]x[[/why]]y", pairs=[("[[why]]", "[[/why]]")]) == ("x", "y")
    assert split("<think>x</think>y", pairs=()) == ("", "<think>x</think>y")


@given(st.text(alphabet="<think>/ab\n`", max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_the_cuts_never_matter(answer: str, cuts: list[int]) -> None:
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    pieces = [answer[a:b] for a, b in pairwise(places)]
    assert split(*pieces) == split(answer)
