"""Every way an upstream fails, at every kind of provider: the right class, the text so far, soon."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.lib.http import HttpClient, Patience
from parley.providers.base import REGISTRY, Fact, Finished, ProviderError, Target
from tests.adapters.kinds import IMPATIENT, KEY, SERVED, Bench, asking, failure, said, text_in
from tests.adapters.test_http import certificate, serving
from tests.upstream import text_of
from tests.upstream.dialects import DIALECTS

CLASSES = {
    "401": "authentication",
    "429": "rate_limit",
    "quota": "quota",
    "context": "context_length",
    "filter": "content_filter",
    "invalid": "invalid_request",
    "no-model": "model_not_found",
    "500": "server",
    "503": "overloaded",
}
RETRYABLE = {"rate_limit", "overloaded", "server", "network", "timeout", "incomplete"}
ELSEWHERE = {"html-502": "server", "redirect": "model_not_found", "wrong-type": "malformed"}
# What breaks an answer, at each place.
BREAKS = {
    "hang-body": {"timeout"},
    "only-alive": {"timeout"},
    "drip": {"timeout"},
    "reset": {"incomplete"},
    "truncated": {"incomplete"},
    "bad-json": {"malformed"},
    "error-in-stream": {"overloaded", "server"},
    "limit-in-stream": {"rate_limit", "server"},  # Ollama has nothing but words for it
}
SILENCES = ["hang-body", "only-alive", "drip"]  # told by patience: all at once, they take their time


def soon() -> asyncio.Timeout:
    """A second or two, and what this machine may lose to others."""
    return asyncio.timeout(30)


def vendors_words(bench: Bench, fault: str) -> str:
    """The beginning of the vendor's own message."""
    body = bench.dialect.faults[fault].body
    error = body.get("error", "")
    words = error if isinstance(error, str) else error["message"]
    return " ".join(words.split("({key})")[0].split("{")[0].split())[:40].removeprefix("* ")


@pytest.mark.parametrize("fault", list(CLASSES))
@pytest.mark.parametrize("stream", [True, False])
async def test_each_error_of_the_vendor_has_its_class_and_its_words(
    bench: Bench, fault: str, stream: bool
) -> None:
    if fault not in bench.dialect.faults:
        pytest.skip("the vendor has no such error")
    async with soon():
        text, error = await failure(bench.at().stream(asking(f"fault={fault}", stream=stream)))
    assert text == ""
    assert error.code == CLASSES[fault], error.message
    assert error.retryable is (CLASSES[fault] in RETRYABLE)
    if fault != "filter" or bench.name != "gemini":  # whose refusal has a reason but no words
        assert vendors_words(bench, fault) in error.message


@pytest.mark.parametrize("fault", list(ELSEWHERE))
@pytest.mark.parametrize("stream", [True, False])
async def test_what_others_on_the_way_say_is_never_an_answer(bench: Bench, fault: str, stream: bool) -> None:
    text, error = await failure(bench.at().stream(asking(f"fault={fault}", stream=stream)))
    assert (text, error.code) == ("", ELSEWHERE[fault])
    assert "<" not in error.message


@pytest.mark.parametrize("stream", [True, False])
async def test_an_error_object_inside_a_200_is_an_error(bench: Bench, stream: bool) -> None:
    text, error = await failure(bench.at().stream(asking("fault=error-in-200", stream=stream)))
    assert (text, error.code) == ("", "overloaded")


@pytest.mark.parametrize(("wait", "low", "high"), [("7", 7, 7), ("date:9", 7.5, 9), ("none", None, None)])
async def test_the_vendors_wait_is_kept(
    bench: Bench, wait: str, low: float | None, high: float | None
) -> None:
    if not bench.dialect.sends_retry_after:
        pytest.skip("the vendor says it elsewhere or not at all")
    _text, error = await failure(bench.at(f"fault=429,retry_after={wait}").stream(asking("")))
    if low is None or high is None:
        assert error.retry_after is None or error.retry_after > 0
    else:
        assert error.retry_after is not None
        assert low <= error.retry_after <= high


