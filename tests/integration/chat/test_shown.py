"""What a page and a program see of an answer beside its text: pictures, waits, and what it took."""

from __future__ import annotations

import asyncio
import re

import pytest

from parley.providers.base import Finished, ImageOutput, ReasoningDelta, TextDelta, UsageReport
from tests.integration.catalogue.conftest import data
from tests.integration.chat.conftest import ScriptedProvider, ask
from tests.unit.files.drawings import picture
from tests.world import World


@pytest.mark.usefixtures("worker")
async def test_a_picture_of_an_answer_is_shown_live_after_a_reload_and_to_programs(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [TextDelta("Here: "), ImageOutput("image/png", picture()), Finished("stop")]
    asked = await ask(world.member, "Draw")
    image = next(event for event in asked["events"] if event["type"] == "image")
    assert image["url"] == f"/files/{image['fileId']}"
    shown = rf'<img src="/files/{image["fileId"]}" width="{image["width"]}" height="{image["height"]}"'
    assert re.search(shown, (await world.member.pages.get(f"/chat/{asked['session']}")).text)
    generation = asked["start"]["generationId"]
    stream = (await world.member.pages.get(f"/generations/{generation}/events")).text
    swap = f'hx-target="#g{generation}-pics" hx-swap="innerHTML"><a class="pic" href="{image["url"]}"'
    assert stream.count(swap) == 2  # as it came, and once more as it was stored
    assert (await world.member.pages.get(image["url"])).status_code == 200
    assert (await world.outsider.pages.get(image["url"])).status_code == 404


@pytest.mark.usefixtures("worker")
async def test_the_end_of_a_stream_brings_the_line_the_gauge_and_the_fold(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [
        ReasoningDelta("hm"),
        TextDelta("Yes."),
        UsageReport(900, 300, 100, 50),
        Finished("stop"),
    ]
    asked = await ask(world.member, "Hi")
    generation = asked["start"]["generationId"]
    stream = (await world.member.pages.get(f"/generations/{generation}/events")).text
    assert f'hx-target="#g{generation}-acts" hx-swap="outerHTML"' in stream
    assert 'hx-target="#gauge" hx-swap="outerHTML"' in stream
    assert "300 tokens" in stream
    assert "50 of them from the cache" in stream
    assert "Thought for 1 s" in stream
    usage = data(await world.member.api.get(f"/api/sessions/{asked['session']}/messages"))["messages"][1][
        "usage"
    ]
    assert usage == asked["end"]["usage"]
    assert (usage["total_tokens"], usage["reasoning_tokens"], usage["estimated"]) == (1200, 100, False)


@pytest.mark.usefixtures("worker")
async def test_a_page_painted_in_the_middle_shows_its_pictures(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [ImageOutput("image/png", picture()), Finished("stop")]
    provider.hold = asyncio.Event()
    sent = await world.member.pages.post("/chat", data={"text": "Draw", "client_message_id": "c1"})
    path = sent.headers["location"]
    page = ""
    for _try in range(1000):
        page = (await world.member.pages.get(path)).text
        if "/files/" in page:
            break
        await asyncio.sleep(0.02)
    provider.hold.set()
    assert "/files/" in page
    assert 'aria-busy="true"' in page
    assert "Still waiting for" in page
