"""Markdown rules of ours: formulas, bare links, task lists. Every scan is bounded."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

LONGEST_FORMULA = 2_000  # characters between the delimiters of a formula inside a line
MOST_MARKS = 3_000  # characters with a meaning in one paragraph: the cost of some grows with their square
_INLINE = {"$$": ("$$", "display"), "\\[": ("\\]", "display"), "\\(": ("\\)", "inline"), "$": ("$", "inline")}
_MARK = re.compile(r"[*_\[\]`~!<$\\&:]")
_BLOCK = {"$$": "$$", "\\[": "\\]"}
# ASCII only: a link ends where Chinese text goes on; no * ~ or quotes: it ends where emphasis does
_URL_TAIL = re.compile(r"://[A-Za-z0-9\[][A-Za-z0-9\-._/?#\[\]@!$&()+,;=%:]{0,2000}")
_SCHEME = re.compile(r"(?<![A-Za-z0-9.+-])https?\Z", re.IGNORECASE)


def install_marks(md: MarkdownIt) -> None:
    """Add the rules to a parser. Formulas become tokens `formula` and `formula_block`, with `info`
    "inline" or "display"; a paragraph that is flooded with marks becomes a token `flood`, not parsed."""
    md.inline.ruler.before("escape", "formula", _inline_formula)
    md.block.ruler.before(
        "fence", "formula_block", _block_formula, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.inline.ruler.before("newline", "bare_link", _bare_link)
    md.core.ruler.before("inline", "floods", _spare_floods)
    md.core.ruler.after("inline", "tasks", _mark_tasks)


def formula_opening(line: str) -> tuple[str, bool] | None:
    """For a line that opens a display formula: its closing delimiter and whether the line itself has it."""
    text = line.strip(" \t")
    close = _BLOCK.get(text[:2])
    if close is None or text.startswith("$$$"):
        return None
    if close in text[2:]:
        return (close, True) if text.endswith(close) and text.index(close, 2) == len(text) - 2 else None
    return close, False


def _block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or not (opening := formula_opening(_line(state, start))):
        return False
    close, closed = opening
    last = start
    unclosed: dict[tuple[str, int], int] = state.env.setdefault("unclosed", {})
    if not closed and start < unclosed.get((close, state.blkIndent), 0):
        return False  # an earlier search came past here: one from every line would cost the square
    while not closed:  # a blank line ends the search: a formula has none, and nothing may swallow the rest
        last += 1
        if last >= end or state.isEmpty(last) or state.sCount[last] < state.blkIndent:
            unclosed[close, state.blkIndent] = last
            return False
        closed = _line(state, last).rstrip(" \t").endswith(close)
    if silent:
        return True
    content = "\n".join(_line(state, number) for number in range(start, last + 1)).strip(" \t")
    token = state.push("formula_block", "", 0)
    token.content, token.info, token.map = content[2:-2].strip(), "display", [start, last + 1]
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _inline_formula(state: StateInline, silent: bool) -> bool:
    src, pos = state.src, state.pos
    opening = src[pos : pos + 2]
    if opening not in _INLINE:
        opening = src[pos : pos + 1]
        if opening not in _INLINE:
            return False
    close, form = _INLINE[opening]
    begin = pos + len(opening)
    end = src.find(close, begin, min(state.posMax, begin + LONGEST_FORMULA))
    if (
        end <= begin
        or not src[begin:end].strip()
        or (close[0] == "$" and not _is_formula(src, pos, begin, end, opening))
    ):
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content, token.info = src[begin:end].strip(), form
    state.pos = end + len(close)
    return True


def _is_formula(src: str, pos: int, begin: int, end: int, opening: str) -> bool:
    """Pandoc's rules for dollars, so that "costs $5 and $6" stays text: no space inside, no digit after."""
    before, after = src[pos - 1 : pos], src[end + len(opening) : end + len(opening) + 1]
    if before == "$" or after == "$" or src[begin] == "$" or src[end - 1] == "\\":
        return False
    if opening == "$$":
        return True
    ends_well = not src[begin].isspace() and not src[end - 1].isspace() and not after.isdigit()
    return ends_well and not (before.isascii() and before.isalnum())


def _bare_link(state: StateInline, silent: bool) -> bool:
    pos = state.pos
    if state.linkLevel or silent or state.src[pos] != ":":
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    tail = _URL_TAIL.match(state.src, pos, state.posMax) if scheme else None
    if scheme is None or tail is None:
        return False
    rest = _without_trailing(tail[0])
    url = state.md.normalizeLink(scheme[0] + rest)
    if not state.md.validateLink(url):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": url}
    state.push("text", "", 0).content = scheme[0] + rest
    state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _without_trailing(url: str) -> str:
    """A full stop after a link is the sentence's; a bracket is the link's only when it was opened there."""
    while url and (url[-1] in ".,;:!?&" or (url[-1] in ")]" and _is_unbalanced(url))):
        url = url[:-1]
    return url


def _is_unbalanced(url: str) -> bool:
    return url.count("(") < url.count(")") or url.count("[") < url.count("]")


def _spare_floods(state: StateCore) -> None:
    for token in state.tokens:
        content = token.content if token.type == "inline" else ""
        if len(content) > MOST_MARKS and sum(1 for _ in _MARK.finditer(content)) > MOST_MARKS:
            token.type = "flood"


def _mark_tasks(state: StateCore) -> None:
    """`- [ ] text` and `- [x] text`: a token `task` before the text, with `info` "" or "x"."""
    tokens = state.tokens
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type == "list_item_open" and paragraph.type == "paragraph_open" and inline.children:
            _mark_task(item, inline.children)


def _mark_task(item: Token, children: list[Token]) -> None:
    first = children[0]
    box = {"[ ] ": "", "[x] ": "x", "[X] ": "x"}.get(first.content[:4])
    if first.type == "text" and box is not None:
        first.content = first.content[4:]
        children.insert(0, Token("task", "", 0, info=box))
        item.attrs["class"] = "task"
