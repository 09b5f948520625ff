"""A backup taken under load comes back on a fresh copy, in the browser, and everything works there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.pairs import pairs_in, pairs_written
from tests.processes import Parley
from tests.servers import ROOT, eventually

NAME, PASSWORD = "operator", "quiet otter 47 lamp"
PASSPHRASE = "three quiet otters"
PAUSE = 0.005  # seconds between two transactions; how fast it can go is for the bench


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
        token = re.search(r'action="/setup/restore"><input type="hidden" name="_csrf" value="(\w+)"', form)
        assert token is not None
        fields, files = {"_csrf": token[1], "passphrase": passphrase}, {"file": ("backup.tar", data)}
        return http.post("/setup/restore", data=fields, files=files)


def test_a_backup_under_load_restores_on_a_fresh_copy(parley: Parley, tmp_path: Path) -> None:
    token = sign_in(parley, "register")
    with client(parley, token) as http:
        session = http.post("/api/sessions", json={}).json()["data"]["session"]["id"]
    assert "fast" in asked(parley, token, session, "fast please")
    with pairs_written(parley.data / "parley.db", pause=PAUSE) as written:
        eventually(lambda: written[0] > 50, "writes are under way")
        before = written[0]
        backed_up(parley, tmp_path / "backup.tar")
        after = written[0]
    assert after > before, "nobody could write while the backup was made"
    whole = (tmp_path / "backup.tar").read_bytes()

    with Parley() as fresh:
        assert "not the one" in uploaded(fresh, whole, "three loud otters").text
        assert uploaded(fresh, whole[: len(whole) // 2], PASSPHRASE).status_code == 400
        assert not (fresh.data / "restore").exists()
        assert uploaded(fresh, whole, PASSPHRASE).status_code == 200
        eventually(lambda: bool(sign_in(fresh, "login")), "the operator can sign in", 40)
        # One moment: all that was acknowledged before it, nothing half, no hole, nothing of later.
        left, right = pairs_in(fresh.data / "parley.db")
        assert left == right == list(range(len(left)))
        assert before <= len(left) <= after + 1
        again = sign_in(fresh, "login")
        with client(fresh, again) as http:
            assert "fast please" in http.get(f"/api/sessions/{session}").text
        assert "fast" in asked(fresh, again, session, "fast again")
        assert uploaded_is_shut(fresh)


def uploaded_is_shut(parley: Parley) -> bool:
    with client(parley) as http:
        return http.get("/setup/restore").status_code == 404
