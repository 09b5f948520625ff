"""The estimate is near what real vocabularies count."""

from __future__ import annotations

import pytest

from parley.lib.tokens import estimate, estimate_image

# (text, tokens in OpenAI's o200k vocabulary, tokens in cl100k)
COUNTED = [
    (
        "The database is the truth; Redis is a doorbell and a loudspeaker. Every fact is committed first.",
        22,
        22,
    ),
    ("数据库才是真相，消息队列只是门铃。每一条事实都先写入数据库，然后才给人看。", 27, 35),
    ("def total(rows: list[int]) -> int:\n    return sum(row for row in rows if row > 0)\n", 24, 24),
]


@pytest.mark.parametrize(("text", "o200k", "cl100k"), COUNTED)
def test_it_lies_between_or_near_the_vocabularies(text: str, o200k: int, cl100k: int) -> None:
    assert o200k * 0.8 <= estimate(text) <= cl100k * 1.3


def test_nothing_is_nothing_and_anything_is_something() -> None:
    assert estimate("") == 0
    assert estimate("a") >= 1
    assert estimate("🙂") >= 1


def test_it_grows_with_the_text() -> None:
    assert estimate("word " * 1000) > 900
    assert estimate("字" * 1000) in range(600, 1000)
    assert estimate("слово " * 1000) in range(1000, 4000)  # o200k 1,002, cl100k 2,002


def test_a_picture_counts_by_its_tiles() -> None:
    assert estimate_image(512, 512) == 255
    assert estimate_image(2048, 2048) == 85 + 170 * 16
    assert estimate_image(0, 0) == estimate_image(1024, 1024)
