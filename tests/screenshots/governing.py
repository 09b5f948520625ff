"""What an administrator looks after: people, links, allowances, a month of usage, traces, a backup."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, expect

from parley.accounts.tokens import secret_hash
from parley.lib.clock import now_ms
from tests.browser.visitor import PASSWORD, PATIENCE, Workspace
from tests.browser.written import ask_api
from tests.integration.accounts.provider import CLIENT, SECRET
from tests.screenshots.rows import database, insert
from tests.screenshots.tracing import trace

DAY = 86_400_000
GROUPS = ("Harbour school", "海港博物馆志愿者")
PEOPLE = [("noor", "admin", "active", 0), ("jonas", "user", "active", 0), ("小雨", "user", "active", 1),
          ("tamsin", "user", "disabled", None), ("spam_er", "user", "pending", None)]  # fmt: skip
REASONS = {"tamsin": "Away until spring", "spam_er": "Nobody here knows you"}
LINKS = [("Class 7b", 30, 12, 7), ("For the museum's volunteers", 1, 1, 3), ("Open day", 50, 8, -2)]
ALLOWED = [("users", "", "messages", "day", 60), ("users", "", "money", "month", 20_000_000_000),
           ("visitors", "", "messages", "day", 10), ("pool", "", "tokens", "day", 200_000),
           ("user", "1", "tokens", "month", 9_000_000), ("user", "1", "messages", "day", 400)]  # fmt: skip
CHANGES = [{"traces.retention": 14}, {"visitors.mode": "on", "models.access_visitor": "allow"},
           {"visitors.retention_days": 30}, {"traces.events": 5000},
           {"websearch.engines": "tavily, brave, searxng", "websearch.blocked": "spam.example"}]  # fmt: skip
HALF_IN = [("code", "noor", "/login/code"), ("declined", "spam_er", "/pending"),
           ("waiting", "lin", "/pending")]  # fmt: skip
ASKED = ("When does the ferry to Lofoten leave?", "In February it leaves Bodø at 15:15 on weekdays.")
KEEPER = {"preferred_username": "keeper", "name": "Mira Holm", "email": "mira@museum.example",
          "groups": ["staff", "keepers"]}  # fmt: skip
SCOPES = "openid profile email"  # what a provider is asked for, in any language
TEXTS = ("Studio gateway", SCOPES, *GROUPS, *REASONS.values(), *(note for note, *_rest in LINKS), *ASKED)


@dataclass
class Governed:
    """Addresses of what was made, and the cookies of others than the administrator."""

    person: int = 0
    traces: list[int] = field(default_factory=list)
    chat: int = 0  # of the visitor
    cookies: dict[str, Any] = field(default_factory=dict)  # admin, nobody, visitor, and who of HALF_IN
    invited = "/register?invite=an-invitation"
    reset = "/reset/a-reset"


def govern(workspace: Workspace, browser: Browser, page: Page, issuer: str) -> Governed:
    """Fill what only administrators see; `page` is one of theirs, `issuer` where people sign in, too."""
    made = Governed(cookies={"admin": workspace.cookies, "nobody": None})
    for change in CHANGES:
        ask_api(page, "PUT", "/api/settings/system", change)
    _back_up(workspace, page)
    _begin_second_factor(workspace, page)
    _agree_with_provider(workspace, page, issuer)
    made.cookies["visitor"] = _visiting(workspace, browser)
    with contextlib.closing(database(workspace)) as db, db:
        now = now_ms()
        people = _people(db, now)
        made.person = people["jonas"]
        visitor = db.execute("SELECT id FROM user_account WHERE role = 'visitor'").fetchone()[0]
        made.chat = _chat_of(db, visitor, now)
        _links(db, made, now)
        answers = [row["message"] for row in db.execute("SELECT message FROM generation ORDER BY id LIMIT 4")]
        _month(db, [1, *people.values()][:4], visitor, now)
        _engines(db, now)
        made.traces = [trace(db, place, message, now) for place, message in enumerate(answers)]
    for who, name, place in HALF_IN:
        made.cookies[who] = _come_in(workspace, browser, name, place)
    with contextlib.closing(database(workspace)) as db, db:
        db.execute("UPDATE sign_in_challenge SET expires_at = expires_at + ?", (DAY,))  # stays open
        db.execute("UPDATE user_account SET status = 'rejected' WHERE username = 'spam_er'")
    return made


def _back_up(workspace: Workspace, page: Page) -> None:
    page.goto(f"{workspace.url}/admin/backups")
    page.get_by_label("Passphrase").fill("three quiet otters")
    page.get_by_role("button", name="Back up").click()
    expect(page.locator("#shelf").get_by_text("intact", exact=True)).to_be_visible(timeout=PATIENCE)


def _begin_second_factor(workspace: Workspace, page: Page) -> None:
    page.goto(f"{workspace.url}/account/security/two-factor")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    expect(page.locator(".enrol")).to_be_visible()


def _visiting(workspace: Workspace, browser: Browser) -> Any:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(workspace.url)
        page.get_by_role("button", name="Try it without an account").click()
        page.wait_for_url("**/chat")
        return context.storage_state()


def _agree_with_provider(workspace: Workspace, page: Page, issuer: str) -> None:
    page.goto(f"{workspace.url}/admin/sign-in")
    agreed = {"Address of the provider": issuer, "Client id": CLIENT, "Client secret": SECRET,
              "Who is an administrator": "groups=keepers"}  # fmt: skip
    for label, text in agreed.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _come_in(workspace: Workspace, browser: Browser, name: str, place: str) -> Any:
    """The cookies of somebody who gets as far as `place` with name and password."""
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(f"{workspace.url}/login")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**{place}")
        return context.storage_state()


def _people(db: sqlite3.Connection, now: int) -> dict[str, int]:
    """Everybody has the administrator's password; noor has a second factor whose secret nobody knows."""
    groups = [
        insert(db, "user_group", name=name, name_key=name.lower(), created_at=now - 40 * DAY)
        for name in GROUPS
    ]
    hash = db.execute("SELECT password_hash FROM user_account WHERE id = 1").fetchone()[0]
    people = {
        name: insert(
            db, "user_account", username=name, username_key=name, password_hash=hash, role=role,
            status=status, status_reason=REASONS.get(name, ""), created_at=now - (30 - 5 * place) * DAY,
            group_id=None if group is None else groups[group],
        )
        for place, (name, role, status, group) in enumerate(PEOPLE)
    }  # fmt: skip
    db.execute(
        "INSERT INTO second_factor (owner, secret, created_at, confirmed_at) VALUES (?, 'unknown', ?, ?)",
        (people["noor"], now, now),
    )
    return people


