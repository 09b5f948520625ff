"""A source's tree of messages -> one as this product keeps them: question, answer, question. Pure.

Other services split an answer where a tool was called, hide messages, and keep steps between messages as
messages. So what holds nothing is taken out and its children move up; neighbours of the same role become one
message; a chat that begins with an answer gets a question before it, and a question at the end of a branch
an answer that broke off before its first word, where it can be asked for again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from parley.importing.neutral import (
    MOST_FILES,
    MOST_MESSAGES,
    MOST_TEXT,
    Answer,
    Attachment,
    Conversation,
    Course,
    Node,
    Unreadable,
)

NO_QUESTION = "…"
NO_ANSWER = Answer(course=Course(status="interrupted"))
MOST_CHARACTERS = 64_000_000  # of one conversation, once neighbours are joined in every branch


@dataclass(frozen=True, slots=True)
class Entry:
    """One message to store. `parent` and `chosen` are places in the list of all; parents come first."""

    id: str  # of the last message it is made of
    parent: int | None
    role: str
    text: str = ""
    reasoning: str = ""
    model: str = ""
    created: int | None = None
    files: tuple[Attachment, ...] = ()
    chosen: int | None = None
    answer: Answer | None = None
    made_of: tuple[str, ...] = ()  # ids of all its messages, the last one at the end
    wish: str | None = None  # id of the child its source goes on through
    order: float = 0  # its place in the source


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
    order: dict[str, int] = field(default_factory=dict)  # of the messages in the source
    characters: int = 0

    def joins(self, node: Node, kid: Node) -> bool:
        """Whether both become one message."""
        return node.role == kid.role and not (self.conversation.exact and node.role == "user")

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
    if conversation.exact and not nodes:
        return Tree([], None)
    if not kids.get(None):
        raise Unreadable("empty", conversation.title, conversation.external)
    making = _Making(conversation, kids, order={id: place for place, id in enumerate(nodes)})
    waiting: list[tuple[Node, _Run | None, int | None]] = [(n, None, None) for n in reversed(kids[None])]
    while waiting:
        node, run, after = waiting.pop()
        if run is None and after is None and node.role == "assistant":
            after = making.add(_question_before(node, making.order[node.id] - 0.5))
            conversation.notes["no_question"] += 1
        waiting.extend(_after(making, node, _Run(node, run, run.after if run else after)))
    return _in_order(making.entries, _leaf(making, nodes, conversation.leaf))


def _question_before(node: Node, order: float) -> Entry:
    id = f"before:{node.id}"
    return Entry(id, None, "user", NO_QUESTION, created=node.created, made_of=(id,), order=order)


def answer_after(question: str) -> str:
    """The id of the answer that takes the place of the one a question never got."""
    return f"after:{question}"


def _after(making: _Making, node: Node, run: _Run) -> Iterator[tuple[Node, _Run | None, int | None]]:
    """What to do next, the first child last; the run becomes an entry unless all go on in its role."""
    kids = making.kids.get(node.id, [])
    place: int | None = None
    if not all(making.joins(node, kid) for kid in kids) or not kids:
        entry = _entry(making, run)
        place = making.places[node.id] = making.add(entry)
        if not kids and node.role == "user" and not making.conversation.exact:
            id = answer_after(node.id)
            order = making.order[node.id] + 0.5
            none = Entry(id, place, "assistant", answer=NO_ANSWER, made_of=(id,), order=order)
            making.places[node.id] = making.add(replace(none, created=entry.created))
    for kid in reversed(kids):
        yield (kid, run, None) if making.joins(node, kid) else (kid, None, place)


def _entry(making: _Making, run: _Run) -> Entry:
    nodes, notes = run.nodes(), making.conversation.notes
    if len(nodes) > 1:
        notes["joined"] += len(nodes) - 1
    files = tuple(file for node in nodes for file in node.files)
    for file in files[MOST_FILES:]:
        notes[file.kind] += 1
    return Entry(
        id=nodes[-1].id,
        parent=run.after,
        role=nodes[0].role,
        text=_joined(making.conversation, [node.text for node in nodes]),
        reasoning=_joined(making.conversation, [node.reasoning for node in nodes]),
        model=next((node.model for node in reversed(nodes) if node.model), ""),
        created=next((node.created for node in nodes if node.created is not None), None),
        files=files[:MOST_FILES],
        answer=nodes[-1].answer,
        made_of=tuple(node.id for node in nodes),
        wish=nodes[-1].chosen,
        order=making.order[nodes[0].id],
    )


def _joined(conversation: Conversation, texts: list[str]) -> str:
    parts = [text.strip("\n") for text in texts if text.strip()]
    text = texts[0] if len(texts) == 1 else "\n\n".join(parts)
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
    said = node.text.strip() or node.reasoning.strip() or node.files
    return bool(node.role) and (node.kept or bool(said))


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


def _in_order(entries: list[Entry], leaf: int | None) -> Tree:
    """As in the source, only parents before their children; so ids will grow as they did there."""
    kids: dict[int | None, list[int]] = {}
    for place, entry in enumerate(entries):
        kids.setdefault(entry.parent, []).append(place)
    ready = [(entries[place].order, place) for place in kids.get(None, ())]
    heapq.heapify(ready)
    moved: dict[int | None, int | None] = {None: None}
    ordered: list[Entry] = []
    while ready:
        _order, place = heapq.heappop(ready)
        moved[place] = len(ordered)
        ordered.append(replace(entries[place], parent=moved[entries[place].parent]))
        for kid in kids.get(place, ()):
            heapq.heappush(ready, (entries[kid].order, kid))
    return _with_choices(ordered, moved[leaf])


def _with_choices(entries: list[Entry], leaf: int | None) -> Tree:
    """Each message with the child the path goes on through: the chosen one, else the source's, else the last.

    A path does not end with a question that has answers.
    """
    chosen: dict[int, int] = {}
    for place, entry in enumerate(entries):
        if entry.parent is not None:
            before = chosen.get(entry.parent)
            wish = entries[entry.parent].wish
            if before is None or wish is None or wish not in entries[before].made_of:
                chosen[entry.parent] = place
    if leaf is not None and leaf in chosen and entries[leaf].role == "user":
        after = chosen[leaf]
        leaf = after if entries[after].role == "assistant" else leaf
    at = leaf
    while at is not None and (parent := entries[at].parent) is not None:
        chosen[parent] = at
        at = parent
    return Tree([replace(entry, chosen=chosen.get(place)) for place, entry in enumerate(entries)], leaf)