@pytest.mark.parametrize("bench", ["gemini"], indirect=True)
async def test_gemini_says_its_wait_in_the_body(bench: Bench) -> None:
    _text, error = await failure(bench.at("fault=429,retry_after=7").stream(asking("")))
    assert error.retry_after == 7


@pytest.mark.parametrize(
    "faults", [SILENCES, *([each] for each in BREAKS if each not in SILENCES)], ids="+".join
)
async def test_a_break_keeps_exactly_what_was_sent(bench: Bench, faults: list[str]) -> None:
    """Before the first byte, in the middle, before the last."""
    patience = Patience(connect=5.0, headers=1.0, idle=1.0, total=1.5)

    async def at(fault: str, place: str) -> tuple[str, ProviderError]:
        ask = asking(f"fault={fault},at={place},after=10,tokens=25,speed=0", f"key={fault}-{place}")
        return await failure(bench.at(patience=patience).stream(ask))

    places = {"first": 0, "mid": 10, "last": 25}
    breaks = [(fault, place) for fault in faults for place in places]
    async with soon():
        ended = await asyncio.gather(*(at(*each) for each in breaks))
    for (fault, place), (text, error) in zip(breaks, ended, strict=True):
        assert text == text_of(f"{fault}-{place}", places[place])
        expected = {"network", "incomplete"} if (fault, place) == ("reset", "first") else BREAKS[fault]
        assert error.code in expected, error.message
        assert bench.name == "ollama" or fault != "limit-in-stream" or error.code == "rate_limit"
        assert error.retryable is (error.code in RETRYABLE)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("hang-body", {"timeout"}),
        ("reset", {"incomplete", "network"}),
        ("truncated", {"incomplete", "network"}),
        ("bad-json", {"malformed"}),
    ],
)
async def test_half_an_answer_at_once_is_no_answer(bench: Bench, fault: str, codes: set[str]) -> None:
    async with soon():
        ask = asking(f"fault={fault}", stream=False)
        text, error = await failure(bench.at(patience=IMPATIENT).stream(ask))
    assert text == ""
    assert error.code in codes, error.message


@pytest.mark.parametrize("fault", ["401", "500"])
async def test_no_secret_of_the_connection_is_repeated(bench: Bench, fault: str) -> None:
    at = bench.at(f"fault={fault},echo=x-gateway", headers={"X-Gateway": "s3cret-of-the-gateway"})
    _text, error = await failure(at.stream(asking("")))
    assert "s3cret" not in error.message


async def test_silence_before_the_headers_ends_with_a_timeout(bench: Bench) -> None:
    asks = [asking("fault=hang-headers", stream=stream) for stream in (True, False)]
    async with soon():
        ended = await asyncio.gather(*(failure(bench.at(patience=IMPATIENT).stream(ask)) for ask in asks))
    for text, error in ended:
        assert (text, error.code, error.retryable) == ("", "timeout", True)


async def test_after_a_break_the_next_answer_is_whole(bench: Bench) -> None:
    """And so is one that runs meanwhile over the same client."""
    steady = asyncio.create_task(bench.facts("tokens=30,speed=100", "key=steady"))
    for fault in ("reset", "truncated", "bad-json", "500"):
        await failure(bench.at().stream(asking(f"fault={fault},tokens=20,speed=0", "key=poor")))
        assert text_in(await bench.facts("tokens=5,speed=0", "key=next")) == text_of("next", 5)
    assert text_in(await steady) == text_of("steady", 30)


async def test_a_line_of_a_megabyte_is_read(bench: Bench) -> None:
    """Pictures come in lines as long as this."""
    async with soon():
        facts = await bench.facts("tokens=6,speed=0,line=1MB", "key=long")
    assert text_in(facts).startswith(text_of("long", 3) + "x" * 1_000_000)
    assert facts[-1] == Finished("stop")


async def test_a_line_without_an_end_is_malformed(bench: Bench) -> None:
    async with soon():
        text, error = await failure(bench.at().stream(asking("tokens=6,speed=0,line=30MB", "key=long")))
    assert (text, error.code) == (text_of("long", 3), "malformed")