def _chat_of(db: sqlite3.Connection, visitor: int, now: int) -> int:
    chat = insert(db, "conversation", owner=visitor, title=ASKED[0], titled_by_owner=True,
                  created_at=now - 60_000, updated_at=now - 60_000)  # fmt: skip
    parent = None
    for role, text in zip(("user", "assistant"), ASKED, strict=True):
        parent = insert(db, "message", conversation=chat, parent=parent, role=role, text=text,
                        model_name="GPT-5" if parent else "", created_at=now - 60_000)  # fmt: skip
    db.execute("UPDATE conversation SET leaf = ? WHERE id = ?", (parent, chat))
    return chat


def _links(db: sqlite3.Connection, made: Governed, now: int) -> None:
    for note, uses, used, days in LINKS:
        insert(db, "invitation", token_hash=secret_hash(note), role="user", note=note, uses=uses, used=used,
               maker=1, created_at=now - 4 * DAY, expires_at=now + days * DAY)  # fmt: skip
    hash = secret_hash(made.invited.rpartition("=")[2])
    db.execute("UPDATE invitation SET token_hash = ? WHERE note = ?", (hash, LINKS[0][0]))
    insert(db, "password_reset", owner=made.person, token_hash=secret_hash(made.reset.rpartition("/")[2]),
           created_at=now, expires_at=now + DAY)  # fmt: skip
    db.execute("DELETE FROM allowance")  # those of a new installation
    for scope, subject, unit, period, most in ALLOWED:
        insert(db, "allowance", scope=scope, subject=subject, model="", unit=unit, period=period, most=most)


def _engines(db: sqlite3.Connection, now: int) -> None:
    """Two that search the web, one of them not just now."""
    hour = 3_600_000
    insert(db, "web_engine", name="tavily", sealed="unknown", hint="9f3c", updated_at=now - DAY, fault="",
           tried_at=now - hour, worked_at=now - hour, latency_ms=820)  # fmt: skip
    insert(db, "web_engine", name="brave", sealed="unknown", hint="71ab", updated_at=now - DAY, fault="limit",
           tried_at=now - hour, worked_at=now - DAY, failing_since=now - hour, latency_ms=140)  # fmt: skip


def _month(db: sqlite3.Connection, people: list[int], visitor: int, now: int) -> None:
    """Answers of thirty days, as far as anybody counts them."""
    dice = random.Random(7)
    message = db.execute("SELECT MIN(id) FROM message").fetchone()[0]
    models = [row["public_id"] for row in db.execute("SELECT public_id FROM model ORDER BY id LIMIT 5")]
    for ago in range(30):
        for _each in range(dice.randint(3, 9) + (30 - ago) // 4):
            owner = dice.choice([*people, *people[:2], visitor])
            at = now - ago * DAY - dice.randint(60_000, DAY // 2)
            _answer(db, dice, (owner, dice.choice(models), message, visitor), at)


def _answer(db: sqlite3.Connection, dice: random.Random, of: tuple[int, str, int, int], at: int) -> None:
    owner, model, message, visitor = of
    pool = "range 192.0.2.0/24" if owner == visitor else ""
    read, written, wait = dice.randint(800, 24_000), dice.randint(120, 2_400), dice.randint(280, 3_800)
    cost = (read * 1_250 + written * 10_000) * 10
    generation = insert(
        db, "generation", owner=owner, conversation=0, message=message, model=model, attempt=99,
        status="error" if dice.random() < 0.04 else "done", prompt_tokens=read, completion_tokens=written,
        created_at=at, started_at=at + 30, first_fact_at=at + wait, first_text_at=at + wait,
        finished_at=at + wait + written * 11, answered_by=model, cost_nano=cost, pruned=True,
    )  # fmt: skip
    insert(
        db, "charge", generation=generation, owner=owner, pool=pool, model=model, reason="question",
        state="complete", reserved_messages=1, reserved_tokens=100, reserved_nano=0, messages=1,
        tokens=read + written, nano=cost, at=at, settled_at=at + 9_000,
    )  # fmt: skip
