"""Markdown of models and people to HTML that may stand in a page: the only such pipeline.

markdown-it-py without raw HTML, our own renderers, then nh3's allow-list last. Because the text's own `<`
is always escaped, figures, buttons and classes come from this module only; and what the allow-list lets
pass is harmless even if that were wrong (a button of ours copies or wraps, nothing else). No attribute
carries free text of the model: htmx rewrites `<hx-` in a message before it parses it, in attributes too,
and a title would be a place to hide one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from parley.lib import blocks
from parley.lib.figures import ENGLISH, Labels, code_figure
from parley.lib.footnotes import Notes, install_footnotes, linked
from parley.lib.highlight import highlight
from parley.lib.marks import install_marks

__all__ = ["ENGLISH", "Labels", "as_written", "code_figure", "render_block", "render_document"]

LONGEST_BLOCK = 262_144  # characters; more is shown as it was written
DEEPEST = 32  # levels of nesting; deeper text is shown as it was written, because the parser would drop it
_WEB_LINK = re.compile(r"https?://[^\s/\\?#]", re.IGNORECASE)
_MAIL_LINK = re.compile(r"mailto:[^\s/\\?#]", re.IGNORECASE)


def render_block(source: str, labels: Labels = ENGLISH, *, colours: bool = True) -> Markup:
    """Safe HTML of one top-level block, or of anything short.

    Over 256 KB or deeper than 32 levels: the text as it was written, in `<pre>`.
    `colours=False` leaves code plain, for a block that is still being written.
    """
    return _rendered(_encodable(source), {"labels": labels, "colours": colours})


def render_document(source: str, labels: Labels = ENGLISH, *, prefix: str = "") -> Markup:
    """Safe HTML of a whole answer, reference links and footnotes resolved.

    Over 256 KB it is rendered block by block, without them. `prefix` (a-z, 0-9, hyphens) begins the ids of
    its footnotes: texts that stand on one page need different ones.
    """
    if len(source) > LONGEST_BLOCK:
        return Markup("").join(render_block(block, labels) for block in blocks.split(source))
    notes = Notes()
    html = _rendered(_encodable(source), {"labels": labels, "colours": True, "notes": notes})
    return Markup(linked(html, prefix, labels.back)) if notes.names else html  # noqa: S704 (cleaned, ours)


def _rendered(source: str, env: dict[str, Any]) -> Markup:
    if len(source) > LONGEST_BLOCK:
        return as_written(source)
    tokens = _parser.parse(source, env)
    if any(token.level >= DEEPEST - 1 and token.nesting == 1 for token in tokens):
        return as_written(source)
    return Markup(_cleaner.clean(_parser.renderer.render(tokens, _parser.options, env)))  # noqa: S704 (cleaned)


def as_written(source: str) -> Markup:
    """The text itself, escaped, in a scrolling `<pre>`."""
    return Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(_encodable(source))


def _encodable(source: str) -> str:
    """Half of a surrogate pair cannot be encoded; it becomes a question mark instead of an error."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return source.encode("utf-8", "replace").decode()
    return source


def _is_link(url: str) -> bool:
    return bool(_WEB_LINK.match(url) or _MAIL_LINK.match(url))


