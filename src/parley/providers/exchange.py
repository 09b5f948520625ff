"""One request and the reading of its answer, for protocols of JSON in server-sent events or in lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from parley.lib.eventstream import EventParser, TooLong
from parley.lib.http import (
    CONNECTION_ADMIN,
    HttpClient,
    HttpError,
    HttpResponse,
    NetworkFailed,
    Patience,
    Profile,
    TimedOut,
)
from parley.lib.ndjson import LineSplitter
from parley.providers.base import PROTECTED, Dropped, Fact, ProviderError, Target
from parley.providers.loose import json_or_none
from parley.providers.vendor_errors import refusal, transport_error

PICTURE = 24 * 1024 * 1024  # bytes of one line: a whole picture in base64
MAX_BODY = 32 * 1024 * 1024  # bytes of an answer that is not a stream
MAX_ERROR = 64 * 1024  # bytes of an error that are read
LINGER = 0.02  # seconds for the end of the body, which usually came with the end marker
WEB_PAGE = "There is a web page at this address."
# Headers that belong to the connection, not to whoever fills in the form.
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "upgrade"}
)
_OURS_TOO = frozenset({"accept-encoding", "cookie", "trailer", "keep-alive", "proxy-authorization"})


class Reading(Protocol):
    """What one answer said so far; `done` after the end marker, `ended` once an end was announced."""

    done: bool

    @property
    def ended(self) -> bool: ...

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one event, or in the whole JSON answer; raises ProviderError."""

    def last(self) -> list[Fact]:
        """What is said at the end, `Finished` last; raises ProviderError when no end was announced."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request for an answer. `dropped` was asked for and is not in `body`."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    dropped: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()  # nothing of these in any error text
    profile: Profile = CONNECTION_ADMIN
    patience: Patience = field(default_factory=Patience)
    refusal: Callable[..., ProviderError] = refusal  # the error of a status that is not 200
    lines: bool = False  # of JSON, in place of server-sent events


async def facts_of(http: HttpClient, call: Call, reading: Reading) -> AsyncGenerator[Fact, None]:
    """Facts as they arrive, see `base.Provider.stream`."""
    if call.dropped:
        yield Dropped(call.dropped)
    try:
        async with http.stream(
            "POST",
            call.url,
            headers=call.headers,
            json=call.body,
            profile=call.profile,
            patience=call.patience,
        ) as response:
            if response.status != 200:
                raise await refused(response, call.secrets, call.refusal)
            if "text/html" in response.headers.get("content-type", "").lower():
                raise ProviderError.of("malformed", WEB_PAGE)
            async with aclosing(facts_in(response, reading, lines=call.lines)) as batches:
                async for facts in batches:
                    for fact in facts:
                        yield fact
    except HttpError as error:
        raise transport_error(error, call.secrets) from None
    for fact in reading.last():
        yield fact


async def refused(
    response: HttpResponse, secrets: tuple[str, ...], refusal: Callable[..., ProviderError] = refusal
) -> ProviderError:
    """The error of a response whose status is not 200."""
    text = (await response.read(MAX_ERROR)).decode("utf-8", "replace")
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        data = None
    return refusal(response.status, response.headers, data, text, secrets)


async def fetch(
    http: HttpClient, url: str, headers: Mapping[str, str], secrets: tuple[str, ...], profile: Profile
) -> Any:
    """The JSON at `url`; raises ProviderError."""
    try:
        answer = await http.json("GET", url, headers=headers, profile=profile)
    except HttpError as error:
        raise transport_error(error, secrets) from None
    if answer.status != 200:
        raise refusal(answer.status, answer.headers, answer.data, answer.text, secrets)
    return answer.data


def headers_for(target: Target, auth: str, key_header: str) -> dict[str, str]:
    """The headers of a request: the key as the target says (else by `auth`), then the target's own.

    `key_header` is where the key goes when auth is "header" and the target names none.
    """
    headers = {"accept": "text/event-stream, application/json", "accept-encoding": "identity"}
    style = target.auth or auth
    if target.key and style == "bearer":
        headers["authorization"] = f"Bearer {target.key}"
    elif target.key and style == "header":
        headers[(target.auth_header or key_header).lower()] = target.key
    for name, value in target.headers.items():
        if name.lower() not in _OURS and name.lower() not in _OURS_TOO:
            headers[name.lower()] = value
    return headers


def secrets_of(target: Target) -> tuple[str, ...]:
    """What must not be repeated in an error: the key and the values of the target's own headers."""
    return tuple(filter(None, (target.key, *(each for each in target.headers.values() if len(each) >= 6))))


def laid_over(body: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with an administrator's JSON laid over it: objects are merged, null takes a field away.

    What is PROTECTED stays as it is.
    """
    return _merged(body, {name: value for name, value in over.items() if name not in PROTECTED})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            under = merged.get(name)
            merged[name] = _merged(under if isinstance(under, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


async def facts_in(
    response: HttpResponse, reading: Reading, *, lines: bool = False
) -> AsyncGenerator[list[Fact], None]:
    """The facts of each event until the end marker; a broken line after an announced end is no failure."""
    frames = _Lines(PICTURE) if lines else _Events()
    body: bytearray | None = None  # of an answer that is one JSON object
    began = False
    async with aclosing(response.aiter_raw()) as chunks:
        try:
            async for chunk in chunks:
                if not began:
                    began = True
                    body = bytearray() if _is_whole(response, chunk, lines) else None
                if body is not None:
                    _gather(body, chunk)
                    continue
                for frame in frames.feed(chunk):
                    yield reading.read(frame)
                if reading.done:
                    await _linger(chunks)
                    return
        except TooLong as error:
            raise ProviderError.of("malformed", str(error)) from None
        except (NetworkFailed, TimedOut) as error:
            if not reading.ended:
                raise _broken(error) from None
    rest = bytes(body or b"") or frames.rest()
    if rest:
        yield reading.read(rest)


class _Events:
    """The data of server-sent events; one without its blank line is none."""

    def __init__(self) -> None:
        self._parser = EventParser(PICTURE, PICTURE)

    def feed(self, chunk: bytes) -> list[bytes]:
        return [event.data for event in self._parser.feed(chunk)]

    def rest(self) -> bytes:
        return b""


class _Lines(LineSplitter):
    """Lines of JSON; the last may lack its end, unless it lacks more."""

    def rest(self) -> bytes:
        rest = super().rest()
        return rest if rest.endswith(b"}") and json_or_none(rest.decode("utf-8", "replace")) else b""


def _is_whole(response: HttpResponse, start: bytes, lines: bool) -> bool:
    """Whether the body is one JSON object and not events; what it is labelled as may be wrong."""
    kind = response.headers.get("content-type", "").lower()
    mark = start.lstrip()[:1]
    if mark == b"<":
        raise ProviderError.of("malformed", WEB_PAGE)
    if lines:
        return kind.startswith("application/json")
    return mark == b"{" or ("json" in kind and "stream" not in kind and "seq" not in kind)


def _gather(body: bytearray, chunk: bytes) -> None:
    body += chunk
    if len(body) > MAX_BODY:
        raise ProviderError.of("malformed", "the answer is too large")


def _broken(error: HttpError) -> Exception:
    """Silence stays a timeout; a line that was cut is an answer that broke off."""
    return error if isinstance(error, TimedOut) else ProviderError.of("incomplete", str(error))


async def _linger(chunks: AsyncIterator[bytes]) -> None:
    """Read the end of the body, so that the connection can be used again."""
    try:
        async with asyncio.timeout(LINGER):
            async for _rest in chunks:
                pass
    except (TimeoutError, HttpError):
        pass