async def test_usage_that_is_missing_is_no_fault(bench: Bench) -> None:
    facts = await bench.facts("tokens=6,speed=0,usage=0", "key=uncounted")
    assert (text_in(facts), facts[-1]) == (text_of("uncounted", 6), Finished("stop"))


async def test_a_key_that_is_refused_does_not_harm_another(bench: Bench) -> None:
    url, auth = f"bad_key={KEY}", "bearer" if bench.name == "ollama" else ""
    _text, error = await failure(bench.at(url, auth=auth).stream(asking("", "key=keys")))
    assert error.code == "authentication"
    other = bench.at(url, auth=auth, key="sk-another-0123456789")
    assert text_in(await said(other.stream(asking("speed=0", "key=keys")))) == text_of("keys", 40)


# Before a byte is sent: no server needed, and no patience but for connecting


def lost(name: str, url: str, http: HttpClient, connect: float = 0.5) -> AsyncIterator[Fact]:
    """A stream of a kind at an address."""
    kind = REGISTRY.get(name)
    path = DIALECTS[name].base
    options = {each.name: each.default for each in kind.options}
    target = Target(url + path, KEY, options=options, patience=Patience(connect=connect, headers=5, idle=5))
    return kind.make(target, http).stream(asking(""))


@contextlib.asynccontextmanager
async def client(addresses: list[str] | BaseException | None) -> AsyncIterator[HttpClient]:
    """A client whose names resolve to this; None is never."""

    async def resolver(_host: str, _port: int) -> list[str]:
        if isinstance(addresses, BaseException):
            raise addresses
        if addresses is None:
            await asyncio.sleep(3600)
        return addresses or []

    http = HttpClient(resolver=resolver)
    try:
        yield http
    finally:
        await http.aclose()


@pytest.mark.parametrize("name", SERVED)
async def test_a_closed_port_is_told_at_once(name: str) -> None:
    async with client(["127.0.0.1"]) as http, soon():
        text, error = await failure(lost(name, "http://closed.example:1", http))
    assert (text, error.code, error.retryable) == ("", "network", True)
    assert "connection refused" in error.message


@pytest.mark.parametrize("name", SERVED)
async def test_a_name_that_nobody_knows_is_told_at_once(name: str) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    async with client(unknown) as http, soon():
        _text, error = await failure(lost(name, "http://nowhere.example", http))
    assert (error.code, error.retryable) == ("network", True)
    assert "cannot be resolved" in error.message


@pytest.mark.parametrize("name", SERVED)
async def test_a_name_server_that_is_silent_is_a_timeout(name: str) -> None:
    async with client(None) as http, soon():
        _text, error = await failure(lost(name, "http://nowhere.example", http))
    assert (error.code, error.retryable) == ("timeout", True)


@pytest.mark.parametrize("name", SERVED)
async def test_a_certificate_nobody_signed_is_told(name: str, tmp_path: Path) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    pem, secret = certificate(tmp_path, "self.example")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem, secret)
    async with serving(talk, served) as port, client(["127.0.0.1"]) as http, soon():
        # The keys of a handshake take their time on a busy machine.
        _text, error = await failure(lost(name, f"https://self.example:{port}", http, connect=10))
    assert error.code == "network"
    assert "certificate is not valid" in error.message


@pytest.mark.parametrize("name", SERVED)
async def test_a_server_that_does_not_shake_hands_is_a_timeout(name: str) -> None:
    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(talk) as port, client(["127.0.0.1"]) as http, soon():
        _text, error = await failure(lost(name, f"https://mute.example:{port}", http))
    assert error.code == "timeout"


# The list of models


@pytest.mark.parametrize("fault", ["401", "429", "500", "html-502", "redirect", "wrong-type", "error-in-200"])
async def test_a_refused_list_is_an_error(bench: Bench, fault: str) -> None:
    with pytest.raises(ProviderError) as refused:
        await bench.at(f"fault={fault}").models()
    expected = {**CLASSES, **ELSEWHERE}.get(fault, refused.value.code)
    assert refused.value.code == expected
    assert KEY not in refused.value.message
