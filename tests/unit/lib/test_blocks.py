"""Cutting Markdown while it is written: the same text gives the same blocks, however it arrives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.lib.blocks import LONG_LIST, Block, Splitter, split
from parley.lib.markdown import render_block, render_document
from tests.unit.lib.answers import ANSWERS

SAMPLES = "- a;  - b;1. x;2. y;   in item;para **b**;;;```py;```;   ```;~~~;> q;    code;---;===;\ttab;中文，"
FORMULAS = "$$;$$x$$;\\[;\\];<div>;* * *;| a | b |;|---|---|;# H"
LINES = st.sampled_from(f"{SAMPLES};{FORMULAS}".split(";"))
DOCUMENTS = (
    st.lists(LINES, max_size=25).map("\n".join)
    | st.sampled_from(ANSWERS)
    | st.text("`~-*>#|$ \n\ra1.", max_size=80)
)


def squeezed(html: str) -> str:
    return "".join(html.split())


def cut_up(text: str, cuts: list[int]) -> list[str]:
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(at)] or [text]


def fed(pieces: list[str]) -> list[Block]:
    splitter = Splitter()
    closed = [block for seq, piece in enumerate(pieces, 1) for block in splitter.feed(seq, piece)]
    return closed + splitter.close(len(pieces) + 1)


@given(DOCUMENTS, st.lists(st.integers(0, 5000), max_size=30))
def test_any_cutting_into_facts_gives_the_same_blocks(text: str, cuts: list[int]) -> None:
    assert [block.source for block in fed(cut_up(text, cuts))] == split(text)


@given(DOCUMENTS, st.lists(st.integers(0, 5000), max_size=30))
def test_a_block_carries_the_seq_of_the_fact_with_its_closing_character(text: str, cuts: list[int]) -> None:
    pieces = cut_up(text, cuts)
    ends: list[int] = []  # for each block: after how many characters it was closed, fed one at a time
    splitter = Splitter()
    for at, char in enumerate(text, 1):
        ends.extend(at for _ in splitter.feed(at, char))
    ends.extend(len(text) + 1 for _ in splitter.close(len(text) + 1))
    total, starts = 0, []
    for piece in pieces:
        total += len(piece)
        starts.append(total)
    expected = [
        next((seq for seq, end in enumerate(starts, 1) if end >= closed), len(pieces) + 1) for closed in ends
    ]
    assert [block.seq for block in fed(pieces)] == expected


@given(DOCUMENTS, st.lists(st.integers(0, 5000), max_size=30))
def test_the_open_block_only_grows_and_knows_its_size(text: str, cuts: list[int]) -> None:
    splitter, before = Splitter(), ""
    for seq, piece in enumerate(cut_up(text, cuts), 1):
        closed = splitter.feed(seq, piece)
        assert splitter.open_size == len(splitter.open)
        assert closed or splitter.open.startswith(before.rstrip(" \t")) or not splitter.open
        before = splitter.open


@pytest.mark.parametrize("text", ANSWERS)
def test_blocks_one_after_the_other_render_as_the_whole_does(text: str) -> None:
    assert squeezed("".join(map(render_block, split(text)))) == squeezed(render_document(text))


@pytest.mark.parametrize("text", ANSWERS)
def test_windows_line_ends_change_nothing(text: str) -> None:
    assert fed(cut_up(text.replace("\n", "\r\n"), list(range(0, 5000, 7)))) != []
    assert [b.source for b in fed([*text.replace("\n", "\r\n")])] == split(text)


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(["para\n\n", "# H\n", "- a\n- b\n\n", "1. x\n\n   y\n2. z\n\n", "> q\nlazy\n\n"]),
        max_size=8,
    )
)
def test_ordinary_blocks_in_any_order_render_as_the_whole_does(parts: list[str]) -> None:
    text = "para\n".join(parts)
    assert squeezed("".join(map(render_block, split(text)))) == squeezed(render_document(text))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("a\n\nb\n", ["a\n", "b\n"]),
        ("a\nb\n\n\n\nc", ["a\nb\n", "c\n"]),
        ("```py\na\n\nb\n```\nafter", ["```py\na\n\nb\n```\n", "after\n"]),
        ("~~~\n```\n~~~\nx", ["~~~\n```\n~~~\n", "x\n"]),
        ("````\n```\n````\nx", ["````\n```\n````\n", "x\n"]),
        ("- a\n\n- b\n\nx", ["- a\n\n- b\n", "x\n"]),
        (
            "1. a\n   ```\n   x\n\n   y\n   ```\n2. b\n\nx",
            ["1. a\n   ```\n   x\n\n   y\n   ```\n2. b\n", "x\n"],
        ),
        ("1. a\n\n```\nx\n```\n\n2. b", ["1. a\n", "```\nx\n```\n", "2. b\n"]),
        ("text:\n- a\n- b\n# H\nx", ["text:\n", "- a\n- b\n", "# H\n", "x\n"]),
        ("in 2024\n2. not a list", ["in 2024\n2. not a list\n"]),
        ("Title\n---\nx", ["Title\n---\n", "x\n"]),
        ("| a |\n|---|\n| b |\nstill a row\n\nx", ["| a |\n|---|\n| b |\nstill a row\n", "x\n"]),
        ("| a |\n|---|\n2. list", ["| a |\n|---|\n", "2. list\n"]),
        ("> a\nlazy\n> b\n\n> c", ["> a\nlazy\n> b\n", "> c\n"]),
        ("$$\na\n- b\n$$\nx", ["$$\na\n- b\n$$\n", "x\n"]),
        ("so\n$$\nx\n$$\ny", ["so\n$$\nx\n$$\n", "y\n"]),
        ("$$\nnever closed\n- a\n\n- b", ["$$\nnever closed\n", "- a\n\n- b\n"]),
        ("    code\n\n    more\n\nx", ["    code\n\n    more\n", "x\n"]),
        ("<div>\n<b>x</b>\n\ny", ["<div>\n<b>x</b>\n", "y\n"]),
        ("a\r\n\r\nb\rc", ["a\n", "b\nc\n"]),
        ("", []),
        ("\n\n \n", []),
    ],
)
def test_where_a_block_ends(text: str, blocks: list[str]) -> None:
    assert split(text) == blocks


def test_a_very_long_list_is_cut_where_an_item_starts() -> None:
    text = "".join(f"{n}. item {n} with some words\n" for n in range(1, 500))
    blocks = split(text)
    assert len(blocks) > 2
    assert all(len(block) < LONG_LIST + 100 for block in blocks)
    assert all(block[0].isdigit() for block in blocks)
    assert "".join(blocks) == text


def test_an_open_fence_is_known_with_its_language() -> None:
    splitter = Splitter()
    splitter.feed(1, "text\n\n```py x.py")
    assert splitter.open_fence is None  # the line may go on
    splitter.feed(2, "\nx = 1")
    assert splitter.open_fence == "py x.py"
    splitter.feed(3, "\n```\n")
    assert splitter.open_fence is None
