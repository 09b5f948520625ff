"""Just enough of a DOM to say what a page shows: parse our HTML, compare it, swap htmx partials into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "input"}
CLASSES = {
    "span": {"k", "s", "m", "nf", "o", "c", "nt"},
    "figure": {"code", "is-long", "cells"},
    "div": {"table"},
    "button": {"btn"},
    "th": {"r", "mid"},
    "td": {"r", "mid"},
    "li": {"task"},
    "ol": {"fns"},
    "a": {"away", "fn", "fn-back"},
    "p": {"undrawn"},
}
REL = "noopener noreferrer nofollow ugc"
# tag -> attribute -> what its whole value must match; written down again on purpose, not imported
ALLOWED: dict[str, dict[str, str]] = {
    **{
        tag: {}
        for tag in [
            "br",
            "hr",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "strong",
            "em",
            "s",
            "code",
            "blockquote",
            "ul",
            "table",
            "thead",
            "tbody",
            "tr",
            "b",
            "small",
            "sup",
        ]
    },
    "figcaption": {},
    "figure": {"data-diagram": "", "aria-label": "Diagram"},
    "p": {"hidden": ""},
    "input": {"type": "checkbox", "disabled": "", "checked": "", "aria-label": "To do|Done"},
    "th": {},
    "td": {},
    "li": {"id": r"(p-)?fn\d+", "tabindex": "-1"},
    "a": {
        "href": r"(https?://|mailto:)[^\s<>\"]+|#(p-)?(fn|ref)\d+",
        "target": "_blank",
        "rel": REL,
        "id": r"(p-)?ref\d+",
        "aria-label": "Back to the text",
    },
    "ol": {"start": r"\d+"},
    "span": {"data-math": "inline|display"},
    "pre": {"tabindex": "0"},
    "div": {"tabindex": "0", "role": "group", "aria-label": "Table"},
    "button": {
        "type": "button",
        "data-wrap": "",
        "data-copy": "",
        "data-fold": "",
        "data-source": "",
        "hidden": "",
        "data-feature": "save|csv|preview",
        "data-name": r"[\w-][\w.-]*\.\w+",
        "aria-pressed": "false",
        "aria-expanded": "false",
        "aria-label": "Wrap long lines|Download",
    },
}


@dataclass(eq=False)
class Node:
    """An element; `children` are elements and texts."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Itself and all elements below."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def text(self) -> str:
        """All text below, as `textContent`."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def shape(self) -> object:
        """A value equal for equal content; texts side by side count as one, space between blocks as none."""
        merged: list[object] = []
        for child in self.children:
            if isinstance(child, Node):
                merged.append(child.shape())
            elif merged and isinstance(merged[-1], str):
                merged[-1] += child
            else:
                merged.append(child)
        return (self.tag, self.attrs, [part for part in merged if not isinstance(part, str) or part.strip()])


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        assert len(node.attrs) == len(attrs), "an attribute stands twice"
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")


def parse(html: str) -> Node:
    """The tree of well-formed HTML, under a root without a name; fails on anything else."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], "an element is not closed"
    return builder.root


def assert_harmless(html: str) -> Node:
    """Every element, attribute and class is one we allow, and nothing reads as an htmx tag."""
    assert "<hx-" not in html.lower()
    root = parse(html)
    for node in root.walk():
        if node is root:
            continue
        assert node.tag in ALLOWED, f"<{node.tag}>"
        for name, value in node.attrs.items():
            if name == "class":
                assert set(value.split()) <= CLASSES.get(node.tag, set()), f'<{node.tag} class="{value}">'
            else:
                assert name in ALLOWED[node.tag], f"<{node.tag} {name}>"
                assert re.fullmatch(ALLOWED[node.tag][name], value), f'<{node.tag} {name}="{value}">'
        if node.tag == "a" and not node.attrs.get("href", "#").startswith("#"):
            assert (node.attrs["rel"], node.attrs["target"]) == (REL, "_blank")
    return root


class Page:
    """The elements of one running answer in a browser, and what htmx does to them."""

    def __init__(self, generation: int) -> None:
        self.root = Node("")
        for name in ("by", "steps", "sum", "done", "open", "wait", "pics", "notes", "acts"):
            self.root.children.append(Node("div", {"id": f"g{generation}-{name}"}))

    def receive(self, data: str) -> None:
        """Swap the partials of one unnamed message, in order."""
        for part in parse(data).children:
            assert isinstance(part, Node)
            assert part.tag == "hx-partial"
            self._swap(part.attrs["hx-target"], part.attrs["hx-swap"], part.children)

    def _swap(self, target: str, swap: str, news: list[Node | str]) -> None:
        parent, node = self._find(target)
        if swap in ("innerHTML", "innerMorph"):
            node.children = list(news)
        elif swap == "beforeend":
            node.children.extend(news)
        else:
            assert swap == "outerHTML"
            at = parent.children.index(node)
            parent.children[at : at + 1] = news

    def _find(self, target: str) -> tuple[Node, Node]:
        match = re.fullmatch(r"#([\w-]+)(>\[data-open\])?", target)
        assert match is not None, target
        for parent in self.root.walk():
            for node in parent.children:
                if isinstance(node, Node) and node.attrs.get("id") == match[1]:
                    if not match[2]:
                        return parent, node
                    found = [c for c in node.children if isinstance(c, Node) and "data-open" in c.attrs]
                    assert len(found) == 1, "no or several open steps"
                    return node, found[0]
        raise AssertionError(f"nothing is {target}: htmx would skip it without a word")

    def shape(self) -> object:
        """What it shows."""
        return self.root.shape()
