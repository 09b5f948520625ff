"""Where something was found."""

import pytest

from parley.search.asking import wanted
from parley.search.marking import SHOWN, pieces


def marked(text: str, query: str) -> str:
    return "".join(f"[{p.text}]" if p.marked else p.text for p in pieces(text, wanted(query)))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("我家在上海东边", "上海", "我家在[上海]东边"),
        ("用 Python 写", "用python", "[用 Python] 写"),
        ("Pythonic python", "python ", "Pythonic [python]"),
        ("Pythonic python", "pyth", "[Pythonic] [python]"),
        ("Ein Café und ein CAFE", "café ", "Ein [Café] und ein [CAFE]"),
        ("Die Straße ﬁndet", "strasse find", "Die [Straße] [ﬁndet]"),
        ("**bold** `code`\n\n# Head", "head", "bold code [Head]"),
        ("a < b & <script>fox</script>", "fox", "a < b & <script>[fox]</script>"),
        ("nothing here", "zebra", "nothing here"),
        ("", "zebra", ""),
    ],
)
def test_what_was_found_is_marked(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


def test_a_long_text_is_shown_round_the_first_place() -> None:
    shown = marked("start " + "filler " * 200 + "the needle in it " + "more " * 200, "needle")
    assert shown.startswith("…filler")
    assert "[needle]" in shown
    assert shown.endswith("more…")
    assert len(shown) <= SHOWN + 4


def test_many_odd_texts_keep_all_their_characters() -> None:
    for text in ("İstanbul ŉ ǰ ﬃ fox " * 30, "e\u0301" * 100 + " fox", "👍🏽" * 50 + "fox", "ｶﾞ fox"):
        assert "[fox]" in marked(text, "fox")
