"""The JSON API of conversations as outside programs use it."""

from __future__ import annotations

import asyncio

import pytest

from parley.lib.db import Script
from parley.providers.base import Finished, ProviderError, ReasoningDelta, TextDelta, UsageReport
from tests.integration.chat.conftest import ScriptedProvider, ask, events_of
from tests.world import World


@pytest.mark.usefixtures("worker")
async def test_a_question_streams_its_answer_and_is_kept(world: World, provider: ScriptedProvider) -> None:
    provider.facts = [
        ReasoningDelta("hm"),
        TextDelta("你好"),
        TextDelta(", you"),
        UsageReport(3, 5),
        Finished("stop"),
    ]
    asked = await ask(world.member, "Hi")
    assert asked["text"] == "你好, you"
    assert (asked["end"]["type"], asked["end"]["status"]) == ("complete", "done")
    usage = asked["end"]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["estimated"]) == (3, 5, False)
    assert [event["seq"] for event in asked["events"]] == list(range(len(asked["events"])))

    messages = (await world.member.api.get(f"/api/sessions/{asked['session']}/messages")).json()["data"][
        "messages"
    ]
    assert [(m["role"], m["content"], m["reasoning"], m["status"]) for m in messages] == [
        ("user", "Hi", "", "done"),
        ("assistant", "你好, you", "hm", "done"),
    ]
    assert messages[1]["generationId"] == asked["start"]["generationId"]


@pytest.mark.usefixtures("worker")
async def test_fifty_parallel_sends_with_one_id_are_one_message(
    world: World, provider: ScriptedProvider
) -> None:
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    results = await asyncio.gather(*(ask(world.member, "Hi", session=session) for _ in range(50)))
    assert {result["status"] for result in results} == {200}
    assert len({result["start"]["generationId"] for result in results}) == 1
    assert {result["text"] for result in results} == {"Hello."}
    assert len(provider.prompts) == 1
    messages = (await world.member.api.get(f"/api/sessions/{session}/messages")).json()["data"]["messages"]
    assert len(messages) == 2


@pytest.mark.usefixtures("worker")
async def test_the_same_id_with_another_text_is_refused_and_changes_nothing(world: World) -> None:
    first = await ask(world.member, "Hi")
    second = await ask(world.member, "Something else", session=first["session"])
    assert (second["status"], second["code"]) == (409, "reused_id")
    messages = await world.member.api.get(f"/api/sessions/{first['session']}/messages")
    assert len(messages.json()["data"]["messages"]) == 2


@pytest.mark.usefixtures("worker")
async def test_a_second_question_waits_for_the_first_answer(world: World, provider: ScriptedProvider) -> None:
    provider.hold = asyncio.Event()
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    first = asyncio.create_task(ask(world.member, "one", session=session))
    await asyncio.wait_for(provider.asked.wait(), 10)
    assert (await ask(world.member, "two", session=session, cid="c2"))["code"] == "busy"
    provider.hold.set()
    assert (await first)["end"]["status"] == "done"
    assert (await ask(world.member, "two", session=session, cid="c2"))["end"]["status"] == "done"
    assert [turn.text for turn in provider.prompts[1].turns] == ["one", "Hello.", "two"]


