"""A thorough test of a connection: what was asked, what came back, how fast, and what is likely wrong.

Each key that is turned on is tried: the list of models (15 s), then a tiny question (20 s).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from parley.connections.credentials import Credential
from parley.connections.diagnosis import Cause, Symptoms, causes
from parley.connections.queries import ConnectionRow
from parley.lib.errors import AppError
from parley.lib.http import PUBLIC, HttpClient, HttpResponse, Patience, Profile
from parley.providers.base import (
    REGISTRY,
    Finished,
    ImageOutput,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    Turn,
)
from parley.providers.sampling import Sampling
from parley.web.i18n import use_language

ORDINARY = Patience()
LIST_SECONDS = 15.0
QUESTION_SECONDS = 20.0
QUESTION = "Say OK."
ENOUGH_SECONDS = 3.0  # of an answer that goes on: it streams, and more of it only costs
MAX_TOKENS = 64  # enough for a word after a thought
PIECE_GAP = 0.002  # seconds between the first piece and the end that no whole answer shows
SHOWN_MODELS = 200
# A name that says the model does something else than chat.
_NOT_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|moderation|rerank|transcri|realtime|image|audio|speech|video|davinci|babbage"
    r"|bge-|e5-|ocr|sora|veo|imagen",
    re.IGNORECASE,
)


class Step(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One request: `asked` is method and address. `error` is our sentence with the vendor's words."""

    asked: str = ""
    ms: int = 0
    status: int = 0
    error: str = ""
    code: str = ""


class Question(Step, kw_only=True, omit_defaults=True):
    """The tiny question to `model`; `streaming` None: nothing came."""

    model: str = ""
    first_ms: int | None = None
    pieces: int = 0
    streaming: bool | None = None


class KeyReport(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What one key saw; `key` 0 is none. `list` is None where an administrator listed the models."""

    key: int = 0
    label: str = ""
    hint: str = ""
    list: Step | None = None
    models: tuple[str, ...] = ()
    count: int = 0
    question: Question | None = None
    causes: tuple[tuple[str, str], ...] = ()  # code and name of diagnosis.Cause

    @property
    def failure(self) -> Step | None:
        """The step that failed; a list that fails is no failure where the question was answered."""
        if self.question is not None:
            return self.question if self.question.error else None
        return self.list if self.list is not None and self.list.error else None


class Report(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything that was seen at the time `at` (ms). Holds no secret."""

    at: int
    keys: tuple[KeyReport, ...] = ()

    @property
    def failure(self) -> Step | None:
        """What is wrong with the first key that fails, None when every key works."""
        return next((key.failure for key in self.keys if key.failure is not None), None)


@dataclass(frozen=True, slots=True)
class Found:
    """A report, and what a check would have found: the models of the first key that lists some."""

    report: Report
    models: tuple[ModelInfo, ...]
    latency_ms: int


class Watching(HttpClient):
    """The client, remembering what was asked first and last, and what kind of answer came."""

    def __init__(self, inner: HttpClient) -> None:
        super().__init__()
        self._inner = inner
        self.begin()

    def begin(self) -> None:
        """Forget what was before."""
        self.first = self.last = ""
        self.status = 0
        self.content_type = ""

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        profile: Profile = PUBLIC,
        patience: Patience = ORDINARY,
    ) -> AsyncIterator[HttpResponse]:
        """As `HttpClient.stream`."""
        self.last, self.status, self.content_type = f"{method} {_without_query(url)}", 0, ""
        self.first = self.first or self.last
        async with self._inner.stream(
            method, url, headers=headers, json=json, profile=profile, patience=patience
        ) as response:
            self.status = response.status
            self.content_type = response.headers.get("content-type", "").lower()
            yield response


async def examine(
    connection: ConnectionRow, credentials: Sequence[tuple[Credential, Watching]], at: int
) -> Found:
    """Try every credential, side by side; an upstream that fails is a result, not an error."""
    seen = await asyncio.gather(*(_examine(connection, *each) for each in credentials))
    report = Report(at=at, keys=tuple(each[0] for each in seen))
    models = next((models for _key, models in seen if models), ())
    times = [step.ms for key, _models in seen if (step := key.list or key.question) is not None]
    return Found(report, models, min(times, default=0))


