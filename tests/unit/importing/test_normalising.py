"""Trees of other services, made legal."""

from __future__ import annotations

import pytest

from parley.importing import normalising
from parley.importing.neutral import MOST_MESSAGES, MOST_TEXT, Conversation, Node, Unreadable, ms_of
from parley.importing.normalising import NO_ANSWER, NO_QUESTION, Tree, answer_after, normalised

ROLES = {"u": "user", "a": "assistant", "x": ""}


def tree_of(*nodes: str, leaf: str | None = None) -> tuple[Tree, Conversation]:
    """Nodes written as `a2<u1`: the first letter is the role."""
    conversation = Conversation("x", leaf=leaf)
    for node in nodes:
        id, _sep, parent = node.partition("<")
        conversation.nodes.append(Node(id, parent or None, ROLES[id[0]], text=id if id[0] != "x" else ""))
    return normalised(conversation), conversation


def shape(tree: Tree) -> list[str]:
    return [
        f"{entry.text}<{tree.entries[entry.parent].text}" if entry.parent is not None else entry.text
        for entry in tree.entries
    ]


def test_what_holds_nothing_gives_its_children_to_its_parent() -> None:
    tree, _ = tree_of("x0", "u1<x0", "x2<u1", "a3<x2", leaf="a3")
    assert shape(tree) == ["u1", "a3<u1"]
    assert tree.leaf == 1


def test_neighbours_of_one_role_become_one_message_in_every_branch() -> None:
    tree, _ = tree_of("u1", "a2<u1", "a3<a2", "a4<a2", "u5<a2", "u6<a4", leaf="u6")
    joined = "a2\n\na4"
    first = ["u1", "a2<u1", "a2\n\na3<u1", f"{joined}<u1"]
    assert shape(tree) == [
        "u1",
        "a2<u1",
        "a2\n\na3<u1",
        f"{joined}<u1",
        "u5<a2",
        "<u5",
        f"u6<{joined}",
        "<u6",
    ]
    assert shape(tree)[:4] == first
    assert tree.entries[tree.entries[tree.leaf or 0].parent or 0].text == "u6"
    assert tree.entries[0].chosen == 3


def test_a_chat_that_begins_with_an_answer_gets_a_question() -> None:
    tree, conversation = tree_of("a1", "u2<a1")
    assert shape(tree) == [NO_QUESTION, f"a1<{NO_QUESTION}", "u2<a1", "<u2"]
    assert conversation.notes["no_question"] == 1


@pytest.mark.parametrize(
    ("leaf", "text"), [("x9", "a2"), ("nowhere", "a4"), (None, "a4"), ("u1", "a2"), ("x4", "a2")]
)
def test_the_leaf_is_the_nearest_message_there_is(leaf: str | None, text: str) -> None:
    tree, _ = tree_of("u1", "a2<u1", "x9<a2", "x4<x9", "u3<a2", "a4<u3", leaf=leaf)
    assert tree.leaf is not None
    assert tree.entries[tree.leaf].text == text


def test_circles_and_lost_parents_lose_nothing() -> None:
    tree, _ = tree_of("u1<a2", "a2<u1", "u3<nobody", "a4<u3")
    assert {entry.text for entry in tree.entries} >= {"u1", "a2", "u3", "a4"}


def test_too_much_is_refused_and_long_texts_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"u{n}" for n in range(MOST_MESSAGES + 1)]
    with pytest.raises(Unreadable, match="too_many"):
        tree_of(*many)
    conversation = Conversation("x", nodes=[Node("u1", None, "user", text="长" * (MOST_TEXT + 5))])
    tree = normalised(conversation)
    assert len(tree.entries[0].text) == MOST_TEXT
    assert conversation.notes["cut"] == 1
    monkeypatch.setattr(normalising, "MOST_CHARACTERS", 1_000)
    with pytest.raises(Unreadable, match="too_large"):
        normalised(conversation)


def test_a_very_long_chain_needs_no_stack() -> None:
    nodes = ["u0", *[f"{'ua'[n % 2]}{n}<{'ua'[(n - 1) % 2]}{n - 1}" for n in range(1, 15_000)]]
    tree, _ = tree_of(*nodes)
    assert len(tree.entries) == 15_000


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (1_700_000_000.25, 1_700_000_000_250),
        (1_700_000_000_000, 1_700_000_000_000),
        (1_700_000_000_000_000, 1_700_000_000_000),
        (1_700_000_000_000_000_000, 1_700_000_000_000),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01", 1_767_225_600_000),
        (float("nan"), None),
        (float("inf"), None),
        (-5, None),
        (10**30, None),
        (True, None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_in_every_unit(value: object, ms: int | None) -> None:
    assert ms_of(value) == ms


def test_a_question_at_the_end_of_a_branch_gets_an_answer_that_broke_off() -> None:
    tree, _ = tree_of("u1", "a2<u1", "u3<a2", "u4<a2", "a5<u4", leaf="u3")
    assert shape(tree) == ["u1", "a2<u1", "u3<a2", "<u3", "u4<a2", "a5<u4"]
    assert tree.leaf == 3
    assert tree.entries[3].id == answer_after("u3")
    assert tree.entries[3].answer == NO_ANSWER
    assert tree.entries[1].chosen == 2


def test_what_parley_wrote_stays_as_it_was() -> None:
    conversation = Conversation("x", leaf="a5", exact=True)
    for id, parent, text in (
        ("u1", None, "asked, and its answer deleted\n"),
        ("u2", "u1", ""),
        ("a3", "u2", ""),
        ("a4", "u2", " spaces "),
        ("u6", "a3", "off the path"),
        ("u7", "a3", "off it too"),
        ("a5", "a4", "an answer to an answer is nobody's"),
    ):
        wish = "u6" if id == "a3" else None
        conversation.nodes.append(Node(id, parent, ROLES[id[0]], text, chosen=wish, kept=True))
    tree = normalised(conversation)
    assert [(entry.id, entry.text) for entry in tree.entries[:3]] == [
        ("u1", "asked, and its answer deleted\n"),
        ("u2", ""),
        ("a3", ""),
    ]
    assert [entry.id for entry in tree.entries] == ["u1", "u2", "a3", "a5", "u6", "u7"]
    assert tree.entries[2].chosen == 4  # where its source went on, not the last
    assert normalised(Conversation("x", exact=True)).entries == []
