"""The scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.providers.base import (
    Fact,
    Finished,
    Image,
    Prompt,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    Turn,
    UsageReport,
)
from parley.providers.demo import DemoProvider, tokens
from parley.providers.demo_script import is_mostly_han, script_for


async def at_once(seconds: float) -> None:
    """Does not wait."""
    await asyncio.sleep(0)


async def facts_of(*turns: tuple[str, str]) -> list[Fact]:
    """Everything the demo says to these turns."""
    stream = DemoProvider(sleep=at_once).stream(Prompt("demo", tuple(Turn(*turn) for turn in turns)))
    return [fact async for fact in stream]


def text_in(facts: list[Fact]) -> str:
    """The answer."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextDelta))


async def test_an_answer_shows_everything_a_page_can_draw() -> None:
    facts = await facts_of(("user", "What is this?"))
    text = text_in(facts)
    assert isinstance(facts[0], ReasoningDelta)
    assert "demo" in text.splitlines()[0]
    assert "What is this?" in text.splitlines()[0]
    for part in ("\n## ", "| --- |", "```python", "$$\n", "\\frac{n(n+1)(2n+1)}{6}", "你好"):
        assert part in text
    assert facts[-1] == Finished("stop")
    assert sum(isinstance(fact, Finished) for fact in facts) == 1
    assert isinstance(facts[-2], UsageReport)


async def test_a_chinese_question_is_answered_in_chinese() -> None:
    text = text_in(await facts_of(("user", "请介绍一下 Parley 的数据库")))
    assert text.startswith("这是演示")
    assert "Parley 的数据库" in text.splitlines()[0]
    assert is_mostly_han("请介绍一下 Parley 的数据库")
    assert not is_mostly_han("What does 数据 mean?")


async def test_fail_ends_with_an_error_after_some_words() -> None:
    said: list[Fact] = []

    async def listen(stream: AsyncIterator[Fact]) -> None:
        async for fact in stream:
            said.append(fact)

    with pytest.raises(ProviderError, match="asked for"):
        await listen(DemoProvider(sleep=at_once).stream(Prompt("demo", (Turn("user", " Fail "),))))
    assert said
    assert not any(isinstance(fact, Finished) for fact in said)


async def test_a_question_that_begins_with_fail_is_a_question() -> None:
    assert (await facts_of(("user", "fail fast, or not?")))[-1] == Finished("stop")


async def test_long_is_long_and_fast_does_not_wait() -> None:
    assert len(text_in(await facts_of(("user", "long one please")))) > 5000
    waits: list[float] = []

    async def count(seconds: float) -> None:
        waits.append(seconds)

    turns = (Turn("user", "fast"),)
    _ = [fact async for fact in DemoProvider(sleep=count).stream(Prompt("demo", turns))]
    assert waits == []


async def test_going_on_does_not_start_again() -> None:
    whole = text_in(await facts_of(("user", "hello there")))
    for at in (1, 40, 500, len(whole) - 1):
        rest = await facts_of(("user", "hello there"), ("assistant", whole[:at]))
        assert whole[:at] + text_in(rest) == whole
        assert not any(isinstance(fact, ReasoningDelta) for fact in rest)


async def test_going_on_with_a_foreign_text_ends_it() -> None:
    rest = text_in(await facts_of(("user", "hello"), ("assistant", "another model began")))
    assert rest == script_for("hello").ending


async def test_the_speed_is_about_what_was_asked() -> None:
    now, slept = asyncio.get_running_loop().time, list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(seconds)

    stream = DemoProvider(tokens_per_second=200, sleep=sleep).stream(Prompt("demo", (Turn("user", "hi"),)))
    started, count = now(), 0
    async for _fact in stream:
        count += 1
        if count == 40:
            break
    assert now() - started > 0.19
    assert max(slept) < 1.5 / 200  # what takes longer is the machine's


@pytest.mark.parametrize("text", ["", "a  b\n\nc", script_for("数据").text, script_for("long").text])
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_a_long_question_is_not_repeated_whole() -> None:
    assert len(script_for("word " * 500).text.splitlines()[0]) < 500


async def test_it_says_that_it_cannot_look_at_pictures() -> None:
    image = Image("image/png", b"x")
    for text, words in [("What is this?", "cannot look at pictures"), ("这是什么？", "看不了图片")]:
        prompt = Prompt("demo", (Turn("user", f"fast {text}" if text.isascii() else text, images=(image,)),))
        provider = DemoProvider(tokens_per_second=0)
        said = [fact.text async for fact in provider.stream(prompt) if isinstance(fact, TextDelta)]
        assert words in "".join(said)
