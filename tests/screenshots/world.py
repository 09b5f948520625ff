"""A Parley that has been lived in: chats in two languages, folders, prompts, links, an import."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Page, expect

from parley.lib.clock import now_ms
from tests.browser.visitor import PASSWORD, PATIENCE, Workspace
from tests.browser.written import ask_api
from tests.screenshots.chats import Chat, Said, chats
from tests.screenshots.governing import TEXTS, Governed, govern
from tests.screenshots.rows import database, insert
from tests.screenshots.tracing import QUESTION
from tests.servers import eventually
from tests.unit.importing import exports

MODELS = {"gpt-5": "GPT-5", "claude-sonnet-4-5": "Claude Sonnet 4.5", "deepseek-v3.2": "DeepSeek V3.2",
          "qwen3-max": "Qwen3 Max"}  # fmt: skip
PROMPTS = [
    ("letter", "A letter", "Write a letter to {{who}} about {{subject}}. Keep it {{tone=friendly}}.", False),
    ("minutes", "Minutes into tasks", "Turn these minutes into tasks with names:\n\n{{minutes}}", True),
    ("plain", "In plain words", "Explain this so that a curious child understands it:\n\n{{text}}", True),
    ("review", "Review my code", "Review this {{language=Python}} code, bugs first.\n\n{{code}}", False),
    ("translate", "翻译", "把下面的内容翻译成{{语言=英文}}，保持语气自然：\n\n{{text}}", True),
    ("weekly", "周报", "根据这些要点写一份简短的周报：\n\n{{要点}}", False),
]  # fmt: skip
SHARED, EMPTY = "Solar panels for the boathouse", "Nothing in it"
FOLDERS = ("Boathouse", "海港博物馆", "Travel")


@dataclass
class World:
    """Where things are: `chats` by their titles, and addresses of what was made."""

    workspace: Workspace
    chats: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)  # the last answer of each chat
    prompt: int = 0
    share: str = ""  # the path of the public page
    imported: str = ""  # the path of the report
    governed: Governed = field(default_factory=Governed)

    def seen_by(self, who: str) -> Workspace:
        """The same with the cookies of somebody, see Governed.cookies."""
        return replace(self.workspace, cookies=self.governed.cookies[who])

    @property
    def solar(self) -> int:
        """The chat that has everything in it."""
        return self.chats["Sizing solar panels for the boathouse"]

    @property
    def tea(self) -> int:
        """The Chinese one."""
        return self.chats["武夷岩茶和正山小种有什么区别？"]

    @property
    def texts(self) -> list[str]:
        """What its people wrote, longest first."""
        wrote = [*self.chats, *FOLDERS, *MODELS, *MODELS.values()]
        wrote += [tag for chat in chats() for tag in chat.tags]
        wrote += [part for _, title, body, _ in PROMPTS for part in (title, " ".join(body.split()))]
        wrote += [SHARED, EMPTY, *TEXTS, QUESTION]
        return sorted(wrote, key=len, reverse=True)


def founded(workspace: Workspace, browser: Browser, upstream: str, issuer: str) -> World:
    """Fill a fresh Parley; `upstream` is where its models are said to live, `issuer` where people sign in."""
    world = World(workspace)
    with browser.new_context(locale="en-US") as context:
        for name in ("lin", "amei"):
            body = {"username": name, "password": PASSWORD}
            context.request.post(f"{workspace.url}/api/auth/register", data=body)
            context.clear_cookies()
    with browser.new_context(storage_state=workspace.cookies, locale="en-US") as context:
        page = context.new_page()
        page.goto(f"{workspace.url}/chat")
        connection = _connected(page, upstream)
        files = {"roof.png": _uploaded(page, "roof.png", roof())}
        _write(world, connection, files)
        _prompted(world, page)
        _shared(world, page)
        _imported(world, page)
        world.governed = govern(workspace, browser, page, issuer)
    eventually(lambda: not _count(world, "search_change"), "everything can be found", PATIENCE / 1000)
    return world


def _connected(page: Page, upstream: str) -> int:
    body = {
        "provider": "openai",
        "name": "Studio gateway",
        "baseUrl": f"{upstream}/openai/v1",
        "apiKey": "sk-right-0123456789abcdef",
        "models": list(MODELS),
    }
    return int(ask_api(page, "POST", "/api/connections", body)["connection"]["id"])


def _uploaded(page: Page, name: str, data: bytes) -> int:
    headers = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers:inherited'))")
    file: FilePayload = {"name": name, "mimeType": "image/png", "buffer": data}
    answer = page.context.request.post(
        page.url.rpartition("/")[0] + "/api/files", multipart={"file": file}, headers=headers
    )
    assert answer.ok, answer.text()
    return int(answer.json()["data"]["file"]["id"])


def roof() -> bytes:
    """A sketch on squared paper: a roof and its measurements."""
    image = Image.new("RGB", (960, 640), "#fbfaf5")
    draw = ImageDraw.Draw(image)
    for at in range(0, 960, 32):
        draw.line([(at, 0), (at, 640)], fill="#e3ebee")
        draw.line([(0, at), (960, at)], fill="#e3ebee")
    ink = "#2c4a5a"
    draw.polygon([(160, 420), (300, 170), (800, 170), (700, 420)], outline=ink, width=5)
    draw.line([(160, 420), (160, 560), (700, 560), (700, 420)], fill=ink, width=5)
    draw.line([(800, 170), (880, 400), (880, 540), (700, 560)], fill=ink, width=4)
    for at in range(4):
        left = 268 + 112 * at
        draw.polygon(
            [(left, 380), (left + 78, 220), (left + 168, 220), (left + 92, 380)],
            fill="#3d7f95", outline="#dff0f4", width=3,
        )  # fmt: skip
    draw.text((380, 118), "4.20 m", fill="#a33", font_size=34)
    draw.text((64, 250), "2.10 m", fill="#a33", font_size=34)
    draw.text((330, 470), "SW, 32°", fill=ink, font_size=34)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# Straight into the database: only there can a chat be a week old -------------------------------


def _count(world: World, table: str) -> int:
    with contextlib.closing(database(world.workspace)) as db:
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def _write(world: World, connection: int, files: dict[str, int]) -> None:
    now = now_ms()
    with contextlib.closing(database(world.workspace)) as db, db:
        folders = {
            name: insert(db, "folder", owner=1, name=name, position=place, created_at=now)
            for place, name in enumerate(FOLDERS)
        }
        db.execute("UPDATE user_account SET language = ''")  # each window says its own
        for raw, name in MODELS.items():
            db.execute("UPDATE model SET name = ? WHERE raw_id = ?", (name, raw))
        for chat in chats():
            at = now - chat.ago
            model = chat.given.get("model", "gpt-5")
            id = world.chats[chat.title] = insert(
                db, "conversation", owner=1, title=chat.title, titled_by_owner=True,
                model=f"{connection}:{model}", created_at=at - 600_000, updated_at=at,
                folder=folders.get(chat.given.get("folder", "")),
                pinned_at=at if "pinned" in chat.given else None,
                archived_at=at if "archived" in chat.given else None,
            )  # fmt: skip
            for tag in chat.tags:
                insert(db, "conversation_tag", conversation=id, owner=1, name=tag)
            world.answers[chat.title] = _tell(db, id, chat, connection, files, at)


def _tell(
    db: sqlite3.Connection, id: int, chat: Chat, connection: int, files: dict[str, int], at: int
) -> int:
    """The messages of one chat; the id of the last."""
    raw = {name: raw for raw, name in MODELS.items()}
    parent: int | None = None
    for place, said in enumerate(chat.said):
        when = at - (len(chat.said) - place) * 60_000
        model = f"{connection}:{raw[said.model]}" if said.model else ""
        message = insert(
            db, "message", conversation=id, parent=parent, role=said.role, text=said.text,
            reasoning=said.thought, model=model, model_name=said.model, created_at=when,
        )  # fmt: skip
        for position, name in enumerate(said.files):
            insert(db, "message_file", message=message, file=files[name], position=position)
        if said.figures:
            _run(db, id, message, said, model, when)
        if not said.again:
            db.execute("UPDATE message SET chosen_child = ? WHERE id = ?", (message, parent))
            parent = message
    db.execute("UPDATE conversation SET leaf = ? WHERE id = ?", (parent, id))
    return parent or 0


def _run(db: sqlite3.Connection, chat: int, message: int, said: Said, model: str, at: int) -> None:
    seconds, read, written, cost = said.figures
    thought = 2_600 if said.thought else 0
    insert(
        db, "generation", owner=1, conversation=chat, message=message, model=model, status="done", attempt=1,
        shown=True, finish_reason="stop", prompt_tokens=int(read), completion_tokens=int(written),
        created_at=at, started_at=at + 40, first_fact_at=at + 420, first_text_at=at + 420 + thought,
        finished_at=at + 40 + int(1000 * seconds), answered_by=model, answered_name=said.model,
        reasoning_ms=thought or None, cost_nano=int(cost), window_tokens=128_000, pruned=True,
    )  # fmt: skip


# Through the product ---------------------------------------------------------------------------


def _prompted(world: World, page: Page) -> None:
    for command, title, body, shared in PROMPTS:
        wanted = {"command": command, "title": title, "body": body, "shared": shared}
        made = ask_api(page, "POST", "/api/prompts", wanted)["prompt"]
        world.prompt = world.prompt or int(made["id"])
    change = {"body": PROMPTS[0][2] + " Close with {{greeting=kind regards}}."}
    ask_api(page, "PATCH", f"/api/prompts/{world.prompt}", change)


def _shared(world: World, page: Page) -> None:
    def made(chat: int, **wishes: Any) -> dict[str, Any]:
        body = {"sessionId": str(chat), "models": True, "files": True, **wishes}
        return dict(ask_api(page, "POST", "/api/shares", body)["share"])

    world.share = "/s/" + made(world.solar, title=SHARED)["url"].rpartition("/")[2]
    made(world.tea, live=True, expiresInDays=30)
    made(world.chats["Trip to Lofoten in February"], expiresInDays=7)


def _imported(world: World, page: Page) -> None:
    page.goto(f"{world.workspace.url}/account/imports")
    found = [
        {**exports.chatgpt_chat("s-1"), "title": "长江的照片"},
        {"id": "s-2", "title": EMPTY, "mapping": {}},
    ]
    with tempfile.TemporaryDirectory() as folder:
        archive = exports.chatgpt_zip(Path(folder) / "chatgpt-2026-11-02.zip", found)
        page.get_by_label("File", exact=True).set_input_files(archive)
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("status").get_by_text("done")).to_be_visible(timeout=PATIENCE)
    world.imported = page.url.removeprefix(world.workspace.url)
