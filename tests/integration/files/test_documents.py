"""Documents through HTTP: kept as they are, served only to be saved, told to models, expired in time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.files import scripts, service
from parley.lib.clock import now_ms
from parley.settings.service import change
from tests.integration.chat.conftest import ScriptedProvider, ask, provider, worker
from tests.integration.chat.test_attachments import new_session
from tests.integration.chat.test_attachments import send as send_message
from tests.unit.files.drawings import picture
from tests.unit.files.papers import docx, pdf
from tests.world import Person, World

__all__ = ["provider", "worker"]
pytestmark = pytest.mark.one_engine


async def send(person: Person, name: str, data: bytes) -> Any:
    return await person.api.post("/api/files", files={"file": (name, data, "text/html")})


async def sent(person: Person, name: str, data: bytes) -> dict[str, Any]:
    answer = await send(person, name, data)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"]["file"])


async def test_a_document_is_kept_as_it_is_and_only_saved_by_its_owner(world: World) -> None:
    data = b"<script>alert(1)</script>"
    file = await sent(world.member, "../pa\u202ege.html", data)
    assert (file["name"], file["mime"], file["characters"]) == ("page.html", "text/plain", 25)
    assert file["note"] == "25 B · 25 characters"
    shown = await world.member.pages.get(f"/files/{file['id']}?size=thumb")
    assert (shown.status_code, shown.content) == (200, data)
    assert shown.headers["content-disposition"].startswith('attachment; filename="page.html"')
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-type"].startswith("text/plain")
    json = {"Accept": "application/json"}
    nowhere = (await world.outsider.pages.get("/files/999999", headers=json)).json()
    for other in (world.outsider, world.admin):
        refused = await other.pages.get(f"/files/{file['id']}", headers=json)
        assert (refused.status_code, refused.json()) == (404, nowhere)


@pytest.mark.usefixtures("worker")
async def test_its_text_goes_before_the_question_to_any_model(
    world: World, provider: ScriptedProvider
) -> None:
    session = await new_session(world.member)
    await change(world.resources, {"files.characters": 1000})
    one = await sent(world.member, "报告.pdf", pdf("the secret is plum"))
    two = await sent(world.member, "long.md", b"word " * 400)
    assert two["note"] == "2 kB · first 1,000 of 2,000 characters used"
    await send_message(world.member, session, "what is the secret?", files=[one["id"], two["id"]])
    text = provider.prompts[-1].turns[-1].text
    assert text.startswith('<file name="报告.pdf">\n[1]\nthe secret is plum')
    assert '<file name="long.md" part="the first 1000 of 2000 characters">' in text
    assert text.endswith("</file>\n\nwhat is the secret?")
    await send_message(world.member, session, "and?", cid="c2")
    assert "plum" in provider.prompts[-1].turns[0].text
    page = (await world.member.pages.get(f"/chat/{session}")).text
    assert "报告.pdf" in page
    assert "first 1,000 of 2,000 characters used" in page


@pytest.mark.usefixtures("worker")
async def test_a_question_may_be_a_document_alone(world: World, provider: ScriptedProvider) -> None:
    session = await new_session(world.member)
    file = await sent(world.member, "plan.docx", docx("Do it."))
    await send_message(world.member, session, "", files=[file["id"]])
    assert "Do it." in provider.prompts[-1].turns[-1].text
    listed = (await world.member.api.get("/api/sessions")).json()["data"]["sessions"]
    assert listed[0]["title"] == "plan.docx"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.zip", b"PK\x03\x04rest", "damaged_file"),
        ("locked.pdf", pdf("x", password="p"), "password"),
        ("lies.pdf", b"text", "wrong_ending"),
        ("both.gif", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "damaged_image"),
    ],
)
async def test_a_refused_file_leaves_nothing(world: World, name: str, data: bytes, code: str) -> None:
    answer = await send(world.member, name, data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await world.resources.db.fetch("SELECT id FROM stored_file") == []
    assert not [path for path in (world.resources.config.data / "files").rglob("*") if path.is_file()]


async def test_a_huge_upload_is_refused_before_it_is_read(world: World) -> None:
    """Of 200 MB the server takes no more than lies in the buffers of the connection."""
    url = world.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(url[0], int(url[2]))
    head = (
        f"POST /api/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.member.token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 200000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    )
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(4000), 10)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"too large" in answer
    writer.close()


async def test_an_upload_of_unknown_length_ends_at_the_limit(world: World) -> None:
    """Also what is not the file, which nobody wants, and a body that says nothing of its length."""
    await change(world.resources, {"files.document_mb": 1})
    taken = 0

    async def body(field: str) -> Any:
        nonlocal taken
        yield f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="a.txt"\r\n\r\n'.encode()
        for _ in range(400):
            taken += 1_000_000
            yield b"a" * 1_000_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for field in ("file", "other"):
        taken = 0
        answer = await world.member.api.post("/api/files", content=body(field), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "too_large")
    assert await world.resources.db.fetch("SELECT id FROM stored_file") == []


@pytest.mark.usefixtures("worker")
async def test_a_file_whose_time_is_over_is_named_and_gone(world: World, provider: ScriptedProvider) -> None:
    session = await new_session(world.member)
    ids = [(await sent(world.member, n, d))["id"] for n, d in (("a.txt", b"old"), ("b.png", picture()))]
    await send_message(world.member, session, "look", files=ids)
    assert await world.resources.db.write(scripts.expire, now_ms() + 1) == 2
    for id in ids:
        answer = await world.member.pages.get(f"/files/{id}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (404, "expired")
    page = (await world.member.pages.get(f"/chat/{session}")).text
    assert page.count("File expired") == 2
    again = await ask(world.member, "still?", session=session, cid="c2")
    assert again["status"] == 200
    first = provider.prompts[-1].turns[0]
    assert first.images == ()
    assert "This file was removed since." in first.text
    assert "a picture that was removed since" in first.text
    form = {"text": "mine", "client_message_id": "c3", "files": str(ids[0])}
    assert (await world.member.pages.post("/chat", data=form)).status_code == 404
    await service.clear_away(world.resources)
