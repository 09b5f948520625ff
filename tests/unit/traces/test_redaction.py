"""Nothing that opens a door gets into a trace."""

from __future__ import annotations

import pytest

from parley.lib.scrubbing import scrubbed
from parley.traces import redaction
from parley.traces.exchanges import Watch
from parley.traces.recorder import Recorder

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
LOOKS = [
    "Authorization: Bearer canary-1234567890",
    "authorization=Basic Y2FuYXJ5OmNhbmFyeQ==",
    '{"api_key": "canary-value-123"}',
    '{\\"apiKey\\":\\"canary-value-123\\"}',
    "Incorrect API key provided: sk-proj-canary0123456789abcdef.",
    "https://canary:canary-pass@example.org/v1",
    "https://example.org/v1?key=canary-123&alt=sse",
    "https://example.org/x?X-Amz-Signature=canary0123&a=1",
    "GET /v1?access_token=canary-abcdef",
    "AKIACANARYCANARY1234",
    "ghp_canarycanarycanary1234",
    "AIzacanarycanarycanarycanary12",
    "xoxb-canary-123456",
    "Set-Cookie: parley_login=canary-cookie-value; Path=/",
    "password: canary-hunter2",
    JWT.replace("eyJzdWIi", "canaryyy"),
    "-----BEGIN RSA PRIVATE KEY-----\ncanary\ncanary\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\ncanary that was cut",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\ncanary\n-----END PGP PRIVATE KEY BLOCK-----",
    "canary whose beginning was cut off\n-----END PRIVATE KEY-----",
    "Cookie: a=b; sid=canary-cookie-value",
    "aws_secret_access_key = canary/K7MDENG/bPxRfi",
]


@pytest.mark.parametrize("text", LOOKS)
def test_a_secret_is_known_by_its_looks(text: str) -> None:
    assert "canary" not in redaction.without_secrets(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 4096",
        '{"prompt_tokens":12345,"completion_tokens":678}',
        "https://example.org/v1/chat?model=gpt&stream=true",
        "The key to the garden is under the stone.",
        "token by token",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redaction.without_secrets(text) == text


@pytest.mark.parametrize("piece", ["a-", "eyJ-", "a_token-", "://a:", "-----BEGIN ", "&a", "x.", "secret:"])
def test_odd_words_take_no_time(piece: str) -> None:
    redaction.without_secrets(piece * 4000)  # backtracking would take half a minute
    scrubbed(piece * 4000)


def test_a_key_over_many_lines_of_an_answer_is_not_told_line_by_line() -> None:
    recorder = Recorder(1, 1, 100, lambda: None)
    watched = Watch(recorder).sent("POST", "https://me:canary-pass@h/v1?tenant=canary-tenant&alt=sse", {}, {})
    watched.arrived(b"-----BEGIN PRIVATE KEY-----\ncanary1\ncanary2\n-----END PRIVATE KEY-----\n")
    watched.arrived(b"x\n" * 9000 + b"canary3\n-----END PRIVATE KEY-----\ncanary-tenant\nend\n")
    watched.ended()
    whole = repr(recorder.take())
    assert "canary" not in whole
    assert f"https://h/v1?tenant={redaction.HIDDEN}&alt=sse" in whole


def test_a_value_is_known_by_the_name_above_it_although_that_is_not_told() -> None:
    recorder = Recorder(1, 1, 100, lambda: None)
    watched = Watch(recorder).sent("POST", "https://h/v1", {}, {})
    watched.arrived(b"x\n" * 9000 + b"secret\n\n=\n\ncanary-1\nend\n")
    watched.ended()
    whole = repr(recorder.take())
    assert '"end"' in whole
    assert "canary" not in whole


def test_of_a_long_stream_little_is_kept() -> None:
    recorder = Recorder(1, 1, 2000, lambda: None)
    watched = Watch(recorder).sent("POST", "https://h/v1", {}, {})
    for number in range(100_000):
        watched.arrived(b"data: %d\n\n" % number)
    watched.ended()
    for number in range(5000):
        recorder.note("tool", "t", {"arguments": {"text": "y" * (5000 if number < 20 else 50)}, "id": number})
    part = recorder.take()
    assert part is not None
    assert '"data: 99999"' in repr(part)
    assert len(part.events) == 2001
    assert sum(len(each.data) for each in part.events) < 2001 * 700


def test_a_known_value_goes_whatever_it_looks_like() -> None:
    known = ["plain words of canary"]
    assert redaction.clean({"a": ["said: plain words of canary!"]}, known) == {"a": ["said: [key]!"]}


def test_fields_are_hidden_by_their_names_and_counts_are_not() -> None:
    data = {"headers": {"x-custom-token": "v"}, "apiKey": "v", "max_tokens": 12, "key": "v", "keyboard": "v"}
    assert redaction.clean(data) == {
        "headers": {"x-custom-token": redaction.HIDDEN},
        "apiKey": redaction.HIDDEN,
        "max_tokens": 12,
        "key": redaction.HIDDEN,
        "keyboard": "v",
    }


def test_of_headers_only_the_harmless_are_told() -> None:
    given = {"Content-Type": "text/plain", "X-Tenant": "canary", "Retry-After": "2", "Cookie": "a=canary"}
    assert redaction.headers(given) == {
        "content-type": "text/plain",
        "x-tenant": redaction.HIDDEN,
        "retry-after": "2",
        "cookie": redaction.HIDDEN,
    }


def test_what_was_sent_in_a_header_is_not_told_when_it_comes_back() -> None:
    recorder = Recorder(1, 1, 100, lambda: None)
    body = {
        "messages": [{"role": "user", "content": "my canary-tenant-0001 is " + "x" * 999}],
        "max_tokens": 5,
    }
    watched = Watch(recorder).sent(
        "POST", "https://h/v1?key=canary", {"x-tenant": "canary-tenant-0001"}, body
    )
    watched.answered(200, {"x-echo": "canary-tenant-0001"})
    watched.arrived(b"data: {}\n\n" * 2000 + b"data: canary-tenant-0001\n\ndata: [DONE]\n\n")
    watched.ended("closed by canary-tenant-0001")
    part = recorder.take()
    assert part is not None
    assert [each.kind for each in part.events] == ["request", "response", "body"]
    whole = repr(part)
    assert "canary" not in whole
    assert '"max_tokens":5' in whole
    assert "x" * 300 not in whole
    assert "[DONE]" in whole
