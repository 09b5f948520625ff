"""Other keys, other models, other ways: nothing is lost to an upstream that stumbles."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import msgspec
import pytest

from parley.generations.facts import Ending
from parley.generations.policy import STAYS_OPEN, Breakers
from parley.generations.runner import Answering, Ask, Key, Prepared
from parley.generations.taking import KeepImage, Limits, no_images
from parley.providers.base import (
    Finished,
    ImageOutput,
    Prices,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    UsageReport,
)
from tests.unit.generations.test_runner import PROMPT, Notes, Pauses, Scripted, Step

FINE: list[Step] = [TextDelta("Hello"), UsageReport(1000, 500, 100, 400), Finished("stop")]


def failing(code: str, retry_after: float | None = None) -> list[Step]:
    return [ProviderError.of(code, retry_after=retry_after)]


def ask(name: str, *providers: Scripted) -> Ask:
    keys = tuple(Key(f"{name}:{n}", provider) for n, provider in enumerate(providers))
    return Ask(model=f"1:{name}", name=name, connection=1, prompt=PROMPT, keys=keys, prompt_tokens=7)


class Trial:
    """Answers with some models, on one clock of breakers."""

    def __init__(self) -> None:
        self.breakers = Breakers()
        self.pauses = Pauses()
        self.notes = Notes()

    async def run(self, *asks: Ask, keep_image: KeepImage = no_images) -> Ending:
        self.notes = Notes()
        prepared = Prepared(asks, Limits(pause=self.pauses), keep_image)
        return await Answering(prepared, self.notes, self.breakers).run()

    def notice(self, number: int = 0) -> dict[str, object]:
        found = [msgspec.json.decode(data) for kind, data in self.notes.taken if kind == "notice"]
        return found[number]  # type: ignore[no-any-return]


@pytest.fixture
def trial() -> Trial:
    return Trial()


async def test_a_wait_is_announced_before_it_is_waited(trial: Trial) -> None:
    provider = Scripted(failing("rate_limit", 7.0), FINE)
    ending = await trial.run(ask("x", provider))
    assert ending.status == "done"
    notice = trial.notice()
    assert (notice["code"], notice["reason"], notice["seconds"], notice["model"]) == (
        "waiting", "rate_limit", 7.0, "x",
    )  # fmt: skip
    assert trial.pauses.seconds == [7.0]


@pytest.mark.parametrize(("code", "low", "high"), [("rate_limit", 12, 18), ("server", 1.6, 2.4)])
async def test_an_own_wait_has_a_spread(trial: Trial, code: str, low: float, high: float) -> None:
    for _ in range(3):
        await trial.run(ask("x", Scripted(failing(code), FINE)))
    assert all(low <= seconds <= high for seconds in trial.pauses.seconds)
    assert len(set(trial.pauses.seconds)) == 3


async def test_another_key_is_tried_at_once(trial: Trial) -> None:
    first, second = Scripted(failing("authentication")), Scripted(FINE)
    ending = await trial.run(ask("x", first, second))
    assert (ending.status, first.calls, second.calls, trial.pauses.seconds) == ("done", 1, 1, [])


async def test_keys_are_used_in_turn(trial: Trial) -> None:
    providers = [Scripted(FINE, FINE), Scripted(FINE, FINE)]
    for _ in range(4):
        await trial.run(ask("x", *providers))
    assert [provider.calls for provider in providers] == [2, 2]


async def test_a_fallback_answers_and_says_for_whom(trial: Trial) -> None:
    busy, other = Scripted(failing("rate_limit", 1.0), failing("rate_limit", 1.0)), Scripted(FINE)
    ending = await trial.run(ask("x", busy), ask("y", other))
    assert (ending.status, ending.used.model, busy.calls, other.calls) == ("done", "1:y", 2, 1)
    assert trial.notes.notices == ["waiting", "fallback"]
    notice = trial.notice(1)
    assert (notice["model"], notice["instead_of"], notice["reason"]) == ("y", "x", "rate_limit")


async def test_a_fallback_is_not_kept_waiting_for_a_long_pause(trial: Trial) -> None:
    busy, other = Scripted(failing("rate_limit", 600.0)), Scripted(FINE)
    ending = await trial.run(ask("x", busy), ask("y", other))
    assert (ending.used.name, busy.calls, trial.pauses.seconds) == ("y", 1, [])


async def test_a_model_that_could_not_even_be_asked_is_named(trial: Trial) -> None:
    prepared = Prepared((ask("y", Scripted(FINE)),), passed_over=("x", "connection_off"))
    assert (await Answering(prepared, trial.notes, trial.breakers).run()).status == "done"
    notice = trial.notice()
    assert (notice["code"], notice["model"], notice["instead_of"]) == ("fallback", "y", "x")


async def test_when_all_fail_the_chosen_models_reason_counts(trial: Trial) -> None:
    ending = await trial.run(
        ask("x", Scripted(failing("quota"))), ask("y", Scripted(failing("authentication")))
    )
    assert (ending.status, ending.code, ending.used.name) == ("error", "quota", "x")
    assert trial.notes.notices == []


async def test_a_refused_question_goes_nowhere_else(trial: Trial) -> None:
    other = Scripted(FINE)
    ending = await trial.run(ask("x", Scripted(failing("content_filter"))), ask("y", other))
    assert (ending.code, other.calls) == ("content_filter", 0)


async def test_after_words_there_is_no_second_call(trial: Trial) -> None:
    broken = Scripted([TextDelta("Hel"), ProviderError.of("network")])
    other = Scripted(FINE)
    ending = await trial.run(ask("x", broken, Scripted(FINE)), ask("y", other))
    assert (ending.status, ending.code, broken.calls, other.calls) == ("interrupted", "network", 1, 0)
    assert ending.used.usage == UsageReport(7, 2)
    assert ending.used.estimated


async def test_a_vendors_own_error_in_the_middle_is_an_error(trial: Trial) -> None:
    ending = await trial.run(ask("x", Scripted([TextDelta("Hel"), ProviderError.of("overloaded")])))
    assert (ending.status, ending.code) == ("error", "overloaded")


@pytest.mark.parametrize(
    "take",
    [
        [Finished("stop")],
        [],
        [TextDelta("\n"), Finished("stop")],
        [ReasoningDelta("\n"), Finished("stop")],
    ],
)
async def test_a_stream_without_words_is_asked_again_as_a_whole(trial: Trial, take: list[Step]) -> None:
    provider = Scripted(take, FINE)
    ending = await trial.run(ask("x", provider))
    assert (ending.status, trial.notes.said) == ("done", "Hello")
    assert [prompt.stream for prompt in provider.prompts] == [True, False]
    assert (trial.notes.notices, trial.pauses.seconds) == (["not_streamed"], [])


async def test_an_empty_answer_is_an_error_with_a_way_out(trial: Trial) -> None:
    ending = await trial.run(ask("x", Scripted([Finished("stop")], [Finished("stop")])))
    assert (ending.status, ending.code) == ("error", "empty")


async def test_a_filter_that_eats_everything_is_not_asked_twice(trial: Trial) -> None:
    provider = Scripted([Finished("content_filter")])
    ending = await trial.run(ask("x", provider))
    assert (ending.code, provider.calls) == ("content_filter", 1)


async def test_five_failures_rest_the_key_and_one_success_wakes_it(trial: Trial) -> None:
    sick = Scripted(*[failing("authentication")] * 5)
    for _ in range(5):
        await trial.run(ask("x", sick))
    ending = await trial.run(ask("x", sick))
    assert (ending.code, sick.calls) == ("resting", 5)


async def test_a_short_stumble_is_survived_by_all_who_met_it(trial: Trial) -> None:
    all_wait = asyncio.Barrier(5)

    async def pause(_seconds: float) -> None:
        await all_wait.wait()

    prepared = [
        Prepared((ask("x", Scripted(failing("network"), FINE)),), Limits(pause=pause)) for _ in range(5)
    ]
    running = [Answering(each, Notes(), trial.breakers).run() for each in prepared]
    assert [ending.status for ending in await asyncio.gather(*running)] == ["done"] * 5


async def test_after_a_rest_the_first_words_let_the_others_in(trial: Trial) -> None:
    breaker, said, rest = trial.breakers.of("x:0"), asyncio.Event(), asyncio.Event()
    for _ in range(5):
        breaker.failed(ProviderError.of("network"), time.monotonic() - STAYS_OPEN)
    long = Prepared((ask("x", Scripted([TextDelta("Hi"), rest, Finished("stop")])),))
    notes = Notes()
    notes.put = lambda _kind, _data: said.set()  # type: ignore[method-assign, assignment]
    probing = asyncio.create_task(Answering(long, notes, trial.breakers).run())
    await said.wait()
    assert (await trial.run(ask("x", Scripted(FINE)))).status == "done"
    rest.set()
    await probing


async def test_no_key_is_asked_twice_without_a_wait(trial: Trial) -> None:
    for _ in range(5):
        trial.breakers.of("x:1").failed(ProviderError.of("authentication"), time.monotonic())
    first, third = Scripted(failing("rate_limit"), FINE), Scripted(failing("rate_limit"), FINE)
    ending = await trial.run(ask("x", first, Scripted(), third))
    assert (ending.status, len(trial.pauses.seconds), first.calls + third.calls) == ("done", 1, 3)


async def test_a_resting_model_leaves_the_answer_to_its_fallback(trial: Trial) -> None:
    sick = Scripted(*[failing("authentication")] * 5)
    for _ in range(5):
        await trial.run(ask("x", sick))
    ending = await trial.run(ask("x", sick), ask("y", Scripted(FINE)))
    assert (ending.used.name, trial.notice()["reason"]) == ("y", "resting")


async def test_reasoning_between_tags_is_folded_away(trial: Trial) -> None:
    take: list[Step] = [TextDelta("<thi"), TextDelta("nk>hm</think>"), TextDelta("\nYes"), Finished("stop")]
    await trial.run(ask("x", Scripted(take)))
    assert [fact for fact in trial.notes.taken if fact[0] != "usage"] == [
        ("reasoning", "hm"),
        ("text", "Yes"),
    ]


async def test_vendor_figures_and_prices_make_the_cost(trial: Trial) -> None:
    priced = replace(
        ask("x", Scripted(FINE)), prices=Prices(input=2_000_000, output=10_000_000, cached=500_000)
    )
    ending = await trial.run(priced)
    assert ending.used.cost_nano == 600 * 2_000 + 400 * 500 + 500 * 10_000
    assert not ending.used.estimated


async def test_what_brought_nothing_costs_what_its_own_model_costs(trial: Trial) -> None:
    nothing: list[Step] = [UsageReport(100, 50, 50), Finished("length")]
    dear = replace(ask("x", Scripted(failing("quota"))), prices=Prices(input=10**9, output=10**9))
    cheap = replace(ask("y", Scripted(nothing)), prices=Prices(input=1000, output=1000))
    ending = await trial.run(dear, cheap)
    assert (ending.code, ending.used.cost_nano) == ("quota", 150)


async def test_an_empty_try_is_paid_for_too(trial: Trial) -> None:
    nothing: list[Step] = [UsageReport(100, 50, 50), Finished("stop")]
    twice = replace(ask("x", Scripted(nothing, FINE)), prices=Prices(input=1000, output=1000))
    ending = await trial.run(twice)
    assert (ending.used.usage, ending.used.cost_nano) == (UsageReport(1000, 500, 100, 400), 150 + 1500)


async def test_noughts_are_no_figures(trial: Trial) -> None:
    ending = await trial.run(ask("x", Scripted([TextDelta("Hello"), UsageReport(0, 0), Finished("stop")])))
    assert (ending.used.usage, ending.used.estimated) == (UsageReport(7, 2), True)


async def test_a_forbidden_address_leaves_the_answer_to_its_fallback(trial: Trial) -> None:
    ending = await trial.run(ask("x", Scripted(failing("address"))), ask("y", Scripted(FINE)))
    assert (ending.status, ending.used.name) == ("done", "y")


async def test_a_picture_is_kept_and_a_broken_one_costs_no_words(trial: Trial) -> None:
    async def keep(mime: str, data: bytes) -> dict[str, object]:
        if data == b"bad":
            raise ValueError(mime)
        return {"file": 5, "width": 1, "height": 1}

    take: list[Step] = [ImageOutput("image/png", b"good"), ImageOutput("image/png", b"bad"), *FINE]
    ending = await trial.run(ask("x", Scripted(take)), keep_image=keep)
    assert (ending.status, trial.notes.said, trial.notes.notices) == ("done", "Hello", ["image_lost"])
    assert [kind for kind, _ in trial.notes.taken] == ["image", "notice", "text", "usage"]
