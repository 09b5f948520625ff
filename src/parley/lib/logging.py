"""Structured logs: one line per request and per job; ids and figures, never texts or secrets.

On a terminal the lines are for eyes, elsewhere each is one JSON object. The standard library's
loggers (uvicorn, litestar, arq) end in the same place and form.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from structlog.typing import Processor

from parley.lib.logfiles import RotatingFile
from parley.lib.scrubbing import scrubbed

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# In these addresses the rest is the right to read the page, like a password (sharing/queries.py).
BEARER_PATHS = re.compile(r"(?:(?<=/s/)|(?<=/reset/))[A-Za-z0-9_-]{32,}")
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all controls but tab and new line
QUIET_PATHS = ("/healthz", "/readyz")  # asked every few seconds by machines: debug lines
NOISY = {  # what they say at info is said by our own lines; at debug Anthropic's SDK tells whole requests
    "anthropic": "warning",
    "arq": "warning",
    "asyncio": "warning",
    "httpcore": "warning",
    "httpx": "warning",
    "httpx2": "warning",
    "piccolo": "warning",
    "uvicorn.access": "error",
    "uvicorn.error": "warning",
}
# What uvicorn warns of when somebody asks for a WebSocket; that anybody can, and the test of the proxy does.
UPGRADES = ("Unsupported upgrade request.", "No supported WebSocket library detected")

log = structlog.get_logger()


_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request being answered, or ""."""
    return _request_id.get()


def configure_logging(
    level: str, *, process: str, stream: TextIO | None = None, files: Path | None = None
) -> None:
    """Send every log of this process from `level` up to `stream` (default stderr) and to the folder `files`.

    `process` names it on each line ("web", "worker"). JSON, scrubbed, unless the stream is a terminal.
    """
    stream = stream or sys.stderr
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _naming(process),
    ]
    if stream.isatty():
        last: list[Processor] = [_harmless, structlog.dev.ConsoleRenderer(colors=True)]
    else:
        last = _AS_JSON
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *chain,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    handlers[0].setFormatter(_formatter(chain, last))
    for earlier in logging.getLogger().handlers:
        if isinstance(earlier, _IntoFile):
            earlier.close()  # lets go of its file, which is taken again below
    if files is not None:
        with contextlib.suppress(OSError):  # a folder that cannot be written is the page's loss only
            handlers.append(_IntoFile(RotatingFile(files, process)))
            handlers[1].setFormatter(_formatter(chain, _AS_JSON))
    logging.basicConfig(handlers=handlers, level=level.upper(), force=True)
    quieten()


class _IntoFile(logging.Handler):
    """Lines into a file of this process."""

    def __init__(self, file: RotatingFile) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        self._file.write(self.format(record))

    def close(self) -> None:
        self._file.close()
        super().close()


def _as_json(logger: Any, method: str, event: Any) -> str:
    return scrubbed(str(_JSON(logger, method, event)))


def _harmless(_logger: Any, _method: str, event: Any) -> Any:
    """What a terminal shows: scrubbed like the files, and nothing in it steers the terminal."""
    plain = dict(structlog.processors.format_exc_info(_logger, _method, event))
    return {name: _visible(_scrubbed_field(name, value)) for name, value in plain.items()}


def _scrubbed_field(name: str, value: Any) -> Any:
    if not isinstance(value, str | dict | list | tuple):
        return value
    beginning = f"{name}="
    return scrubbed(f"{beginning}{value}").removeprefix(beginning)


def _visible(value: Any) -> Any:
    return STEERING.sub(lambda found: f"\\x{ord(found[0]):02x}", value) if isinstance(value, str) else value


_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)
_AS_JSON: list[Processor] = [structlog.processors.format_exc_info, _as_json]


def _formatter(chain: list[Processor], last: list[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def set_level(level: str) -> None:
    """From now on this process logs from `level` up."""
    logging.getLogger().setLevel(level.upper())


def quieten() -> None:
    """Keep the libraries' own lines out; again after the import of one that turns itself up."""
    for name, at_least in NOISY.items():
        logging.getLogger(name).setLevel(at_least.upper())
    logging.getLogger("uvicorn.error").addFilter(_is_no_upgrade)


def _is_no_upgrade(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(UPGRADES)


def _naming(process: str) -> Processor:
    def name(_logger: Any, _method: str, event: Any) -> Any:
        event.setdefault("process", process)
        if asked := _request_id.get():
            event.setdefault("request_id", asked)
        return event

    return name


class AccessLog:
    """ASGI middleware: gives each request an id and logs one line when its answer is complete.

    The id is taken from `X-Request-ID` when that is well-formed (it only names lines) and always
    answered in the same header. Paths are logged without their query and without the secret of a shared
    page. Whoever asked is read from
    the scope's state, where the guards keep the actor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        kind: str = scope["type"]
        if kind != "http":
            await self.app(scope, receive, send)
            return
        asked = _asked_id(scope) or secrets.token_hex(8)
        token = _request_id.set(asked)
        began = time.perf_counter()
        status = 500  # what the server answers when the application raises

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-request-id", asked.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            ms = round((time.perf_counter() - began) * 1000, 1)
            _log_request(scope, status, ms)
            _request_id.reset(token)


def _log_request(scope: Any, status: int, ms: float) -> None:
    actor = getattr(scope.get("state", {}).get("actor"), "id", None)
    write = log.debug if scope["path"].endswith(QUIET_PATHS) else log.info
    path = BEARER_PATHS.sub("…", scope["path"])
    write("request", method=scope["method"], path=path, status=status, ms=ms, actor=actor)


def _asked_id(scope: Any) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if REQUEST_ID.fullmatch(text) else None
    return None
