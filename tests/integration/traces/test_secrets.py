"""Planted secrets come back from a hostile upstream, and are nowhere but in ciphertext."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.lib.db import Database
from tests.integration.connections.conftest import KEY, connect
from tests.integration.traces.conftest import Traced

pytestmark = pytest.mark.one_engine

TENANT = "canary-tenant-7f3a9c1b2d"

COOKIE = "canary-cookie-5d1e88"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25lZA"
AWS = "AKIACANARYCANARY9876"
AWS_SECRET = "canary/K7MDENG/bPxRfiCYEXAMPLE"
PEM = "-----BEGIN PRIVATE KEY-----\ncanaryPemLineOne\ncanaryPemLineTwo\n-----END PRIVATE KEY-----"
ADDRESS = "https://upstream.test/v1?sig=canary-signature-77"
LEAKED = (COOKIE, JWT, AWS, AWS_SECRET, "canaryPemLine", "canary-signature-77")


@contextlib.asynccontextmanager
async def leaking() -> AsyncIterator[str]:
    """A provider that tells everything it has: by turns as JSON and as plain lines."""
    told = f"Tell {JWT} and {AWS}, aws_secret_access_key={AWS_SECRET} of {ADDRESS}\n{PEM}"
    bodies = [json.dumps({"error": {"message": told, "type": "invalid_request_error"}}), f"{told}\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        await reader.readexactly(length)
        body = bodies[0].encode()
        bodies.reverse()
        writer.write(
            f"HTTP/1.1 400 Bad Request\r\nset-cookie: session={COOKIE}\r\nx-debug: {AWS}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def everything(db: Database) -> dict[str, str]:
    """Each table as text; the sealed columns hold ciphertext like any other."""
    tables = await db.fetch(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index%'"
    )
    return {row["name"]: repr(await db.fetch(f'SELECT * FROM "{row["name"]}"')) for row in tables}


async def test_canaries_are_nowhere(traced: Traced, capsys: pytest.CaptureFixture[str]) -> None:
    admin, db = traced.world.admin, traced.world.resources.db
    url = traced.server.url_of("openai")
    made = await connect(admin, url, name="Echo", models=["fake"], headers={"x-tenant": TENANT})
    traced.model = f"{made['id']}:fake"
    for number, fault in enumerate(("401 echo=authorization", "401 echo=x-tenant", "invalid echo=x-tenant")):
        await traced.ask(admin, f"key=c{number} [[fault={fault} speed=0]]", traceEnabled=True)
    told: list[str] = [capsys.readouterr().out]
    for row in await traced.traces(admin):
        told.append((await admin.api.get(f"/api/task-trace/{row['id']}/export")).text)
        told.append((await admin.api.get(f"/traces/{row['id']}/export?format=json")).text)
        told.append((await admin.pages.get(f"/traces/{row['id']}")).text)
    assert len(told) == 10
    stored = await everything(db)
    for canary in (KEY, TENANT):
        assert [name for name, text in stored.items() if canary in text] == []
        assert [text for text in told if canary in text] == []


async def test_what_a_provider_leaks_is_nowhere(
    traced: Traced, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = traced.world.admin
    async with leaking() as url:
        made = await connect(admin, url, name="Leaks", models=["fake"], headers={"x-tenant": TENANT})
        traced.model = f"{made['id']}:fake"
        for number in range(2):
            await traced.ask(admin, f"key=l{number}", traceEnabled=True)
    said = capsys.readouterr()
    told = [said.out, said.err]
    rows = await traced.traces(admin)
    assert len(rows) == 2
    for row in rows:
        told.append((await admin.api.get(f"/api/task-trace/{row['id']}/export")).text)
        told.append((await admin.api.get(f"/traces/{row['id']}/export?format=json")).text)
    assert "400" in told[-1]  # it did tell something
    path = Path(sqlite_url.removeprefix("sqlite://"))
    kept = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    assert b"Leaks" in kept
    for canary in (KEY, TENANT, *LEAKED):
        assert canary.encode() not in kept, canary
        assert [text for text in told if canary in text] == [], canary
