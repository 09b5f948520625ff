"""The pages, charts, files and JSON of usage, and who may see what."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.usage.jobs import keep_counted
from tests.integration.usage.spending import answer, spend
from tests.world import World

pytestmark = pytest.mark.one_engine


def call_it(name: str) -> Script[None]:
    yield "UPDATE model SET name = ? WHERE public_id = 'demo'", (name,)


async def some_use(world: World) -> None:
    """Two answers of the member's, one of the outsider's, one of somebody who is gone; all just now."""
    now = now_ms()
    db = world.resources.db
    member = world.member.id
    await spend(db, answer(member, now), answer(member, now, status="error", cost_nano=None))
    await spend(db, answer(world.outsider.id, now, prompt_tokens=7_000), answer(999_999, now))


async def test_everybody_sees_their_own_and_administrators_everybodys(world: World) -> None:
    await some_use(world)
    own = (await world.member.pages.get("/usage?days=7")).text
    assert "<dd>2</dd>" in own
    assert "outsider" not in own
    everybodys = (await world.admin.pages.get("/admin/usage")).text
    assert "<dd>4</dd>" in everybodys
    for name in ("member", "outsider", "A deleted account (999999)"):
        assert name in everybodys
    of_one = (await world.admin.pages.get(f"/admin/usage?user={world.outsider.id}")).text
    assert "<dd>1</dd>" in of_one
    assert "No usage in this period" in (await world.admin.pages.get("/usage")).text
    for path in ("/admin/usage", "/admin/usage/charts", "/admin/usage/usage.csv"):
        assert (await world.member.pages.get(path)).status_code == 404


async def test_the_charts_have_what_the_tables_say(world: World) -> None:
    await some_use(world)
    data = (await world.admin.pages.get("/admin/usage/charts?days=7")).json()["data"]
    read, cached, written, thought = (each["data"] for each in data["tokens"]["option"]["series"])
    assert len(read) == 7
    assert (sum(read), sum(cached), sum(written), sum(thought)) == (7_220, 80, 160, 40)
    assert sum(data["messages"]["option"]["series"][1]["data"]) == 1
    assert data["people"]["bars"] == 3
    own = (await world.member.pages.get("/usage/charts")).json()["data"]
    assert sum(own["cost"]["option"]["series"][0]["data"]) == pytest.approx(0.003)
    assert "people" not in own


async def test_a_file_holds_every_part_and_no_formula(world: World) -> None:
    await world.resources.db.write(call_it, "=HYPERLINK(1)")
    await some_use(world)
    answered = await world.admin.pages.get("/admin/usage/usage.csv")
    assert answered.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answered.text.removeprefix("\ufeff"))))
    assert sum(int(row["messages"]) for row in rows) == 4
    assert {row["model"] for row in rows} == {"'=HYPERLINK(1)"}
    assert {row["person"] for row in rows} == {"member", "outsider", "A deleted account (999999)"}
    own = await world.member.pages.get("/usage/usage.csv")
    assert "person" not in own.text.splitlines()[0]
    assert own.text.count("\r\n") == 2


async def test_programs_read_the_days(world: World) -> None:
    await some_use(world)
    own = (await world.member.api.get("/api/usage/daily")).json()["data"]
    assert (own["total"]["messages"], own["total"]["errors"], len(own["days"])) == (2, 1, 30)
    assert own["total"]["totalTokens"] == 300
    api = world.admin.api
    theirs = (await api.get(f"/api/usage/daily?user={world.outsider.id}&days=7")).json()["data"]
    assert (theirs["total"]["promptTokens"], len(theirs["days"])) == (7_000, 7)
    assert (await api.get("/api/usage/daily?user=all")).json()["data"]["total"]["messages"] == 4
    long_ago = (await api.get("/api/usage/daily?user=all&from=2001-01-01&to=2001-01-02")).json()["data"]
    assert (long_ago["from"], long_ago["total"]["messages"]) == ("2001-01-01", 0)
    for user in ("all", str(world.admin.id), "x"):
        assert (await world.member.api.get(f"/api/usage/daily?user={user}")).status_code == 404


async def test_the_worker_counts_what_ended(world: World) -> None:
    await some_use(world)
    counting = asyncio.create_task(keep_counted(world.resources))
    try:
        async with asyncio.timeout(10):
            while await world.resources.db.fetch("SELECT 1 AS one FROM generation WHERE NOT counted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        counting.cancel()
    assert "<dd>4</dd>" in (await world.admin.pages.get("/admin/usage")).text


async def test_a_visitor_sees_nothing_but_their_allowance(world: World) -> None:
    await some_use(world)
    settings = {"visitors.mode": "on"}
    assert (await world.admin.api.put("/api/settings/system", json=settings)).status_code == 200
    guest = await world.another("guest", role="visitor")
    page = (await guest.pages.get("/usage")).text
    assert "data-charts" not in page
    assert "figures" not in page
    for path in ("/usage/charts", "/usage/usage.csv", "/admin/usage"):
        assert (await guest.pages.get(path)).status_code in (303, 403, 404), path
    assert (await guest.api.get("/api/usage/daily")).status_code == 403


async def test_odd_addresses_show_a_page(world: World) -> None:
    for query in (
        "from=x&to=9999-99-99",
        "model=%00",
        "user=99999999999999999999",
        "days=-1",
        "from=0001-01-01",
    ):
        assert (await world.admin.pages.get(f"/admin/usage?{query}")).status_code == 200, query
