"""A backup taken under load comes back on a fresh copy, in the browser, and everything works there."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.processes import Parley
from tests.servers import ROOT, eventually

NAME, PASSWORD = "operator", "quiet otter 47 lamp"
PASSPHRASE = "three quiet otters"
AIMED = 300  # transactions a second
PAIR = (
    "INSERT INTO login_throttle (key, failures, last_at, locked_until)"
    " VALUES (?, 0, 9e15, 0), (?, 0, 9e15, 0)"
)


def client(parley: Parley, token: str = "") -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=parley.url, headers=headers, trust_env=False, timeout=30)


def sign_in(parley: Parley, door: str) -> str:
    """The token of the operator, "" when it is refused."""
    with client(parley) as http:
        try:
            answer = http.post(f"/api/auth/{door}", json={"username": NAME, "password": PASSWORD})
        except httpx.HTTPError:  # it starts again just now
            return ""
    return str(answer.json()["data"]["token"]) if answer.is_success else ""


def asked(parley: Parley, token: str, session: int, text: str) -> str:
    """The whole answer stream to one question."""
    body = {"sessionId": session, "content": text, "clientMessageId": f"c-{text}"}
    with client(parley, token) as http, http.stream("POST", "/api/chat/stream", json=body) as answer:
        assert answer.status_code == 200, answer.read()
        return "".join(answer.iter_text())


@contextmanager
def a_hundred_writes_a_second(path: Path) -> Iterator[list[int]]:
    """Pairs of rows, each pair one transaction; yields how many were written so far.

    More are aimed at, so that those that wait for the copy are made up for.
    """
    stop, written = threading.Event(), [0]

    def write() -> None:
        connection = sqlite3.connect(path, isolation_level=None, timeout=15)
        connection.execute("PRAGMA wal_autocheckpoint=0")  # the web process does that
        began = time.monotonic()
        while not stop.wait(max(0.0, began + written[0] / AIMED - time.monotonic())):
            connection.execute(PAIR, (f"a{written[0]}", f"b{written[0]}"))
            written[0] += 1
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join(20)


def backed_up(parley: Parley, target: Path) -> None:
    """What an operator types."""
    environ = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PARLEY_DATA": str(parley.data),
        "PARLEY_BACKUP_PASSPHRASE": PASSPHRASE,
    }  # fmt: skip
    command = [sys.executable, "-m", "parley", "backup", str(target)]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def uploaded(parley: Parley, data: bytes, passphrase: str) -> httpx.Response:
    with client(parley) as http:
        form = http.get("/setup/restore").text
        action = re.search(r'action="([^"]*restore[^"]*)"', form)
        assert action is not None
        files = {"file": ("backup.tar", data)}
        return http.post(action[1], data={"passphrase": passphrase}, files=files)


def test_a_backup_under_load_restores_on_a_fresh_copy(parley: Parley, tmp_path: Path) -> None:
    token = sign_in(parley, "register")
    with client(parley, token) as http:
        session = http.post("/api/sessions", json={}).json()["data"]["session"]["id"]
    assert "fast" in asked(parley, token, session, "fast please")
    with a_hundred_writes_a_second(parley.data / "parley.db") as written:
        eventually(lambda: written[0] > 50, "writes are under way")
        before, began = written[0], time.monotonic()
        backed_up(parley, tmp_path / "backup.tar")
        rate = (written[0] - before) / (time.monotonic() - began)
        print(f"{rate:.0f} transactions a second while the backup was written")
        assert rate >= 100
    whole = (tmp_path / "backup.tar").read_bytes()

    with Parley() as fresh:
        assert "not the one" in uploaded(fresh, whole, "three loud otters").text
        assert uploaded(fresh, whole[: len(whole) // 2], PASSPHRASE).status_code == 400
        assert not (fresh.data / "restore").exists()
        assert uploaded(fresh, whole, PASSPHRASE).status_code == 200
        eventually(lambda: bool(sign_in(fresh, "login")), "the operator can sign in", 40)
        pairs = (
            sqlite3.connect(fresh.data / "parley.db")
            .execute("SELECT SUM(key GLOB 'a[0-9]*'), SUM(key GLOB 'b[0-9]*') FROM login_throttle")
            .fetchone()
        )
        assert pairs[0] == pairs[1] >= before
        again = sign_in(fresh, "login")
        with client(fresh, again) as http:
            assert "fast please" in http.get(f"/api/sessions/{session}").text
        assert "fast" in asked(fresh, again, session, "fast again")
        assert uploaded_is_shut(fresh)


def uploaded_is_shut(parley: Parley) -> bool:
    with client(parley) as http:
        return http.get("/setup/restore").status_code == 404