@pytest.mark.usefixtures("worker")
async def test_an_error_of_the_provider_is_an_event_and_stays_readable(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [ProviderError.of("authentication", "bad key (HTTP 401)")]
    asked = await ask(world.member, "Hi")
    assert asked["end"]["type"] == "error"
    assert asked["end"]["code"] == "authentication"
    messages = (await world.member.api.get(f"/api/sessions/{asked['session']}/messages")).json()["data"][
        "messages"
    ]
    assert messages[1]["status"] == "error"
    assert "bad key" in messages[1]["error"]


@pytest.mark.usefixtures("worker")
async def test_a_stream_resumes_after_the_event_it_has_seen(world: World, provider: ScriptedProvider) -> None:
    provider.facts = [TextDelta("one "), UsageReport(1, 1), TextDelta("two"), Finished("stop")]
    asked = await ask(world.member, "Hi")
    address = f"/api/generations/{asked['start']['generationId']}/stream"
    async with world.member.api.stream("GET", address, headers={"Last-Event-ID": "2"}) as response:
        rest = [event async for event in events_of(response)]
    assert rest == [event for event in asked["events"] if event["seq"] > 2]


@pytest.mark.usefixtures("worker")
async def test_stopping_keeps_what_was_written(world: World, provider: ScriptedProvider) -> None:
    provider.facts = [TextDelta("Once upon "), Finished("stop")]
    provider.hold = asyncio.Event()
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    body = {"sessionId": session, "content": "Tell", "clientMessageId": "c1"}
    async with world.member.api.stream("POST", "/api/chat/stream", json=body) as response:
        events = events_of(response)
        start = await anext(events)
        assert (await anext(events))["content"] == "Once upon "
        cancel = await world.member.api.post(
            "/api/chat/stream/cancel", json={"generationId": start["generationId"]}
        )
        assert cancel.status_code == 200
        usage, end = await anext(events), await anext(events)
    assert usage["usage"]["estimated"] is True
    assert (end["type"], end["status"]) == ("complete", "cancelled")
    messages = (await world.member.api.get(f"/api/sessions/{session}/messages")).json()["data"]["messages"]
    assert (messages[1]["content"], messages[1]["status"]) == ("Once upon ", "cancelled")


async def test_sessions_can_be_listed_renamed_and_deleted(world: World) -> None:
    api = world.member.api
    made = await api.post("/api/sessions", json={"title": "First", "modelId": "demo"})
    assert made.status_code == 201
    id = made.json()["data"]["session"]["id"]
    assert (await api.patch(f"/api/sessions/{id}", json={"title": "  Second  "})).json()["data"]["session"][
        "title"
    ] == "Second"
    listed = (await api.get("/api/sessions")).json()["data"]["sessions"]
    assert [(row["id"], row["title"], row["modelId"]) for row in listed] == [(id, "Second", "demo")]
    assert (await api.delete(f"/api/sessions/{id}")).status_code == 200
    assert (await api.get("/api/sessions")).json()["data"]["sessions"] == []
    assert (await api.get(f"/api/sessions/{id}/messages")).status_code == 404


@pytest.mark.usefixtures("worker")
async def test_an_outsider_cannot_tell_that_a_session_exists(world: World) -> None:
    asked = await ask(world.member, "Hi")
    id, generation = asked["session"], asked["start"]["generationId"]
    stranger = world.outsider.api
    answers = [
        await stranger.get(f"/api/sessions/{id}/messages"),
        await stranger.patch(f"/api/sessions/{id}", json={"title": "mine"}),
        await stranger.delete(f"/api/sessions/{id}"),
        await stranger.post(
            "/api/chat/stream", json={"sessionId": id, "content": "x", "clientMessageId": "y"}
        ),
        await stranger.get(f"/api/generations/{generation}/stream"),
        await stranger.post("/api/chat/stream/cancel", json={"generationId": generation}),
    ]
    missing = await stranger.get("/api/sessions/999999/messages")
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["error"] for answer in answers} == {missing.json()["error"]}
    assert (await stranger.get("/api/sessions")).json()["data"]["sessions"] == []


