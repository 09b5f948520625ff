"""What a text is found by."""

import random

import pytest

from parley.search.asking import wanted
from parley.search.tokens import LONGEST_WORD, MOST, MOST_SIZE, atoms_of, folded, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("  …—!? ", []),
        ("Hello, HELLO world", ["hello", "world"]),
        ("上海", ["上", "海", "上海"]),
        ("我在上海。海边", ["我", "在", "上", "海", "我在", "在上", "上海", "边", "海边"]),
        ("用Python写", ["用", "python", "写"]),
        ("Café ＦＵＬＬ ﬁne Straße Ⅷ", ["cafe", "full", "fine", "strasse", "viii"]),
        ("e\u0301te\u0301 Łódź", ["ete", "lodz"]),
        ("well-known snake_case don't", ["well", "known", "snake", "case", "don", "t"]),
        ("3.14 2,000€ v2", ["3", "14", "2", "000", "v2"]),
        ("👍🏽 ok ❤️", ["👍", "🏽", "ok", "❤"]),
        ("𠮷野家", ["𠮷", "野", "家", "𠮷野", "野家"]),
        ("ｱﾒﾘｶ", ["ア", "メ", "リ", "カ", "アメ", "メリ", "リカ"]),
        ("한국어", ["한", "국", "어", "한국", "국어"]),
        ("Привет МИР", ["привет", "мир"]),
        ("हिन्दी", ["हिन्दी"]),
    ],
)
def test_a_text_gives_these_tokens(text: str, tokens: list[str]) -> None:
    assert [token for token in tokens_of(text) if "_" not in token] == tokens


def test_words_that_follow_each_other_are_a_token_too() -> None:
    found = tokens_of("Say hello, 用Python写。好的 👍 ok")
    assert [token for token in found if "_" in token] == [
        "say_hello", "hello_用", "用_python", "python_写", "的_👍", "👍_ok"
    ]  # fmt: skip


def test_long_words_and_long_texts_have_an_end() -> None:
    assert tokens_of("x" * 10_000) == ["x" * LONGEST_WORD]
    found = tokens_of(" ".join(map(str, range(30_000))))
    assert len(found) == MOST
    assert "29999" in found  # words before pairs
    assert (
        sum(
            len(token.encode())
            for token in tokens_of("𠮷野家" * 9 + "".join(map(chr, range(0x20000, 0x2FA00))))
        )
        < MOST_SIZE
    )


def test_folding_twice_changes_nothing() -> None:
    chance = random.Random(1)
    for _ in range(300):
        text = "".join(chr(chance.choice((chance.randrange(32, 0x3000), 0x4E00))) for _ in range(20))
        assert folded(folded(text)) == folded(text), ascii(text)


def test_any_two_or_more_characters_of_a_text_find_it() -> None:
    chance = random.Random(2)
    for _ in range(500):
        text = "".join(chance.choice("的一是在不了有和人这，。 a\n") for _ in range(chance.randint(2, 40)))
        start = chance.randrange(len(text) - 1)
        part = text[start : start + chance.randint(2, 10)]
        if "a" in part:
            continue
        asked = wanted(part)
        assert {term.token for term in asked.terms} <= set(tokens_of(text)), (text, part)
        assert asked.fits(text), (text, part)


def test_atoms_are_words_and_single_characters() -> None:
    assert atoms_of("用Python写 二 files") == ["用", "python", "写", "二", "files"]
