"""Turns as Markdown, as text, and as the HTML of pages that are only read."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from parley.sharing import presenting, texts
from parley.sharing.document import Document, FileEntry, MessageEntry
from parley.web.i18n import use_language
from parley.web.render import Renderer, values_of

FILE = FileEntry(id="9", sha256="a" * 64, name="报告 [1].pdf", mime="application/pdf", size=34_000)
ANSWER = MessageEntry(
    id="2",
    role="assistant",
    text="**你好**",
    reasoning="one\n\ntwo",
    model="1:gpt",
    model_name="GPT",
    created_at="2026-11-21T09:00:00.000Z",
    error="cut off",
)
QUESTION = MessageEntry(id="1", role="user", text="# not a heading", files=[FILE])
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    '"><svg onload=alert(1)>',
    "<hx-partial hx-get='/x'>",
    "</style><script>alert(1)</script>",
    "<!-- turns -->",
    "{{ 7 * 7 }}{% raw %}",
    "`<b hx-get=/x>`",
]


def test_markdown_says_who_when_and_keeps_what_was_written() -> None:
    text = texts.markdown_turn(QUESTION) + texts.markdown_turn(ANSWER)
    assert "## You\n\n*报告 \\[1\\].pdf, 34 kB*\n\n# not a heading" in text
    assert "## Assistant (GPT) · 2026-11-21 09:00 UTC" in text
    assert "> **Reasoning**\n>\n> one\n>\n> two\n" in text
    assert text.endswith("**你好**\n\n*cut off*\n")
    linked = texts.markdown_turn(QUESTION.__class__(id="1", role="user", files=[FILE]), linked=True)
    assert "[报告 \\[1\\].pdf](../" in linked


def test_text_underlines_by_columns_and_speaks_the_readers_language() -> None:
    head = Document(id="1", title="会话", created_at="2026-11-21T09:00:00.000Z")
    assert texts.text_head(head).startswith("会话\n====\n")
    assert "[报告 [1].pdf, 34 kB]" in texts.text_turn(QUESTION)
    with use_language("zh"):
        assert "你" in texts.text_turn(QUESTION).splitlines()[1]


def test_a_title_cannot_pretend_to_be_more_than_a_line() -> None:
    head = Document(id="1", title="a\n# b [c](d) <e>")
    assert texts.markdown_head(head).splitlines()[0] == r"# a \# b \[c\](d) \<e\>"


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Renderer(root="", version="1", asset=lambda path: "/static/" + path).environment


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_turn_acts_on_a_page(environment: Environment, attack: str) -> None:
    file = FileEntry(id="9", sha256="a" * 64, name=attack, mime="image/png", size=1)
    turns = [
        MessageEntry(id="1", role="user", text=attack, files=[file]),
        MessageEntry(
            id="2", role="assistant", text=attack, reasoning=attack, model_name=attack, error=attack
        ),
    ]
    html = ""
    for turn in presenting.read_turns(turns, lambda file: f"/s/x/files/{file.id}"):
        html += environment.get_template(turn.template).render(values_of(turn))
    for tag in ("<script", "<img src=x", "<svg", "<hx-", "</style", "<!--", "<b hx"):
        assert tag not in html
    for attribute in (' href="javascript', ' src="https:', " onload=alert(1)>", ' onerror="'):
        assert attribute not in html.replace("&gt;", "")
    assert "49" not in html
