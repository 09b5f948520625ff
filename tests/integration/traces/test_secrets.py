"""Planted secrets come back from a hostile upstream, and are nowhere but in ciphertext."""

from __future__ import annotations

import pytest

from parley.lib.db import Database
from tests.integration.connections.conftest import KEY, connect
from tests.integration.traces.conftest import Traced

pytestmark = pytest.mark.one_engine

TENANT = "canary-tenant-7f3a9c1b2d"


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
