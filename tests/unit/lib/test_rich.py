"""Tables, tasks, footnotes, links and figures: what stands around the text."""

from __future__ import annotations

import pytest

from parley.lib.footnotes import linked
from parley.lib.markdown import render_block, render_document
from tests.unit.markup import Node, assert_harmless, parse

FENCE = "```"
NOTED = "One[^a], two[^b], one again[^a], none[^c].\n\n[^b]: Second\n\n    with more\n[^a]: *First*\n"


def every(html: str, tag: str) -> list[Node]:
    return [node for node in parse(html).walk() if node.tag == tag]


def only(html: str, tag: str) -> Node:
    [node] = every(html, tag)
    return node


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[the manual](https://a.example/x)", "the manual a.example"),
        ("[google.com](https://evil.example)", "google.com evil.example"),
        ("[a.example@evil.example](https://a.example@evil.example)", "a.example@evil.example evil.example"),
        ("[a.example.evil.example](https://a.example)", "a.example.evil.example a.example"),
        ("[**A.example**/docs](https://a.example/docs)", "A.example/docs"),
        ("[a.example](https://www.a.example/)", "a.example"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("https://a.example:8080/x", "https://a.example:8080/x"),
        ("[раypal.com](https://раypal.com)", "раypal.com xn--ypal-43d9g.com"),
        ("[write](mailto:a@b.example?subject=x)", "write a@b.example"),
    ],
)
def test_a_link_shows_where_it_leads(source: str, text: str) -> None:
    assert only(render_document(source), "a").text() == text


def test_a_remote_image_becomes_a_link_that_names_its_host() -> None:
    link = only(render_document("![a cat](https://i.example/cat.png)"), "a")
    assert (link.attrs["href"], link.text()) == ("https://i.example/cat.png", "a cat i.example")
    assert "<img" not in render_document("![](https://i.example/cat.png)")


def test_an_image_inside_a_link_is_named_and_does_not_nest() -> None:
    link = only(render_document("[![logo](https://i.example/l.png)](https://a.example)"), "a")
    assert (link.attrs["href"], link.text()) == ("https://a.example", "logo a.example")


def test_tasks_have_boxes_that_say_what_they_are() -> None:
    html = render_block("- [x] done\n- [ ] open\n- plain [x]")
    assert [node.text().strip() for node in every(html, "li")] == ["done", "open", "plain [x]"]
    boxes = [("checked" in node.attrs, node.attrs["aria-label"]) for node in every(html, "input")]
    assert boxes == [(True, "Done"), (False, "To do")]
    assert all("disabled" in node.attrs for node in every(html, "input"))


def test_footnotes_are_numbered_in_the_order_of_reference_and_lead_back() -> None:
    root = assert_harmless(render_document(NOTED, prefix="p-"))
    links = [node for node in root.walk() if node.tag == "a"]
    assert [(node.attrs["href"], node.attrs.get("id")) for node in links] == [
        ("#p-fn1", "p-ref1"),
        ("#p-fn2", "p-ref2"),
        ("#p-fn1", None),
        ("#p-ref1", None),
        ("#p-ref2", None),
    ]
    notes = [node for node in root.walk() if node.tag == "li"]
    assert [node.attrs["id"] for node in notes] == ["p-fn1", "p-fn2"]
    assert ["".join(node.text().split()) for node in notes] == ["First↩︎", "Secondwithmore↩︎"]
    assert "none[^c]" in root.text()


def test_a_note_nobody_refers_to_is_not_lost() -> None:
    assert only(render_document("Text.\n\n[^x]: still here"), "li").text().strip() == "still here"


def test_a_block_alone_leaves_footnotes_as_they_are_written() -> None:
    assert "[^a]" in render_block("One[^a].")


@pytest.mark.parametrize("name", ['"><script>', "__proto__", "x" * 64, "<hx-partial>", "1"])
def test_the_name_of_a_footnote_never_reaches_an_attribute(name: str) -> None:
    root = assert_harmless(render_document(f"a[^{name}]\n\n[^{name}]: b"))
    assert {value for node in root.walk() for key, value in node.attrs.items() if key == "id"} <= {
        "fn1",
        "ref1",
    }


def test_a_prefix_is_ours_or_refused() -> None:
    with pytest.raises(ValueError, match="x y"):
        linked("", "x y", "Back")


def test_many_notes_cost_no_more_than_their_length() -> None:
    many = "".join(f"a[^{n}]\n\n" for n in range(700)) + "".join(f"[^{n}]: note\n" for n in range(700))
    assert assert_harmless(render_document(many)).text().count("note") == 700


def test_a_table_has_a_button_beside_its_box() -> None:
    figure = only(render_block("| a |\n|---|\n| b |"), "figure")
    assert [child.attrs.get("class") for child in figure.children if isinstance(child, Node)] == [
        "table",
        "btn",
    ]
    assert figure.text().endswith("Copy as CSV")


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("py", "code.py"),
        ("typescript src/app/main.ts", "main.ts"),
        ("sh .profile", "code.sh"),
        ("py ../../etc/passwd.py", "passwd.py"),
        ("py a/.ssh", "code.py"),
        ("", "code.txt"),
        ("brainf", "code.txt"),
        ("svg", "code.svg"),
        ("yaml <b>.yml", "code.yml"),
    ],
)
def test_code_is_saved_under_a_name_that_can_do_no_harm(info: str, name: str) -> None:
    names = [
        node.attrs.get("data-name") for node in every(render_block(f"{FENCE}{info}\nx\n{FENCE}"), "button")
    ]
    assert [each for each in names if each] == [name]


def test_only_long_code_is_folded_and_says_how_long_it_is() -> None:
    short, long = (render_block(f"{FENCE}\n" + "x\n" * lines + FENCE) for lines in (30, 31))
    assert only(short, "figure").attrs["class"] == "code"
    assert only(long, "figure").attrs["class"] == "code is-long"
    assert "Show all 31 lines" in only(long, "figure").text()


def test_html_and_svg_can_be_previewed_and_mermaid_drawn() -> None:
    for word in ("html", "SVG", "htm"):
        assert 'data-feature="preview"' in render_block(f"{FENCE}{word}\n<b>\n{FENCE}")
    assert 'data-feature="preview"' not in render_block(f"{FENCE}xml\n<b>\n{FENCE}")
    diagram = render_block(f"{FENCE}mermaid\ngraph TD\n{FENCE}")
    assert only(diagram, "figure").attrs == {"class": "code", "data-diagram": "", "aria-label": "Diagram"}
    assert "hidden" in only(diagram, "p").attrs
    assert only(diagram, "code").text() == "graph TD\n"
