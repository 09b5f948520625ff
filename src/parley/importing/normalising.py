"""A source's tree of messages -> one as this product keeps them: question, answer, question. Pure.

Other services split an answer where a tool was called, hide messages, and keep steps between messages as
messages. So what holds nothing is taken out and its children move up; neighbours of the same role become one
message; a chat that begins with an answer gets a question before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from parley.importing.neutral import (
    MOST_MESSAGES,
    MOST_PICTURES,
    MOST_TEXT,
    Conversation,
    Node,
    Picture,
    Unreadable,
)

NO_QUESTION = "…"
MOST_CHARACTERS = 64_000_000  # of one conversation, once neighbours are joined in every branch


@dataclass(frozen=True, slots=True)
class Entry:
    """One message to store. `parent` and `chosen` are places in the list of all; parents come first."""

    id: str  # of the last message it is made of
    parent: int | None
    role: str
    text: str
    reasoning: str
    model: str
    created: int | None
    pictures: tuple[Picture, ...] = ()
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """All messages of a conversation, and which one ends the chosen path."""

    entries: list[Entry]
    leaf: int | None


@dataclass(frozen=True, slots=True)
class _Run:
    """Messages of one role in a row, the last one first; `after` is the entry before them."""

    node: Node
    before: _Run | None
    after: int | None

    def nodes(self) -> list[Node]:
        found: list[Node] = []
        run: _Run | None = self
        while run is not None:
            found.append(run.node)
            run = run.before
        return found[::-1]


@dataclass(slots=True)
class _Making:
    conversation: Conversation
    kids: dict[str | None, list[Node]]
    entries: list[Entry] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)  # of the messages that end an entry
    characters: int = 0

    def add(self, entry: Entry) -> int:
        self.characters += len(entry.text) + len(entry.reasoning)
        if self.characters > MOST_CHARACTERS or len(self.entries) > 2 * MOST_MESSAGES:
            raise Unreadable("too_large", self.conversation.title, self.conversation.external)
        self.entries.append(entry)
        return len(self.entries) - 1


def normalised(conversation: Conversation) -> Tree:
    """The legal tree; adds to `conversation.notes`. Raises Unreadable: `empty`, `too_many`, `too_large`."""
    nodes = {node.id: node for node in conversation.nodes}
    if len(nodes) > MOST_MESSAGES:
        raise Unreadable("too_many", conversation.title, conversation.external)
    kids = _collapsed(nodes)
    if not kids.get(None):
        raise Unreadable("empty", conversation.title, conversation.external)
    making = _Making(conversation, kids)
    waiting: list[tuple[Node, _Run | None, int | None]] = [(n, None, None) for n in reversed(kids[None])]
    while waiting:
        node, run, after = waiting.pop()
        if run is None and after is None and node.role == "assistant":
            after = making.add(Entry(f"before:{node.id}", None, "user", NO_QUESTION, "", "", node.created))
            conversation.notes["no_question"] += 1
        waiting.extend(_after(making, node, _Run(node, run, run.after if run else after)))
    leaf = _leaf(making, nodes, conversation.leaf)
    return Tree(_with_choices(making.entries, leaf), leaf)


def _after(making: _Making, node: Node, run: _Run) -> Iterator[tuple[Node, _Run | None, int | None]]:
    """What to do next, the first child last; the run becomes an entry unless all go on in its role."""
    kids = making.kids.get(node.id, [])
    place: int | None = None
    if not kids or any(kid.role != node.role for kid in kids):
        place = making.places[node.id] = making.add(_entry(making.conversation, run))
    for kid in reversed(kids):
        yield (kid, run, None) if kid.role == node.role else (kid, None, place)


def _entry(conversation: Conversation, run: _Run) -> Entry:
    nodes = run.nodes()
    if len(nodes) > 1:
        conversation.notes["joined"] += len(nodes) - 1
    pictures = tuple(picture for node in nodes for picture in node.pictures)
    if len(pictures) > MOST_PICTURES:
        conversation.notes["pictures"] += len(pictures) - MOST_PICTURES
    return Entry(
        id=nodes[-1].id,
        parent=run.after,
        role=nodes[0].role,
        text=_joined(conversation, [node.text for node in nodes]),
        reasoning=_joined(conversation, [node.reasoning for node in nodes]),
        model=next((node.model for node in reversed(nodes) if node.model), ""),
        created=next((node.created for node in nodes if node.created is not None), None),
        pictures=pictures[:MOST_PICTURES],
    )


def _joined(conversation: Conversation, texts: list[str]) -> str:
    text = "\n\n".join(text.strip("\n") for text in texts if text.strip())
    if len(text) > MOST_TEXT:
        conversation.notes["cut"] += 1
    return text[:MOST_TEXT]


def _collapsed(nodes: dict[str, Node]) -> dict[str | None, list[Node]]:
    """The messages that hold something, by the nearest one above that does."""
    above: dict[str, str | None] = {}
    for id in nodes:
        _settle(id, nodes, above)
    kids: dict[str | None, list[Node]] = {}
    for id, node in nodes.items():
        if _holds_something(node):
            kids.setdefault(above[id], []).append(node)
    return kids


def _settle(id: str, nodes: dict[str, Node], above: dict[str, str | None]) -> None:
    """Write down what stands above `id` and all between; a circle is cut where it was entered."""
    way: list[str] = []
    seen: set[str] = set()
    at: str | None = id
    while at is not None and at in nodes and at not in above and at not in seen:
        seen.add(at)
        way.append(at)
        at = nodes[at].parent
    found: str | None = None
    if at is not None and at in above:
        found = at if _holds_something(nodes[at]) else above[at]
    for each in reversed(way):
        above[each] = found
        if _holds_something(nodes[each]):
            found = each


def _holds_something(node: Node) -> bool:
    return bool(node.role) and bool(node.text.strip() or node.reasoning.strip() or node.pictures)


def _leaf(making: _Making, nodes: dict[str, Node], wanted: str | None) -> int | None:
    """The place of the wanted message: of the first below it that ends an entry, else of the next above."""
    at = wanted
    seen: set[str] = set()
    while at is not None and at in nodes and at not in seen:
        seen.add(at)
        down: str | None = at
        while down is not None and down not in making.places:
            down = next((kid.id for kid in making.kids.get(down, [])), None)
        if down is not None:
            return making.places[down]
        at = nodes[at].parent
    return len(making.entries) - 1 if making.entries else None


def _with_choices(entries: list[Entry], leaf: int | None) -> list[Entry]:
    """Each message with the child the path goes on through: the chosen one, else the last."""
    chosen: dict[int, int] = {}
    for place, entry in enumerate(entries):
        if entry.parent is not None:
            chosen[entry.parent] = place
    at = leaf
    while at is not None and (parent := entries[at].parent) is not None:
        chosen[parent] = at
        at = parent
    return [replace(entry, chosen=chosen.get(place)) for place, entry in enumerate(entries)]
