"""Documents of a question -> one block of text each, as large as there is room. Pure.

Files come before the question and in tags with their names (docs.claude.com, "Long context prompting tips"):
models find their way in that, and text of a file cannot pass for what the person said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.lib.tokens import estimate

AROUND = 40  # tokens of the tags of one file
CLOSE_ENOUGH = 0.95
REMOVED = "This file was removed since."


@dataclass(frozen=True, slots=True)
class Document:
    """A file with text: what is kept of it, and how many characters it had. No text: it was removed since."""

    name: str
    text: str
    characters: int = 0


def filed(documents: Sequence[Document], room: int) -> tuple[str, list[str]]:
    """The blocks in their order within about `room` tokens, and the names of those that were cut for it.

    Small files are whole; what they leave is shared by the large ones.
    """
    sizes = [estimate(document.text) + AROUND for document in documents]
    blocks: dict[int, str] = {}
    cut: list[str] = []
    waiting = sorted(range(len(documents)), key=sizes.__getitem__)
    for place, index in enumerate(waiting):
        share = room // (len(waiting) - place)
        text = documents[index].text
        if sizes[index] > share:
            text = _shortened(text, max(0, share - AROUND))
            cut.append(documents[index].name)
        blocks[index] = _block(documents[index], text)
        room = max(0, room - min(sizes[index], share))
    return "\n\n".join(blocks[index] for index in range(len(documents))), cut


def _shortened(text: str, room: int) -> str:
    """The beginning of `text` that is about `room` tokens, not more."""
    size = estimate(text)
    while size > room and text:
        text = text[: int(len(text) * room / size * CLOSE_ENOUGH)]
        size = estimate(text)
    return text


def _block(document: Document, text: str) -> str:
    tag = "file"
    while f"</{tag}" in text:  # so that a file cannot end its own block
        tag += "_"
    name = " ".join(document.name.replace('"', "'").replace("<", "(").replace(">", ")").split())
    of = max(document.characters, len(document.text))
    note = f' part="the first {len(text)} of {of} characters"' if len(text) < of else ""
    return f'<{tag} name="{name}"{note}>\n{text or REMOVED}\n</{tag}>'
