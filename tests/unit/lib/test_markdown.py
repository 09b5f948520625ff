"""The Markdown pipeline: what may come out, and how answers look."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.lib import blocks
from parley.lib.halfopen import mended
from parley.lib.markdown import Labels, render_block, render_document
from tests.unit.lib.payloads import BREAKOUTS, HTMX, LINKS, PAYLOADS, TAGS
from tests.unit.markup import Node, assert_harmless, parse

FENCE = "```"


def tags(html: str) -> list[str]:
    return [node.tag for node in parse(html).walk()][1:]


def only(html: str, tag: str) -> Node:
    [node] = [node for node in parse(html).walk() if node.tag == tag]
    return node


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(set(TAGS + HTMX + BREAKOUTS)) >= 150
    assert len(set(PAYLOADS)) >= 400


@pytest.mark.parametrize("payload", TAGS + HTMX + BREAKOUTS)
def test_an_attack_comes_out_as_harmless_html(payload: str) -> None:
    assert_harmless(render_document(payload))


@pytest.mark.parametrize(
    "wrap", ["{}", "- {}", "> {}", "text {} text", "**{}**", "| {} |\n|---|\n| {} |", "# {}"]
)
def test_no_attack_works_inside_other_markdown(wrap: str) -> None:
    for payload in PAYLOADS:
        assert_harmless(render_document(wrap.replace("{}", payload)))


def test_no_attack_works_half_written() -> None:
    for payload in TAGS + HTMX + BREAKOUTS:
        for size in range(len(payload)):
            assert_harmless(render_block(mended(payload[:size]), colours=False))


def test_a_dangerous_address_never_becomes_a_link() -> None:
    for payload in LINKS:
        root = assert_harmless(render_document(payload))
        for node in root.walk():
            assert "evil" not in node.attrs.get("href", ""), payload


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from([*TAGS[:20], *HTMX, *BREAKOUTS, "\n", "\n\n", "- ", "> ", "```", "`", "$", "|", "*"])
    )
)
def test_attacks_in_any_mixture_come_out_as_harmless_html(parts: list[str]) -> None:
    assert_harmless(render_document("".join(parts)))


@settings(max_examples=300)
@given(
    st.text(alphabet=st.characters(codec=None) | st.sampled_from("<>&\"'`*_[]()!#-|$\\~ \n"), max_size=200)
)
def test_any_text_comes_out_as_harmless_html(text: str) -> None:
    assert_harmless(render_document(text))


def test_headings_start_at_the_second_level() -> None:
    assert tags(render_document("# a\n## b\n###### c")) == ["h2", "h3", "h6"]


def test_a_fence_becomes_a_figure_with_language_file_name_and_buttons() -> None:
    html = render_block(f"{FENCE}py backup.py\ndef f(): return 'x'  # why\n{FENCE}")
    figure = only(html, "figure")
    assert only(html, "figcaption").text() == "Pythonbackup.pyCopy"
    assert [node.attrs.get("data-name") for node in figure.walk() if node.tag == "button"] == [
        None,
        "backup.py",
        None,
    ]
    assert only(html, "code").text() == "def f(): return 'x'  # why\n"
    assert {node.attrs["class"] for node in only(html, "code").walk() if node.tag == "span"} == {
        "k",
        "nf",
        "s",
        "c",
    }


def test_code_of_an_unknown_language_keeps_its_name_and_has_no_colours() -> None:
    html = render_block(f"{FENCE}<b>brainf\n+-<>\n{FENCE}")
    assert "&lt;b&gt;brainf" in html
    assert only(html, "code").children == ["+-<>\n"]


def test_code_that_is_still_written_has_no_colours() -> None:
    assert only(render_block(f"{FENCE}py\nx = 1", colours=False), "code").children == ["x = 1"]


def test_labels_are_translated_and_escaped() -> None:
    words = Labels(copy="复制", wrap='"折行"', table="<表格>", code="代码")
    html = render_document(f"{FENCE}\nx\n{FENCE}\n\n| a |\n|---|\n| b |", words)
    assert only(html, "figcaption").text() == "代码复制"
    assert only(html, "div").attrs["aria-label"] == "<表格>"
    assert 'aria-label="&quot;折行&quot;"' in html


def test_a_table_scrolls_in_itself_and_aligns_numbers() -> None:
    html = render_block("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | 3 |")
    assert only(html, "div").attrs == {
        "class": "table",
        "tabindex": "0",
        "role": "group",
        "aria-label": "Table",
    }
    assert [node.attrs.get("class") for node in parse(html).walk() if node.tag == "td"] == [None, "r", "mid"]


@pytest.mark.parametrize(
    ("source", "form", "tex"),
    [
        ("so $a_1 < b$ holds", "inline", "a_1 < b"),
        ("so $$a^2$$ holds", "display", "a^2"),
        (r"so \(a*b*c\) holds", "inline", "a*b*c"),
        (r"so \[x\] holds", "display", "x"),
        ("$$\na\n- b\n= c\n$$", "display", "a\n- b\n= c"),
        ("\\[\n\\frac{1}{2}\n\\]", "display", "\\frac{1}{2}"),
        ("text before\n$$\nx\n$$\ntext after", "display", "x"),
        ("设$x$为正数", "inline", "x"),
    ],
)
def test_a_formula_is_marked_and_kept_as_text(source: str, form: str, tex: str) -> None:
    node = only(render_document(source), "span")
    assert (node.attrs, node.text()) == ({"data-math": form}, tex)


@pytest.mark.parametrize(
    "source",
    [
        "costs $5 and $6",
        "from $5 to $10, or $7.50",
        "US$5 and US$6",
        "$ x $",
        "a $ b",
        "$$$",
        r"\$5 and \$6",
        "`$x$`",
        "$$\nx\n\ny\n$$",
        r"\( \)",
    ],
)
def test_money_and_stray_dollars_stay_text(source: str) -> None:
    assert "data-math" not in render_document(source)


@pytest.mark.parametrize(
    ("source", "href"),
    [
        ("see https://a.example/x_y_z.", "https://a.example/x_y_z"),
        ("（https://a.example/b）", "https://a.example/b"),
        ("见https://a.example/b的说明", "https://a.example/b"),
        ("**https://a.example**", "https://a.example"),
        ("(https://a.example/wiki_(x))", "https://a.example/wiki_(x)"),
        ("[x](https://a.example/?q=1&r=2)", "https://a.example/?q=1&r=2"),
        ("[x][1]\n\n[1]: https://a.example", "https://a.example"),
        ("<a@b.example>", "mailto:a@b.example"),
    ],
)
def test_a_link_opens_elsewhere_and_gives_nothing_away(source: str, href: str) -> None:
    link = only(render_document(source), "a")
    assert link.attrs == {"href": href, "target": "_blank", "rel": "noopener noreferrer nofollow ugc"}


def test_half_a_surrogate_pair_is_no_error() -> None:
    assert render_block("a \ud83d b") == "<p>a ? b</p>\n"


PATHOLOGICAL = {
    "nested quotes": ">" * 10_000 + " x",
    "nested lists": "\n".join("  " * depth + "- x" for depth in range(200)),
    "stars": "*" * 100_000,
    "brackets": "[" * 100_000,
    "open images": "![" * 50_000,
    "links in links": "[" * 5_000 + "a" + "](http://x)" * 5_000,
    "backticks": " ".join("`" * size for size in range(300)),
    "dollars": "$a " * 30_000,
    "formulas that never close": "\\[ a\n" * 5_000,
    "backslashes": "\\" * 100_000,
    "one long line": "word " * 40_000,
    "one long word": "a" * 200_000,
    "wide table": "|" * 5_000 + "\n" + "|-" * 5_000,
    "definitions": "[a\n" * 5_000,
    "entities": "&#x41;" * 30_000,
    "over the cap": "a" * 300_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_a_flood_keeps_all_its_text_within_bounded_steps(name: str) -> None:
    source = PATHOLOGICAL[name]
    assert _calls(source) < 60 * len(source) + 100_000
    text = "".join(assert_harmless(render_block(source)).text().split())
    if name in ("nested quotes", "nested lists", "stars", "brackets", "one long line", "over the cap"):
        assert text.count("x") + text.count("word") == source.count("x") + source.count("word")


def _calls(source: str) -> int:
    """How many functions rendering and cutting call: a measure that no busy machine changes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        render_block(source)
        blocks.split(source)
    finally:
        sys.setprofile(None)
    return calls


def test_text_deeper_than_the_parser_goes_is_shown_as_written() -> None:
    deep = "\n".join("  " * depth + f"- item{depth}" for depth in range(40))
    assert only(render_block(deep), "code").text() == deep


def test_a_document_over_the_cap_is_rendered_block_by_block() -> None:
    html = render_document("# title\n\n" + "some **bold** text.\n\n" * 14_000)
    assert html.count("<strong>") == 14_000
