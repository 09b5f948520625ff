"""The prompt library: whose, for whom, and what it said before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.prompts.queries import library
from tests.world import Person, World

SUMMARY = {"command": "sum", "title": "Sum up", "body": "Sum up {{topic}} for {{user}}."}


async def made(person: Person, **changes: Any) -> dict[str, Any]:
    """A prompt of theirs, as the API tells it."""
    answer = await person.api.post("/api/prompts", json={**SUMMARY, **changes})
    assert answer.status_code == 201, answer.text
    prompt: dict[str, Any] = answer.json()["data"]["prompt"]
    return prompt


async def commands(person: Person, query: str = "") -> list[str]:
    """What their library lists."""
    answer = await person.api.get("/api/prompts", params={"q": query})
    return [prompt["command"] for prompt in answer.json()["data"]["prompts"]]


async def test_a_prompt_is_its_owners_until_it_is_shared(world: World) -> None:
    own = await made(world.member)
    await made(world.member, command="all", title="For all", shared=True)
    assert await commands(world.member) == ["all", "sum"]
    assert await commands(world.outsider) == ["all"]
    assert await commands(world.member, "SUM") == ["sum"]
    assert await commands(world.member, "%") == []
    for call in (
        world.outsider.pages.get(f"/prompts/{own['id']}"),
        world.outsider.api.patch(f"/api/prompts/{own['id']}", json={"title": "Mine"}),
        world.outsider.api.delete(f"/api/prompts/{own['id']}"),
        world.admin.api.delete(f"/api/prompts/{own['id']}"),
    ):
        assert (await call).status_code == 404
    assert (await world.visitor.pages.get("/prompts")).status_code in (303, 401)


async def test_others_read_a_shared_prompt_and_administrators_change_it(world: World) -> None:
    shared = await made(world.member, shared=True)
    page = (await world.outsider.pages.get(f"/prompts/{shared['id']}")).text
    assert "Sum up {{topic}}" in page
    assert 'name="body"' not in page
    refused = await world.outsider.api.patch(f"/api/prompts/{shared['id']}", json={"body": "x"})
    assert refused.status_code == 404
    changed = await world.admin.api.patch(f"/api/prompts/{shared['id']}", json={"body": "Shorter."})
    assert changed.json()["data"]["prompt"]["body"] == "Shorter."
    assert changed.json()["data"]["prompt"]["author"] == "member"


async def test_one_command_stands_for_one_prompt_of_a_person(world: World) -> None:
    await made(world.member)
    answers = await asyncio.gather(
        *(world.outsider.api.post("/api/prompts", json=SUMMARY) for _n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400]
    again = await world.member.api.post("/api/prompts", json={**SUMMARY, "command": "/SUM"})
    assert again.json()["error"]
    assert len(await library(world.resources.db, world.outsider.id)) == 1


@pytest.mark.one_engine
async def test_every_wording_is_kept_and_can_be_used_again(world: World) -> None:
    id = (await made(world.member))["id"]
    await world.member.api.patch(f"/api/prompts/{id}", json={"body": "Second."})
    await world.member.api.patch(f"/api/prompts/{id}", json={"shared": True})
    page = (await world.member.pages.get(f"/prompts/{id}")).text
    assert "Version 1" in page
    assert "Version 3" not in page
    back = await world.member.pages.post(f"/prompts/{id}/versions/1/restoration", data={})
    assert back.status_code == 303
    (row,) = await library(world.resources.db, world.member.id)
    assert (row.body, row.version) == (SUMMARY["body"], 3)
    missing = await world.member.pages.post(f"/prompts/{id}/versions/9/restoration", data={})
    assert missing.status_code == 404


@pytest.mark.one_engine
async def test_a_deleted_prompt_comes_back_unless_its_command_was_taken(world: World) -> None:
    id = (await made(world.member))["id"]
    gone = await world.member.pages.post(f"/prompts/{id}/deletion", data={})
    assert gone.headers["location"] == f"/prompts?deleted={id}"
    assert await commands(world.member) == []
    assert (await world.outsider.pages.post(f"/prompts/{id}/restoration", data={})).status_code == 404
    await world.member.pages.post(f"/prompts/{id}/restoration", data={})
    assert await commands(world.member) == ["sum"]
    await world.member.pages.post(f"/prompts/{id}/deletion", data={})
    await made(world.member)
    assert (await world.member.pages.post(f"/prompts/{id}/restoration", data={})).status_code == 400


@pytest.mark.one_engine
async def test_a_form_that_does_not_fit_says_where_and_keeps_what_was_typed(world: World) -> None:
    typed = {"command": "two words", "title": "", "body": "Kept text"}
    answer = await world.member.pages.post("/prompts", data=typed)
    assert answer.status_code == 400
    for part in ("two words", "Kept text", 'id="command-error"', 'id="title-error"'):
        assert part in answer.text


@pytest.mark.one_engine
async def test_the_composer_is_offered_what_fits_with_date_and_name_filled_in(world: World) -> None:
    await made(world.member, body="For {{user}}: {{topic=<b>tea</b>}}")
    await made(world.member, command="list", title="A summary list")
    await made(world.outsider, command="sums", shared=True)
    part = (await world.member.pages.get("/f/prompts", params={"q": "sum"})).text
    assert part.index("/sum<") < part.index("/sums<") < part.index("/list<")
    assert "For member: " in part
    assert "<b>tea" not in part
    assert "/sum<" not in (await world.outsider.pages.get("/f/prompts", params={"q": "sum"})).text
