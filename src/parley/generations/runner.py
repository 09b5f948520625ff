"""The only place that talks to providers: asks, waits, tries another key or model, and says how it ended.

It knows no database, no Redis and no HTML. Cancelling it closes the upstream request.
"""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass, field, replace

from parley.generations import policy, tracing
from parley.generations.costs import cost_nano
from parley.generations.facts import USAGE, Ending, Used, as_json, usage_data
from parley.generations.policy import Breakers
from parley.generations.tags import KNOWN, Pairs
from parley.generations.taking import (
    MOST_TOKENS,
    Answer,
    KeepImage,
    Limits,
    Notice,
    Sink,
    clean,
    no_images,
    request,
)
from parley.lib.clock import now_ms, now_us
from parley.providers.base import Prices, Prompt, Provider, ProviderError
from parley.traces.recorder import Recorder
from parley.web.i18n import N_

WAITING = N_("The provider asks to wait.")
FALLBACK = N_("Another model answered because the chosen one could not.")
LEFT_OUT = N_("Older messages were left out because the chat is longer than the model can read.")
CUT_FILES = N_("Attached files were cut because they are longer than the model can read.")
NOT_STREAMED = N_("The answer came in one piece because the provider's stream was empty.")
NO_PRICES = Prices()


@dataclass(frozen=True, slots=True)
class Key:
    """One credential of a connection and the provider that uses it; `id` names it to the breakers."""

    id: str
    provider: Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One model that may answer, and what it is asked."""

    model: str  # public id
    name: str
    prompt: Prompt
    keys: tuple[Key, ...]
    connection: int = 0
    connection_name: str = ""
    prices: Prices = NO_PRICES
    tags: Pairs = KNOWN
    prompt_tokens: int = 0  # our estimate
    left_out: int = 0  # messages that did not fit
    cut_files: tuple[str, ...] = ()  # names of files that fit in part only


@dataclass(frozen=True, slots=True)
class Prepared:
    """Whom to ask: the chosen model first, then its fallbacks."""

    asks: tuple[Ask, ...]
    limits: Limits = field(default_factory=Limits)
    keep_image: KeepImage = no_images
    notices: tuple[Notice, ...] = ()  # to be said before the first words
    passed_over: tuple[str, str] | None = None  # the chosen model and why it could not even be asked


class Answering:
    """One answer in the making."""

    def __init__(
        self, prepared: Prepared, sink: Sink, breakers: Breakers, trace: Recorder | None = None
    ) -> None:
        self._prepared = prepared
        self._limits = prepared.limits
        self._breakers = breakers
        self._trace = trace
        self._answer = Answer(sink, prepared.keep_image)
        self._ask = prepared.asks[0]
        self._lost_money: int | None = None  # billionths; what requests cost that brought nothing
        self._charged = False  # the last request is among them

    async def run(self) -> Ending:
        """Ask until somebody answers, and say how it ended: done, error, or interrupted in the middle."""
        failures: list[tuple[Ask, ProviderError]] = []
        for ask in self._prepared.asks:
            self._ask = ask
            try:
                await self._by(ask, failures)
            except ProviderError as error:
                if self._answer.began:
                    status = "interrupted" if policy.broke_off(error) else "error"
                    return self._ended(Ending(status, clean(error.message), error.code))
                failures.append((ask, error))
                if not policy.another_model_may_help(error):
                    break
            else:
                return self._ended(Ending("done", finish_reason=self._answer.finish_reason))
        self._ask, refusal = failures[0]
        return self._ended(Ending("error", clean(refusal.message), refusal.code))

    def stopped(self, ending: Ending) -> Ending:
        """`ending` of an answer that was stopped from outside, with what it used until then."""
        return self._ended(ending)

    async def _by(self, ask: Ask, failures: list[tuple[Ask, ProviderError]]) -> None:
        """One model, at most two tries and one more for each further key; raises the last ProviderError."""
        keys = self._in_turn(ask)
        untried = {key.id for key in keys}
        ahead = self._said_first(ask, failures)
        prompt, tries = ask.prompt, 0
        while True:
            key = self._first_allowed(keys, again=tries > 0)
            untried.discard(key.id)
            try:
                await self._request(key, prompt, ask.tags, ahead)
            except ProviderError as error:
                if self._answer.began:
                    raise
                if policy.another_key_may_help(error) and self._turns_to(untried, keys):
                    continue
                tries += 1
                if tries >= policy.TRIES:
                    raise
                if error.code in ("empty", "incomplete") and self._answer.finish_reason != "length":
                    prompt = replace(prompt, stream=False)
                    ahead = [*ahead, {"code": "not_streamed", "text": NOT_STREAMED}]
                else:
                    await self._wait(ask, error)
            else:
                return

    async def _request(self, key: Key, prompt: Prompt, tags: Pairs, ahead: list[Notice]) -> None:
        breaker = self._breakers.of(key.id)
        if self._trace is not None:
            tracing.note_try(self._trace, self._ask, key, prompt)
        self._answer.expect(tags, list(ahead), breaker.spoke)
        self._charged = False
        try:
            await request(key.provider, prompt, self._answer, self._limits)
        except ProviderError as error:
            breaker.failed(error, time.monotonic())
            if self._trace is not None:
                tracing.note_failure(self._trace, error)
            if not self._answer.began:
                self._lost_money = self._with_lost(cost_nano(self._answer.usage, self._ask.prices))
                self._charged = True
            raise
        except BaseException:
            breaker.let_go()
            raise
        breaker.succeeded()

    async def _wait(self, ask: Ask, error: ProviderError) -> None:
        """Wait for a second try, and tell people for how long; raises `error` when that would not help."""
        wait = policy.wait_before_retry(error, random.random())  # noqa: S311  a spread, not a secret
        last = ask is self._prepared.asks[-1]
        if wait is None or (policy.is_too_long(error) and not last):
            raise error
        self._answer.notice(
            {
                "code": "waiting",
                "text": WAITING,
                "reason": error.code,
                "seconds": round(wait, 1),
                "until": now_ms() + round(wait * 1000),
                "model": ask.name,
                "connection": ask.connection_name,
            }
        )
        began = now_us()
        await self._limits.pause(wait)
        if self._trace is not None:
            data = {"reason": error.code, "seconds": round(wait, 1), "asked": error.retry_after}
            self._trace.note("wait", ask.name, data, began=began)

    def _in_turn(self, ask: Ask) -> deque[Key]:
        keys = deque(ask.keys)
        if len(keys) > 1:
            keys.rotate(-(self._breakers.next_turn(ask.connection) % len(keys)))
        return keys

    def _first_allowed(self, keys: deque[Key], *, again: bool) -> Key:
        """The first key that may be used, brought to the front; raises ProviderError when all rest.

        Who asks `again` was promised it: many who wait for the same stumble must not all be turned away.
        """
        for _ in range(len(keys)):
            if self._breakers.of(keys[0].id).allows(time.monotonic()):
                return keys[0]
            keys.rotate(-1)
        if again:
            return keys[0]
        raise ProviderError.of("resting")

    def _turns_to(self, untried: set[str], keys: deque[Key]) -> bool:
        """Bring the next of the untried keys that does not rest to the front; False when there is none."""
        for _ in range(len(keys)):
            keys.rotate(-1)
            if keys[0].id in untried and not self._breakers.of(keys[0].id).rests(time.monotonic()):
                return True
        return False

    def _said_first(self, ask: Ask, failures: list[tuple[Ask, ProviderError]]) -> list[Notice]:
        notices = list(self._prepared.notices)
        failed = [(each.name, error.code) for each, error in failures]
        if self._prepared.passed_over:
            failed.insert(0, self._prepared.passed_over)
        if failed:
            chosen, reason = failed[0]
            notices.append(
                {
                    "code": "fallback",
                    "text": FALLBACK,
                    "model": ask.name,
                    "instead_of": chosen,
                    "reason": reason,
                }
            )
        if ask.left_out:
            notices.append({"code": "left_out", "text": LEFT_OUT, "count": ask.left_out})
        if ask.cut_files:
            names = ", ".join(dict.fromkeys(ask.cut_files))
            notices.append({"code": "cut_files", "text": CUT_FILES, "files": names[:500]})
        return notices

    def _ended(self, ending: Ending) -> Ending:
        used = self._used(whole=ending.status == "done")
        if used.usage is not None:
            self._answer.sink.put(USAGE, as_json(usage_data(used)))
        return replace(ending, used=used)

    def _used(self, *, whole: bool) -> Used:
        """The vendor's figures where there are some, else ours; of a broken answer whichever is higher."""
        usage, estimated = self._answer.usage, False
        if usage is not None and not (usage.prompt_tokens or usage.completion_tokens):
            usage = None  # some gateways send noughts in place of nothing
        if self._answer.began and (usage is None or not whole):
            guess = self._answer.estimated()
            if usage is None:
                usage, estimated = replace(guess, prompt_tokens=self._ask.prompt_tokens), True
            elif usage.completion_tokens < guess.completion_tokens:
                usage, estimated = (
                    replace(guess, prompt_tokens=usage.prompt_tokens, cached_tokens=usage.cached_tokens),
                    True,
                )
        return Used(
            model=self._ask.model,
            name=self._ask.name,
            usage=usage,
            estimated=estimated,
            cost_nano=self._with_lost(None if self._charged else cost_nano(usage, self._ask.prices)),
            window=min(self._ask.prompt.context_window, MOST_TOKENS) or None,
        )

    def _with_lost(self, cost: int | None) -> int | None:
        if self._lost_money is None or cost is None:
            return self._lost_money if cost is None else cost
        return self._lost_money + cost
