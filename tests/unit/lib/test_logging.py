"""One line per request and per job, without texts."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from parley.lib.logging import AccessLog, configure_logging, request_id


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("info", process="web", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@dataclass
class Asking:
    id: int


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def ask(path: str, headers: list[tuple[bytes, bytes]], *, fails: bool = False) -> list[Any]:
    """Send one request through the middleware; returns what the client would receive."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"actor": Asking(7)}
        if fails:
            raise RuntimeError("broken")
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": request_id().encode()})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"q=private",
        "headers": headers,
    }
    await AccessLog(app)(scope, receive, send)
    return sent


async def test_the_secret_of_a_shared_page_is_in_no_line(lines: io.StringIO) -> None:
    await ask(f"/chats/s/{'t' * 43}/files/7", [])
    assert written(lines)[0]["path"] == "/chats/s/…/files/7"


async def test_a_request_is_one_line_with_the_actor_and_without_the_query(lines: io.StringIO) -> None:
    sent = await ask("/chat", [])
    [line] = written(lines)
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "POST", "/chat", 201)
    assert (line["actor"], line["process"], line["level"]) == (7, "web", "info")
    assert line["ms"] >= 0
    assert "private" not in lines.getvalue()
    assert sent[0]["headers"] == [(b"x-request-id", line["request_id"].encode())]
    assert sent[1]["body"].decode() == line["request_id"]


async def test_a_well_formed_request_id_is_kept(lines: io.StringIO) -> None:
    await ask("/chat", [(b"x-request-id", b"proxy-12345678")])
    assert written(lines)[0]["request_id"] == "proxy-12345678"


@pytest.mark.parametrize("sneaky", [b"short", b'x" injected="1234', b"a" * 65, b"line\nbreak-123"])
async def test_any_other_request_id_is_replaced(lines: io.StringIO, sneaky: bytes) -> None:
    await ask("/chat", [(b"x-request-id", sneaky)])
    assert len(written(lines)[0]["request_id"]) == 16


async def test_a_request_that_raises_is_logged_as_500(lines: io.StringIO) -> None:
    with pytest.raises(RuntimeError):
        await ask("/chat", [], fails=True)
    assert written(lines)[0]["status"] == 500


async def test_probes_are_not_logged_at_info(lines: io.StringIO) -> None:
    await ask("/parley/readyz", [])
    assert lines.getvalue() == ""


def test_libraries_log_in_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("Started server process [%d]", 12)
    [line] = written(lines)
    assert (line["event"], line["process"]) == ("Started server process [12]", "web")


def test_outside_a_request_there_is_no_request_id() -> None:
    assert request_id() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("lines")
def test_a_terminal_shows_no_secret_and_obeys_no_line() -> None:
    shown = Terminal()
    configure_logging("info", process="web", stream=shown)
    log = structlog.get_logger("terminal")
    log.info("said", password="hunter22", path="/a\x1b]0;title\x07\x9b2J", headers={"cookie": "abcdef"})
    logging.getLogger("other").warning("postgresql://me:s3cr3t@db/x")
    try:
        raise ValueError("Authorization: Bearer abc.def-123456")
    except ValueError:
        log.exception("failed")
    text = shown.getvalue()
    for secret in ("hunter22", "abcdef", "s3cr3t", "abc.def", "\x1b]0", "\x07", "\x9b"):
        assert secret not in text
    assert "ValueError" in text
    assert "title" in text