async def test_without_an_account_nothing_answers(world: World) -> None:
    for path in ("/api/sessions", "/api/sessions/1/messages", "/api/generations/1/stream"):
        assert (await world.visitor.api.get(path)).status_code == 401
        assert (await world.pending.api.get(path)).status_code == 423


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"content": "  ", "clientMessageId": "a"}, "Type a message"),
        ({"content": "x" * 200_001, "clientMessageId": "a"}, "at most"),
        ({"content": "a\0b", "clientMessageId": "a"}, "NUL"),
        ({"content": "x", "clientMessageId": ""}, "client message id"),
        ({"content": "x", "clientMessageId": "c" * 129}, "client message id"),
        ({"content": "x", "clientMessageId": "a\0b"}, "NUL"),
        ({"content": "x", "clientMessageId": "a", "modelId": "gone"}, "not available"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_sentence(
    world: World, body: dict[str, str], says: str
) -> None:
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    answer = await world.member.api.post("/api/chat/stream", json={"sessionId": session, **body})
    assert answer.status_code in (400, 404)
    assert says in answer.json()["error"]
    assert (await world.member.api.get(f"/api/sessions/{session}/messages")).json()["data"]["messages"] == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'{"sessionId": {}}', b'{"sessionId": "abc", "content": "x", "clientMessageId": "y"}'],
)
async def test_garbage_is_refused_with_an_envelope(world: World, raw: bytes) -> None:
    answer = await world.member.api.post(
        "/api/chat/stream", content=raw, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["error"]


@pytest.mark.parametrize("id", [2**80, str(2**63), "9" * 5000, "１", " 1", "1_0", "-1"])
async def test_an_impossible_id_in_a_body_is_refused(world: World, id: int | str) -> None:
    answer = await world.member.api.post("/api/chat/stream/cancel", json={"generationId": id})
    assert answer.status_code in (400, 404), answer.text


async def test_a_session_is_changed_as_a_whole_or_not_at_all(world: World) -> None:
    api = world.member.api
    made = (await api.post("/api/sessions", json={"title": "First"})).json()["data"]["session"]
    address = f"/api/sessions/{made['id']}"
    refused = [
        await api.patch(address, json={"title": "Second", "modelId": "gone"}),
        await api.patch(address, json={"title": " ", "modelId": "demo"}),
    ]
    assert [answer.status_code for answer in refused] == [404, 400]
    listed = (await api.get("/api/sessions")).json()["data"]["sessions"]
    assert [(row["title"], row["modelId"]) for row in listed] == [("First", None)]
    changed = await api.patch(address, json={"title": "Second", "modelId": "demo"})
    assert changed.json()["data"]["session"]["title"] == "Second"
    assert changed.json()["data"]["session"]["modelId"] == "demo"


async def test_a_title_is_stored_without_nul(world: World) -> None:
    api = world.member.api
    made = await api.post("/api/sessions", json={"title": "a\0b"})
    assert (made.status_code, made.json()["data"]["session"]["title"]) == (201, "a b")
    renamed = await api.patch(
        f"/api/sessions/{made.json()['data']['session']['id']}", json={"title": "\0c\0"}
    )
    assert (renamed.status_code, renamed.json()["data"]["session"]["title"]) == (200, "c")


async def test_a_body_nested_too_deeply_is_a_bad_request(world: World) -> None:
    deep = b'{"title": "x", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = await world.member.api.post(
        "/api/sessions", content=deep, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.usefixtures("worker")
async def test_a_repetition_finds_its_answer_though_the_model_is_gone(world: World) -> None:
    asked = await ask(world.member, "Hi")
    await world.resources.db.write(_once, "UPDATE connection SET enabled = FALSE")
    again = await ask(world.member, "Hi", session=asked["session"])
    assert again["events"] == asked["events"]
    assert (await ask(world.member, "More", session=asked["session"], cid="c2"))["code"] == "model_not_found"


@pytest.mark.usefixtures("worker")
async def test_a_seq_of_a_log_that_is_gone_gets_the_whole_answer_again(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [
        TextDelta("one "),
        UsageReport(1, 1),
        TextDelta("two "),
        UsageReport(2, 2),
        Finished("stop"),
    ]
    asked = await ask(world.member, "Hi")
    generation = asked["start"]["generationId"]
    await world.resources.db.write(_once, f"UPDATE generation SET pruned = TRUE WHERE id = {generation}")
    await world.resources.db.write(_once, f"DELETE FROM generation_event WHERE generation = {generation}")
    for seen in (1, 2, 4, 900):
        headers = {"Last-Event-ID": str(seen)}
        address = f"/api/generations/{generation}/stream"
        async with world.member.api.stream("GET", address, headers=headers) as response:
            events = [event async for event in events_of(response)]
        assert [event["type"] for event in events] == ["start", "content", "complete"]
        assert [event["seq"] for event in events] == [seen, seen + 1, seen + 2]
        assert events[1]["content"] == "one two "


@pytest.mark.usefixtures("worker")
async def test_a_last_event_id_that_is_no_number_is_none(world: World) -> None:
    asked = await ask(world.member, "Hi")
    address = f"/api/generations/{asked['start']['generationId']}/stream"
    odd = [(b"last-event-id", "²".encode("latin-1"))]
    async with world.member.api.stream("GET", address, headers=odd) as response:
        assert [event async for event in events_of(response)] == asked["events"]


def _once(sql: str) -> Script[None]:
    yield sql, ()
