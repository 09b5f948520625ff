"""The servers of a measurement: Parley's real processes, the fake upstream in a process of its own."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tests.processes import Parley
from tests.servers import ROOT, reap

PASSWORD = "quiet otter 47 lamp"


@dataclass
class Site:
    """A running Parley with a signed-in browser, a token for the JSON API, and a model that streams."""

    parley: Parley
    url: str
    upstream: str  # http://127.0.0.1:port
    upstream_pid: int
    cookie: str
    csrf: str
    token: str
    model: str

    @property
    def pids(self) -> dict[str, int]:
        """All processes of Parley."""
        return {"supervisor": self.parley.pid, **self.parley.pids}


@contextlib.contextmanager
def upstream_process() -> Iterator[tuple[str, int]]:
    """The fake upstream: its address and process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.upstream"], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        found = re.search(r"(\d+)", line)
        assert found, f"the upstream said {line!r}"
        yield f"http://127.0.0.1:{found[1]}", process.pid
    finally:
        reap(process)


@contextlib.contextmanager
def open_site(parley: Parley, upstream: tuple[str, int]) -> Iterator[Site]:
    """A started Parley made ready to measure."""
    with httpx.Client(base_url=parley.url, trust_env=False, timeout=20) as browser:
        said = browser.post("/api/auth/register", json={"username": "keeper", "password": PASSWORD})
        assert said.status_code == 201, said.text
        token = said.json()["data"]["token"]
        model = _connect_model(browser, token, upstream[0])
        form = {"username": "keeper", "password": PASSWORD, "_csrf": _csrf(browser.get("/login").text)}
        answer = browser.post("/login", data=form)
        assert answer.status_code == 303, answer.text
        csrf = _csrf(browser.get("/chat").text)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        yield Site(parley, parley.url, *upstream, cookie=cookie, csrf=csrf, token=token, model=model)


def _connect_model(browser: httpx.Client, token: str, upstream: str) -> str:
    bearer = {"Authorization": f"Bearer {token}"}
    titles = {"titles.by_model": "off"}  # what is measured are answers
    assert browser.put("/api/settings/system", headers=bearer, json=titles).status_code == 200
    connection = {
        "name": "Fake", "provider": "openai", "baseUrl": f"{upstream}/v1", "apiKey": "sk-bench",
        "enabled": True,
    }  # fmt: skip
    said = browser.post("/api/connections", json=connection, headers=bearer)
    assert said.status_code == 201, said.text
    id = said.json()["data"]["connection"]["id"]
    assert browser.post(f"/api/connections/{id}/verify", headers=bearer, json={}).json()["data"]["ok"]
    models = browser.get("/api/models", headers=bearer).json()["data"]["models"]
    return str(next(model["id"] for model in models if model["rawId"] == "fake"))


def _csrf(page: str) -> str:
    found = re.search(r'X-CSRF-Token": "([^"]+)"', page) or re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