class _Renderer(RendererHTML):
    """Our shapes for code, tables, links, images and formulas."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        info, code = tokens[idx].info, tokens[idx].content
        word = info.strip().partition(" ")[0]
        return code_figure(highlight(code, word) if env["colours"] else escape(code), info, env["labels"])

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return code_figure(escape(tokens[idx].content), "", env["labels"])

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        return f"</{_heading(tokens[idx])}>\n"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        name = escape(env["labels"].table)
        return (
            '<figure class="cells">'
            f'<div class="table" tabindex="0" role="group" aria-label="{name}"><table>\n'
        )

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        word = escape(env["labels"].csv)
        return (
            f'</table></div><button class="btn" type="button" data-feature="csv">{word}</button></figure>\n'
        )

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        side = str(tokens[idx].attrs.get("style", "")).removeprefix("text-align:")
        name = {"right": ' class="r"', "center": ' class="mid"'}.get(side, "")
        return f"<{tokens[idx].tag}{name}>"

    td_open = th_open

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        url = str(tokens[idx].attrs["href"])
        env["link"] = (url, idx)
        return f'<a href="{escape(url)}">'

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """After a text that does not begin with it stands the host: a text may say anything."""
        url, start = env.pop("link")
        text = self.renderInlineAsText(tokens[start + 1 : idx], options, env)
        return f"{_beside(url, text)}</a>"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A remote image would tell its host who reads the answer: it becomes a link that names the host."""
        token = tokens[idx]
        url = str(token.attrs["src"])
        alt = self.renderInlineAsText(token.children or [], options, env) or env["labels"].image
        if "link" in env:
            return str(escape(alt))
        return f'<a class="away" href="{escape(url)}">{escape(alt)}{_beside(url, "")}</a>'

    def formula(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return f'<span data-math="{token.info}">{escape(token.content)}</span>'

    def flood(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(tokens[idx].content)

    def formula_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        return f"<p>{self.formula(tokens, idx, options, env)}</p>\n"


def _task(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    checked, labels = tokens[idx].info == "x", env["labels"]
    name = escape(labels.done if checked else labels.to_do)
    return f'<input type="checkbox" disabled{" checked" * checked} aria-label="{name}"> '


def _heading(token: Token) -> str:
    """One level down: the page's title is its only h1."""
    return f"h{min(int(token.tag[1]) + 1, 6)}"


def _beside(url: str, text: str) -> str:
    """Where a link leads, to stand beside it; "" where its text begins with that."""
    host = _host(url)
    said = text.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    rest = said.removeprefix(host.removeprefix("www."))
    if rest != said and rest[:1] in ("", "/", "?", "#", ":"):
        return ""
    return f" <small>{escape(host)}</small>"


def _host(url: str) -> str:
    """Of a web address as it goes over the wire (`xn--…`); of a mail address all of it."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or parts.path or url).lower()
    except ValueError:
        return url


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.validateLink = _is_link  # type: ignore[method-assign]
    install_marks(parser)
    install_footnotes(parser)
    parser.add_render_rule("task", _task)
    return parser


_TAGS = """
    p br hr h2 h3 h4 h5 h6 strong em s a code pre blockquote ul ol li div table thead tbody tr th td
    span figure figcaption b button small sup input
"""
_parser = _make_parser()
_cleaner = nh3.Cleaner(
    tags=set(_TAGS.split()),
    attributes={
        "a": {"href"},
        "ol": {"start"},
        "div": {"aria-label"},
        "figure": {"aria-label", "data-diagram"},
        "button": {
            "aria-label",
            "data-copy",
            "data-fold",
            "data-name",
            "data-source",
            "data-wrap",
            "hidden",
        },
        "input": {"aria-label", "checked", "disabled"},
        "sup": {"data-ref", "data-back"},
        "li": {"data-note"},
        "p": {"hidden"},
    },
    tag_attribute_values={
        "span": {"data-math": {"inline", "display"}},
        "pre": {"tabindex": {"0"}},
        "div": {"tabindex": {"0"}, "role": {"group"}},
        "button": {
            "type": {"button"},
            "aria-pressed": {"false"},
            "aria-expanded": {"false"},
            "data-feature": {"csv", "preview", "save"},
        },
        "input": {"type": {"checkbox"}},
    },
    allowed_classes={
        "a": {"away"},
        "span": {"k", "s", "m", "nf", "o", "c", "nt"},
        "figure": {"code", "is-long", "cells"},
        "div": {"table"},
        "button": {"btn"},
        "th": {"r", "mid"},
        "td": {"r", "mid"},
        "li": {"task"},
        "ol": {"fns"},
        "p": {"undrawn"},
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow ugc",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    clean_content_tags=set(),
)
