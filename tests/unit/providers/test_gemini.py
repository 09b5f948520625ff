"""What Gemini says, and how it is asked over a wire."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parley.lib.http import HttpClient
from parley.providers.base import (
    Dropped,
    Finished,
    ImageOutput,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    Turn,
    UsageReport,
)
from parley.providers.gemini import GeminiProvider
from parley.providers.gemini_reading import GeminiReading, refused
from parley.providers.gemini_request import OWN_ID
from parley.providers.sampling import Sampling
from tests.unit.providers.scripted import Answer, heard, scripted, streamed, whole

KEY = "AIza-canary-0123456789"
SSE = "text/event-stream"
USER = Turn("user", "hello")
# ai.google.dev/gemini-api/docs/thinking: a thought, two pieces, the end with the counts.
CHUNKS: list[dict[str, Any]] = [
    {"candidates": [{"content": {"parts": [{"text": "Hm.", "thought": True}], "role": "model"}, "index": 0}]},
    {"candidates": [{"content": {"parts": [{"text": "你好 "}], "role": "model"}, "index": 0}]},
    {
        "candidates": [
            {
                "content": {"parts": [{"text": "🙂", "thoughtSignature": "c2ln"}], "role": "model"},
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 9,
            "candidatesTokenCount": 4,
            "thoughtsTokenCount": 30,
            "cachedContentTokenCount": 5,
            "totalTokenCount": 43,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
        },
        "modelVersion": "gemini-2.5-flash",
        "responseId": "x1",
    },
]
FACTS = [
    ReasoningDelta("Hm."),
    TextDelta("你好 "),
    TextDelta("🙂"),
    ThoughtState("c2ln"),
    UsageReport(9, 34, 30, 5),
    Finished("stop"),
]


def sse(*chunks: Any) -> bytes:
    """Chunks as the API frames them."""
    return b"".join(
        b"data: " + json.dumps(each, ensure_ascii=False).encode() + b"\r\n\r\n" for each in chunks
    )


def prompt(*turns: Turn, model: str = "gemini-2.5-flash", **more: Any) -> Prompt:
    """A prompt that ends with these turns."""
    return Prompt(model, turns or (USER,), **more)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client of this loop."""
    client = HttpClient()
    yield client
    await client.aclose()


async def said(http: HttpClient, answer: Answer, asked: Prompt | None = None) -> Any:
    """The facts and the failure of one answer."""
    async with scripted(answer) as server:
        return await heard(GeminiProvider(Target(server.url, KEY), http), asked or prompt())


# --- what comes back


def read(*chunks: Any) -> list[Any]:
    """The facts in these chunks, to the end."""
    reading = GeminiReading((KEY,))
    return [fact for chunk in chunks for fact in reading.read(json.dumps(chunk).encode())] + reading.last()


