"""The figure around code: its language, a file name, buttons, a fold; and what else a fence may be.

Buttons only say what they are (`data-copy`, `data-feature`): js/code.js and js/features/ do the work. The two
attributes that carry something of the model, the file name and the number of lines, are built from a closed
set of characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from parley.lib.highlight import file_ending, shown_language

FOLDED_OVER = 30  # lines; longer code shows its beginning and a button for the rest
_FILE_NAME = re.compile(r"[\w./-]{1,80}\.\w{1,12}\Z", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_PREVIEWED = frozenset({"html", "htm", "xhtml", "svg"})
_DRAWN = "mermaid"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words the renderer puts into answers; the caller translates them."""

    copy: str = "Copy"
    wrap: str = "Wrap long lines"
    table: str = "Table"
    code: str = "Code"
    image: str = "Image"
    save: str = "Download"
    csv: str = "Copy as CSV"
    every_line: str = "Show all {count} lines"
    fewer_lines: str = "Show fewer lines"
    done: str = "Done"
    to_do: str = "To do"
    preview: str = "Preview"
    source: str = "Source"
    diagram: str = "Diagram"
    undrawn: str = "This diagram could not be drawn."
    back: str = "Back to the text"


ENGLISH = Labels()


def code_figure(code: Markup, info: str, labels: Labels) -> Markup:
    """A figure of code (escaped HTML) with the info text of its fence, as the model wrote it.

    HTML and SVG can be previewed, Mermaid is drawn, more than 30 lines are folded; each of it only where
    scripts run, so that a page without them shows all the code there is.
    """
    word, _, rest = info.strip().partition(" ")
    name = rest.strip() if _FILE_NAME.match(rest.strip()) else ""
    kind = word.lower()
    lines = code.count("\n") + bool(_TAG.sub("", code.rpartition("\n")[2]))
    return Markup("<figure{}><figcaption><span><b>{}</b>{}</span>{}</figcaption>{}{}</figure>\n").format(
        _opening(kind, lines, labels),
        "Mermaid" if kind == _DRAWN else shown_language(word) or labels.code,
        name,
        _buttons(kind, _saved_as(name, word), labels),
        Markup('<pre tabindex="0"><code>{}</code></pre>').format(code),
        _fold(lines, labels) + _fault(kind, labels),
    )


def _opening(kind: str, lines: int, labels: Labels) -> Markup:
    names = ' class="code is-long"' if lines > FOLDED_OVER and kind != _DRAWN else ' class="code"'
    shape = Markup(names)  # noqa: S704 (ours)
    if kind == _DRAWN:
        shape += Markup(' data-diagram="" aria-label="{}"').format(labels.diagram)
    return shape


def _buttons(kind: str, saved_as: str, labels: Labels) -> Markup:
    more = Markup("")
    if kind in _PREVIEWED:
        more = Markup('<button class="btn" type="button" data-feature="preview">{}</button>').format(
            labels.preview
        )
    if kind == _DRAWN:
        more = Markup(
            '<button class="btn" type="button" data-source aria-pressed="false" hidden>{}</button>'
        ).format(labels.source)
    return more + Markup(
        '<button class="btn" type="button" data-wrap aria-pressed="false" aria-label="{}"></button>'
        '<button class="btn" type="button" data-feature="save" data-name="{}" aria-label="{}"></button>'
        '<button class="btn" type="button" data-copy>{}</button>'
    ).format(labels.wrap, saved_as, labels.save, labels.copy)


def _fold(lines: int, labels: Labels) -> Markup:
    """Both words stand there and the stylesheet shows one: no script has a sentence."""
    if lines <= FOLDED_OVER:
        return Markup("")
    return Markup(
        '<button class="btn" type="button" data-fold aria-expanded="false">'
        "<span>{}</span><span>{}</span></button>"
    ).format(labels.every_line.replace("{count}", str(lines)), labels.fewer_lines)


def _fault(kind: str, labels: Labels) -> Markup:
    return Markup('<p class="undrawn" hidden>{}</p>').format(labels.undrawn) if kind == _DRAWN else Markup("")


def _saved_as(name: str, word: str) -> str:
    """The last part of the fence's file name, unless it would be a hidden file or none at all."""
    last = name.rpartition("/")[2]
    return last if last and last[0] not in ".-" else f"code.{file_ending(word)}"