async def _examine(
    connection: ConnectionRow, credential: Credential, http: Watching
) -> tuple[KeyReport, tuple[ModelInfo, ...]]:
    row = int(credential.id.rpartition(":")[2])
    hint = next((key.hint for key in connection.keys if key.id == row), "")
    report = KeyReport(key=row, label=credential.label, hint=hint)
    models: tuple[ModelInfo, ...] = tuple(ModelInfo(each, each) for each in connection.listed)
    if not models:
        report.list, models = await _list(credential, http)
    symptoms = _symptoms(connection, http, report.list, row, listing=True)
    report.count = len(models)
    report.models = tuple(model.raw_id for model in models[:SHOWN_MODELS])
    asked = chat_model(models) if _is_upstream(connection) else ""
    if asked and (report.list is None or not report.list.error):
        report.question = await _ask(credential, http, asked)
        symptoms = _symptoms(connection, http, report.question, row, listing=False)
    if symptoms is not None:
        report.causes = tuple((cause.code, cause.name) for cause in causes(symptoms))
    return report, () if connection.listed else models


def chat_model(models: Sequence[ModelInfo]) -> str:
    """The first model that can chat as far as its upstream and its name tell; "" for none."""
    fit = (m.raw_id for m in models if m.kind in ("", "chat") and not _NOT_CHAT.search(m.raw_id))
    return next(fit, "")


def _is_upstream(connection: ConnectionRow) -> bool:
    """The demo answers from a script; there is nothing to find out."""
    return connection.provider not in REGISTRY or REGISTRY.get(connection.provider).needs_url


async def _list(credential: Credential, http: Watching) -> tuple[Step, tuple[ModelInfo, ...]]:
    step = Step()
    models: tuple[ModelInfo, ...] = ()
    with _timed(step, http):
        async with asyncio.timeout(LIST_SECONDS):
            models = tuple(await credential.provider.models())
    return step, models


async def _ask(credential: Credential, http: Watching, model: str) -> Question:
    question = Question(model=model)
    prompt = Prompt(model, (Turn("user", QUESTION),), Sampling(max_tokens=MAX_TOKENS))
    started = time.perf_counter()
    first = last = 0.0
    with _timed(question, http):
        async with asyncio.timeout(QUESTION_SECONDS), aclosing(credential.provider.stream(prompt)) as facts:  # type: ignore[type-var]
            async for fact in facts:
                now = time.perf_counter()
                if isinstance(fact, TextDelta | ReasoningDelta | ImageOutput):
                    question.pieces += 1
                    first = first or now
                elif isinstance(fact, Finished):
                    last = now
                if first and question.pieces > 1 and now - first > ENOUGH_SECONDS:
                    break
    if first:
        question.first_ms = round((first - started) * 1000)
        whole = "json" in http.content_type and "nd" not in http.content_type
        question.streaming = not whole and (question.pieces > 1 or last - first > PIECE_GAP)
    return question


@contextmanager
def _timed(step: Step, http: Watching) -> Iterator[None]:
    """Fill in what was asked, how long it took and how it failed; errors in English, as they are stored."""
    started = time.perf_counter()
    http.begin()
    try:
        with use_language("en"):
            yield
    except TimeoutError:
        error: AppError = ProviderError.of("timeout")
        step.error, step.code = error.message, error.code
    except AppError as failed:
        step.error, step.code = failed.message, failed.code
    finally:
        step.ms = round((time.perf_counter() - started) * 1000)
        step.asked, step.status = http.last if step.error else http.first, http.status


def _symptoms(
    connection: ConnectionRow, http: Watching, step: Step | None, key: int, *, listing: bool
) -> Symptoms | None:
    if step is None or not step.error:
        return None
    return Symptoms(
        step.code,
        step.error,
        connection.provider,
        connection.base_url,
        has_key=bool(key),
        status=http.status,
        content_type=http.content_type,
        in_container=in_container(),
        listing=listing,
    )


@cache
def in_container() -> bool:
    """Whether this process runs in a container, where localhost is nobody else."""
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def not_asked(connection: ConnectionRow, error: AppError, at: int) -> Found:
    """Where it did not come to asking."""
    step = Step(error=error.message, code=error.code)
    symptoms = Symptoms(error.code, error.message, connection.provider, connection.base_url, has_key=True)
    key = KeyReport(list=step, causes=tuple((cause.code, cause.name) for cause in causes(symptoms)))
    return Found(Report(at=at, keys=(key,)), (), 0)


def report_json(report: Report) -> str:
    """As it is stored in `connection.verification`."""
    return msgspec.json.encode(report).decode()


def report_of(stored: Any) -> Report | None:
    """What was stored; None for nothing, or for what another version wrote."""
    if stored is None:
        return None
    try:
        return msgspec.convert(stored, Report)
    except msgspec.ValidationError:
        return None


def causes_of(key: KeyReport) -> list[Cause]:
    """The likely causes of a key's failure."""
    return [Cause(code, name) for code, name in key.causes]


def _without_query(url: str) -> str:
    """The address without what may hold a secret."""
    parts = urlsplit(url)
    kept = "&".join(each for each in parts.query.split("&") if each.startswith("api-version="))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, kept, ""))