def chunk(*parts: Any, reason: str = "") -> dict[str, Any]:
    """A chunk with these parts."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
    return {"candidates": [candidate | ({"finishReason": reason} if reason else {})]}


def test_chunks_and_the_array_of_them_say_the_same() -> None:
    assert read(*CHUNKS) == FACTS
    assert read(CHUNKS) == FACTS


def test_calls_come_whole_with_ids_and_signatures() -> None:
    first = {"functionCall": {"name": "f", "args": {"a": [1]}, "id": "x"}, "thoughtSignature": "c2ln"}
    facts = read(chunk(first, {"functionCall": {"name": "g"}}), chunk(reason="STOP"))
    assert facts[0] == ToolCallDelta(0, "x", "f", '{"a": [1]}', "c2ln")
    assert (facts[1].index, facts[1].name, facts[1].arguments) == (1, "g", "{}")
    assert facts[1].id.startswith(OWN_ID)
    assert facts[-1] == Finished("tool_calls")


def test_pictures_are_shown_but_not_sketches() -> None:
    data = base64.b64encode(b"\x89PNG").decode()
    drawn = {"inlineData": {"mimeType": "image/png", "data": data}}
    odd = [
        {"inlineData": {"mimeType": "image/png", "data": "%"}},
        {"inlineData": {"mimeType": "audio/wav", "data": data}},
    ]
    facts = read(chunk(drawn | {"thought": True}, *odd, {"text": "Here:"}, drawn, reason="STOP"))
    assert facts == [TextDelta("Here:"), ImageOutput("image/png", b"\x89PNG"), Finished("stop")]


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("OTHER", "stop"),
    ],
)
def test_ends(reason: str, ours: str) -> None:
    assert read(chunk({"text": "a"}, reason=reason))[-1] == Finished(ours)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (chunk({"text": "b"}), "incomplete"),
        (chunk(reason="MALFORMED_FUNCTION_CALL"), "malformed"),
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "content_filter"),
        ({"error": {"code": 503, "message": f"busy {KEY}", "status": "UNAVAILABLE"}}, "overloaded"),
        ({"error": {"message": "slow down", "code": "rate_limit"}}, "rate_limit"),
        (7, "malformed"),
    ],
)
def test_bad_ends(last: Any, code: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(chunk({"text": "a"}), last)
    assert caught.value.code == code
    assert KEY not in caught.value.message


def test_odd_json_is_read_as_far_as_it_makes_sense() -> None:
    reading = GeminiReading(())
    parts = b'[{"text":"a\\ud800","thought":"no"},{"text":5},7]'
    assert reading.read(b'{"candidates":[{"content":{"parts":%b},"finishReason":1}]}' % parts) == [
        TextDelta("a�")
    ]
    assert reading.read(b'{"candidates":[{"content":{"parts":[{"text":"b\xff"}]},"finishReason":"STOP"}]}')
    reading.read(b'{"usageMetadata":{"promptTokenCount":"many","candidatesTokenCount":2}}')
    assert reading.last() == [UsageReport(0, 2), Finished("stop")]


# --- errors


def google(status: str, message: str, *details: Any) -> dict[str, Any]:
    """An error body."""
    return {"error": {"code": 400, "message": message, "status": status, "details": list(details)}}


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20.5s"}
PLAN = "You exceeded your current quota, please check your plan and billing details."


def violated(quota: str) -> dict[str, Any]:
    """The quota that was exceeded."""
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota}]}


BAD_KEY = google("INVALID_ARGUMENT", "API key not valid.", {"reason": "API_KEY_INVALID"})
TOO_LONG = "The input token count (9) exceeds the maximum number of tokens allowed (8)."
MINUTE = violated("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")
DAY = violated("GenerateRequestsPerDayPerProjectPerModel-FreeTier")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, BAD_KEY, "authentication"),
        (403, google("PERMISSION_DENIED", "no"), "authentication"),
        (404, google("NOT_FOUND", "models/x is not found"), "model_not_found"),
        (429, google("RESOURCE_EXHAUSTED", PLAN), "quota"),
        (429, google("RESOURCE_EXHAUSTED", "Resource exhausted. Try again."), "rate_limit"),
        (400, google("INVALID_ARGUMENT", TOO_LONG), "context_length"),
        (400, google("INVALID_ARGUMENT", "Penalty is not enabled"), "invalid_request"),
        (400, google("FAILED_PRECONDITION", "User location is not supported"), "invalid_request"),
        (503, [google("UNAVAILABLE", "The model is overloaded.")], "overloaded"),
        (500, google("INTERNAL", "oops"), "server"),
        (504, google("DEADLINE_EXCEEDED", "late"), "timeout"),
        (401, {"error": "who?"}, "authentication"),
        (502, None, "server"),
    ],
)
def test_refusals(status: int, body: Any, code: str) -> None:
    assert refused(status, {}, body, "", (KEY,)).code == code


@pytest.mark.parametrize(
    ("body", "headers", "code", "wait"),
    [
        (google("RESOURCE_EXHAUSTED", PLAN, MINUTE, RETRY), {}, "rate_limit", 20.5),
        (google("RESOURCE_EXHAUSTED", PLAN, MINUTE, RETRY), {"retry-after": "3"}, "rate_limit", 3),
        (google("RESOURCE_EXHAUSTED", PLAN, MINUTE, DAY, RETRY), {}, "quota", 20.5),
        (google("RESOURCE_EXHAUSTED", f"{PLAN} limit: 0. Please retry in 9.25s."), {}, "quota", 9.25),
    ],
)
def test_how_long_to_wait(body: Any, headers: dict[str, str], code: str, wait: float) -> None:
    error = refused(429, headers, body, "", (KEY,))
    assert (error.code, error.retry_after) == (code, wait)


# --- over a wire


async def test_every_split_of_an_answer_says_the_same(http: HttpClient) -> None:
    body = sse(*CHUNKS)
    for at in range(0, len(body), 7):
        facts, error = await said(http, streamed(SSE, *(each for each in (body[:at], body[at:]) if each)))
        assert (facts, error) == (FACTS, None), at


async def test_the_request_is_what_google_documents(http: HttpClient) -> None:
    async with scripted(streamed(SSE, sse(*CHUNKS)), whole(200, json.dumps(CHUNKS[2]).encode())) as server:
        target = Target(
            server.url + "/v1beta/",
            KEY,
            headers={"X-Team": "blue", "Host": "evil"},
            body={"contents": [], "systemInstruction": 1, "generationConfig": {"mediaResolution": "LOW"}},
        )
        provider = GeminiProvider(target, http)
        await heard(provider, prompt())
        facts, _ = await heard(provider, prompt(stream=False))
        bearer = Target(server.url, KEY, auth="bearer")
        await heard(GeminiProvider(bearer, http), prompt(stream=False))
    first, second, third = server.requests
    assert (first.path, first.query) == (
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
        {"alt": ["sse"]},
    )
    assert (first.headers["x-goog-api-key"], first.headers["x-team"]) == (KEY, "blue")
    assert "authorization" not in first.headers
    assert first.headers["host"].startswith("127.")
    assert first.json() == {
        "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}, "mediaResolution": "LOW"},
    }
    assert second.path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert facts == FACTS[2:]
    assert third.headers["authorization"] == f"Bearer {KEY}"
    assert "x-goog-api-key" not in third.headers
    assert server.connections == 1, "the connection was not used again"


async def test_dropped_comes_first_and_a_broken_stream_keeps_its_text(http: HttpClient) -> None:
    asked = prompt(sampling=Sampling(presence_penalty=1.0))
    facts, error = await said(http, streamed(SSE, sse(*CHUNKS[:2])), asked)
    assert facts == [Dropped(("presence_penalty",)), *FACTS[:2]]
    assert (error.code, error.retryable) == ("incomplete", True)


async def test_closing_closes_the_request_at_once(http: HttpClient) -> None:
    async with scripted(streamed(SSE, sse(CHUNKS[1]), ends=False)) as server:
        stream = GeminiProvider(Target(server.url, KEY), http).stream(prompt())
        assert await anext(stream) == TextDelta("你好 ")
        await stream.aclose()  # type: ignore[attr-defined]
        await server.gone.wait()


async def test_a_picture_may_be_one_long_line(http: HttpClient) -> None:
    data = bytes(range(256)) * 8192  # 2 MB
    drawn = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}}
    facts, error = await said(http, streamed(SSE, sse(chunk(drawn, reason="STOP"))))
    assert (facts, error) == ([ImageOutput("image/png", data), Finished("stop")], None)


async def test_errors_over_the_wire(http: HttpClient) -> None:
    body = json.dumps(
        [google("INVALID_ARGUMENT", f"API key not valid: {KEY}", {"reason": "API_KEY_INVALID"})]
    )
    facts, error = await said(http, whole(400, body.encode()))
    assert (facts, error.code) == ([], "authentication")
    assert KEY not in error.message
    assert "HTTP 400" in error.message
    _, error = await said(http, whole(200, b"<!doctype html>", kind="text/html"))
    assert error.code == "malformed"


async def test_models_page_by_page(http: HttpClient) -> None:
    flash = {
        "name": "models/gemini-2.5-flash",
        "displayName": "Gemini 2.5 Flash",
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": True,
    }
    old = {"name": "models/gemini-2.0-flash", "supportedGenerationMethods": ["generateContent"]}
    others = [
        {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/imagen-4", "supportedGenerationMethods": ["predict"]},
        {"name": "models/veo-3", "supportedGenerationMethods": ["predictLongRunning"]},
        {"name": "has space"},
        {},
    ]
    pages = [{"models": [flash, old], "nextPageToken": "t/2"}, {"models": others}]
    async with scripted(*(whole(200, json.dumps(page).encode()) for page in pages)) as server:
        models = await GeminiProvider(Target(server.url, KEY), http).models()
    assert [request.query for request in server.requests] == [
        {"pageSize": ["1000"]},
        {"pageSize": ["1000"], "pageToken": ["t/2"]},
    ]
    assert models[0] == ModelInfo(
        "gemini-2.5-flash", "Gemini 2.5 Flash", "chat", ("reasoning",), (), 1048576, 65536
    )
    assert models[1] == ModelInfo("gemini-2.0-flash", "gemini-2.0-flash", "chat", denied=("reasoning",))
    assert [model.kind for model in models[2:]] == ["embedding", "image", "other"]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, google("INVALID_ARGUMENT", "API key expired."), "authentication"),
        (200, {"data": []}, "malformed"),
        (404, None, "model_not_found"),
    ],
)
async def test_models_that_cannot_be_listed(http: HttpClient, status: int, body: Any, code: str) -> None:
    async with scripted(whole(status, json.dumps(body).encode())) as server:
        with pytest.raises(ProviderError) as caught:
            await GeminiProvider(Target(server.url, KEY), http).models()
    assert caught.value.code == code
