"""The real processes under their supervisor."""

import os
import signal
import threading
import time
from pathlib import Path

import httpx

from tests.processes import Parley, children, is_alive
from tests.servers import eventually


def register(parley: Parley) -> str:
    """The token of the first account."""
    answer = httpx.post(
        f"{parley.url}/api/auth/register",
        json={"username": "operator", "password": "quiet otter 47 lamp"},
        trust_env=False,
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["data"]["token"]
    return token


def read_to_the_end(url: str, token: str, opened: threading.Event, ended: list[str]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("GET", f"{url}/events", headers=headers, trust_env=False, timeout=60) as answer:
        opened.set()
        ended.append("".join(answer.iter_text()))


def test_stopping_ends_open_streams_at_once_and_exits_0(parley: Parley) -> None:
    token = register(parley)
    opened, ended = threading.Event(), list[str]()
    reader = threading.Thread(target=read_to_the_end, args=(parley.url, token, opened, ended))
    reader.start()
    assert opened.wait(20)
    began = time.monotonic()
    os.kill(parley.pid, signal.SIGTERM)
    reader.join(20)
    assert ended, "the stream was cut instead of ended"
    eventually(lambda: not is_alive(parley.pid), "it stopped", 20)
    assert time.monotonic() - began < 10  # neither the worker's nor the web's patience was used up


def test_a_second_start_reuses_everything(parley: Parley) -> None:
    token = register(parley)
    secret = (parley.data / "secret_key").read_bytes()
    parley.stop()
    parley.start()
    assert (parley.data / "secret_key").read_bytes() == secret
    me = httpx.get(
        f"{parley.url}/api/auth/me",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=20,
    )
    assert me.json()["data"]["user"]["username"] == "operator"
    assert list((parley.data / "snapshots").iterdir()) == []


def test_a_killed_supervisor_takes_everything_with_it(parley: Parley) -> None:
    family = children(parley.pid)
    assert len(family) == 3
    os.kill(parley.pid, signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, family)), "nothing is left", 10)
    assert parley._process is not None
    parley._process.wait(10)
    parley.start()


def test_logs_hold_no_text_and_no_secret(parley: Parley) -> None:
    token = register(parley)
    headers = {"Authorization": f"Bearer {token}"}
    client = httpx.Client(base_url=parley.url, headers=headers, trust_env=False, timeout=20)
    with client:
        session = client.post("/api/sessions", json={}).json()["data"]["session"]["id"]
        sent = {
            "sessionId": session,
            "content": "a canary sentence",
            "clientMessageId": "c-1",
            "modelId": "demo",
        }
        with client.stream("POST", "/api/chat/stream", json=sent) as answer:
            assert answer.status_code == 200
            next(answer.iter_text())
    secret = (parley.data / "secret_key").read_text().strip()
    eventually(lambda: '"path": "/api/chat/stream"' in parley.log_tail(10_000), "the stream is logged", 20)
    log = parley.log_tail(10_000)
    assert [word for word in ("canary sentence", "quiet otter", token, secret) if word in log] == []


def test_what_is_kept_is_private(parley: Parley) -> None:
    register(parley)
    open_to_others = [
        str(path.relative_to(parley.data))
        for path in [parley.data, *parley.data.rglob("*")]
        if Path(path).lstat().st_mode & 0o077 and not path.is_socket()
    ]
    assert open_to_others == []


def test_it_runs_on_postgres_and_a_given_redis(empty_postgres_url: str, redis_url: str) -> None:
    with Parley({"DATABASE_URL": empty_postgres_url, "REDIS_URL": redis_url}) as parley:
        register(parley)
        assert set(parley.pids) == {"web", "worker"}
        answers = f"{parley.url}/api/settings/health"
        eventually(lambda: httpx.get(answers, trust_env=False).status_code == 200, "all is well", 20)
    assert not list(parley.data.glob("parley.db*"))
