"""Turns as Markdown and as plain text. Pure; the words around them are in the reader's language.

What people and models wrote is not touched: an answer is Markdown in both, because it was written as that.
"""

from __future__ import annotations

import re

from parley.sharing.document import Document, FileEntry, MessageEntry
from parley.web.i18n import _

_INLINE = re.compile(r"([\\`*_\[\]<>#])")


def minute(iso: str) -> str:
    """A time of a document as people read it: "2026-11-21 09:30 UTC"; "" for none."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso else ""


def speaker(message: MessageEntry) -> str:
    """Who says it."""
    if message.role == "user":
        return _("You")
    name = model_name(message)
    return f"{_('Assistant')} ({name})" if name else _("Assistant")


def model_name(message: MessageEntry) -> str:
    """The name of the model that answered; the demo's is ours to translate."""
    if (message.answered_by or message.model) == "demo":
        return _("Demo model")
    return message.answered_name or message.model_name


def markdown_head(document: Document) -> str:
    """The beginning of a Markdown file."""
    return f"# {escaped(document.title or _('New chat'))}\n\n{_about(document)}\n"


def markdown_turn(message: MessageEntry, *, linked: bool = False) -> str:
    """One turn of a Markdown file; `linked` when the files lie beside it."""
    when = minute(message.created_at)
    parts = [f"## {escaped(speaker(message))}" + (f" · {when}" if when else "")]
    if message.reasoning:
        parts.append(f"{_quoted(message.reasoning)}")
    parts.extend(_markdown_file(each, linked) for each in message.files)
    if message.text:
        parts.append(message.text)
    if message.error:
        parts.append(f"*{escaped(message.error)}*")
    return "\n" + "\n\n".join(parts) + "\n"


def text_head(document: Document) -> str:
    """The beginning of a text file."""
    title = document.title or _("New chat")
    return f"{title}\n{'=' * min(width(title), 72)}\n{_about(document)}\n"


def text_turn(message: MessageEntry) -> str:
    """One turn of a text file."""
    when = minute(message.created_at)
    name = speaker(message) + (f" · {when}" if when else "")
    parts = [f"{name}\n{'-' * min(width(name), 72)}"]
    if message.reasoning:
        parts.append(f"[{_('Reasoning')}]\n{message.reasoning}\n[/{_('Reasoning')}]")
    parts.extend(f"[{file_line(each)}]" for each in message.files)
    if message.text:
        parts.append(message.text)
    if message.error:
        parts.append(f"({message.error})")
    return "\n" + "\n\n".join(parts) + "\n"


def file_line(file: FileEntry) -> str:
    """A file in words: its name and size."""
    return f"{file_name(file)}, {size_words(file.size)}"


def file_name(file: FileEntry) -> str:
    """What a file is called; pictures of models have no name."""
    if file.name:
        return file.name
    return _("Picture") if file.mime.startswith("image/") else _("File")


def size_words(size: int) -> str:
    """A number of bytes for people."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def escaped(text: str) -> str:
    """A line in which Markdown sees only words."""
    return _INLINE.sub(r"\\\1", " ".join(text.split()))


def width(text: str) -> int:
    """How many columns of a terminal; Han characters and what goes with them take two."""
    return sum(2 if each >= "\u2e80" else 1 for each in text)


def _about(document: Document) -> str:
    return _("Exported from Parley. Begun %(when)s.", when=minute(document.created_at))


def _quoted(text: str) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
    return f"> **{_('Reasoning')}**\n>\n{lines}"


def _markdown_file(file: FileEntry, linked: bool) -> str:
    if not linked:
        return f"*{escaped(file_line(file))}*"
    mark = "!" if file.mime.startswith("image/") else ""
    return f"{mark}[{escaped(file_name(file))}](../{file.path})"
