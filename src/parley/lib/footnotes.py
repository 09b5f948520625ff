"""Footnotes as GitHub writes them: `[^name]` in the text, `[^name]: the note` anywhere on the top level.

They need the whole text, so only `render_document` knows them. Names of the model never reach an attribute:
notes are numbered in the order of their first reference, and an id is a number behind a prefix of ours.
The renderer marks the places with numbers only (`data-ref`, `data-note`, `data-back`), which the sanitiser
lets pass; `linked` makes links of them afterwards, because the allow-list has neither ids nor addresses
inside the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import escape

MOST = 500  # notes in one text; what comes after them stays text
_DEFINITION = re.compile(r"\[\^([^\]\[\s^]{1,64})\]:[ \t]*")
_REFERENCE = re.compile(r"\[\^([^\]\[\s^]{1,64})\]")
_MARKED = re.compile(r'<sup data-(ref|back)="(\d{1,3})"></sup>|<li data-note="(\d{1,3})">')
_SHAPES = {
    "note_ref": '<sup data-ref="{}"></sup>',
    "note_open": '<li data-note="{}">',
    "note_back": '<sup data-back="{}"></sup>',
    "notes_open": '<ol class="fns">\n',
}
_PREFIX = re.compile(r"[a-z0-9-]*\Z")


@dataclass(slots=True)
class Notes:
    """The footnotes of one text while it is rendered."""

    names: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)  # by name, from 1, in the order of reference
    inside: bool = False  # a note is being read


def install_footnotes(md: MarkdownIt) -> None:
    """Add the rules to a parser; they do nothing unless `env["notes"]` is a `Notes`.

    Gives tokens `note_ref` (its number in `info`) in the text, and at the end `notes_open`, per note
    `note_open` … `note_back` `note_close`, and `notes_close`.
    """
    md.block.ruler.before("reference", "footnote", _definition, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("link", "footnote", _reference)
    md.core.ruler.after("inline", "footnotes", _gather)
    for name, html in _SHAPES.items():
        md.add_render_rule(name, _drawn_as(html))


def linked(html: str, prefix: str, back: str) -> str:
    """Sanitised HTML with its marks turned into links; `prefix` keeps the ids of texts on one page apart.

    Raises ValueError for a prefix that is not made of a-z, 0-9 and hyphens.
    """
    if not _PREFIX.match(prefix):
        raise ValueError(prefix)
    seen: set[str] = set()

    def link(mark: re.Match[str]) -> str:
        kind, number, note = mark.groups()
        if note:
            return f'<li id="{prefix}fn{note}" tabindex="-1">'
        if kind == "back":
            name = escape(back)
            return f' <a class="fn-back" href="#{prefix}ref{number}" aria-label="{name}">\u21a9\ufe0e</a>'
        place = "" if number in seen else f' id="{prefix}ref{number}"'
        seen.add(number)
        return f'<sup><a class="fn"{place} href="#{prefix}fn{number}">{number}</a></sup>'

    return _MARKED.sub(link, html)


def _drawn_as(html: str) -> Callable[..., str]:
    def draw(
        renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return html.format(tokens[idx].info)

    return draw


def _notes(env: object) -> Notes | None:
    found = env.get("notes") if isinstance(env, dict) else None
    return found if isinstance(found, Notes) else None


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    notes = _notes(state.env)
    if notes is None or state.is_code_block(start):
        return False
    next_one = silent and notes.inside and state.sCount[start] < 4  # it ends the note before it
    if not next_one and (state.level or state.blkIndent):
        return False
    opening = _DEFINITION.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if opening is None or len(notes.names) >= MOST or (opening[1] in notes.names and not silent):
        return False
    if silent:
        return True
    notes.names.add(opening[1])
    notes.inside = True
    state.tokens.append(Token("note_open", "li", 1, info=opening[1]))
    _read(state, start, end, opening.end())
    state.tokens.append(Token("note_close", "li", -1))
    notes.inside = False
    return True


def _read(state: StateBlock, start: int, end: int, begin: int) -> None:
    """What the note says: the rest of its line and what is indented by four below. Moves the state on."""
    kept = state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType
    state.bMarks[start], state.tShift[start] = begin, 0
    state.sCount[start] = state.blkIndent = 4
    state.parentType = "footnote"
    state.md.block.tokenize(state, start, end)
    state.blkIndent = 0
    state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType = kept


def _reference(state: StateInline, silent: bool) -> bool:
    notes = _notes(state.env)
    if notes is None or not state.src.startswith("[^", state.pos):
        return False
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    if found is None or found[1] not in notes.names or state.linkLevel:
        return False
    if not silent:
        number = notes.numbers.setdefault(found[1], len(notes.numbers) + 1)
        state.push("note_ref", "", 0).info = str(number)
    state.pos = found.end()
    return True


def _gather(state: StateCore) -> None:
    """Move the notes to the end. One nobody refers to comes last: dropping it would lose text."""
    notes = _notes(state.env)
    if notes is None or not notes.names:
        return
    referred = set(notes.numbers)
    text: list[Token] = []
    said: dict[int, list[Token]] = {}
    into, has_way_back = text, False
    for token in state.tokens:
        if token.type == "note_open":
            has_way_back = token.info in referred
            number = notes.numbers.setdefault(token.info, len(notes.numbers) + 1)
            token.info = str(number)
            into = said[number] = []
        into.append(token)
        if token.type == "note_close":
            if has_way_back:
                _lead_back(into)
            into = text
    ordered = [token for number in sorted(said) for token in said[number]]
    state.tokens = [*text, Token("notes_open", "ol", 1), *ordered, Token("notes_close", "ol", -1)]


def _lead_back(note: list[Token]) -> None:
    """The way back stands in the last paragraph of the note."""
    at = -2 if len(note) > 2 and note[-2].type == "paragraph_close" else -1
    note.insert(at, Token("note_back", "", 0, info=note[0].info))
