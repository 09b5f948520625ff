"""The people of the tests: an administrator, a member, an outsider, somebody waiting, and a visitor."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache

import httpx
import uvicorn
from argon2 import PasswordHasher
from litestar import Litestar

from parley.accounts import scripts
from parley.accounts.actor import Actor
from parley.accounts.names import username_key
from parley.accounts.scripts import NewSession, NewUser
from parley.accounts.tokens import Claims, Keyring, new_secret, secret_hash, sign
from parley.lib.clock import now_ms
from parley.lib.db import Row, Script
from parley.lib.keys import derive_key
from parley.resources import Resources
from parley.web.csrf import make_token
from parley.web.lifecycle import shutting_down
from parley.web.perimeter import LOGIN
from parley.web.security import CSRF_HEADER

PASSWORD = "quiet otter 47 lamp"


@dataclass
class Person:
    """Somebody with a browser (`pages`: cookie, form token) and a program (`api`: Bearer token)."""

    pages: httpx.AsyncClient
    api: httpx.AsyncClient
    id: int = 0
    username: str = ""
    actor: Actor | None = None
    csrf: str = ""
    token: str = ""


@dataclass
class World:
    """Everybody at one running application."""

    url: str
    app: Litestar
    resources: Resources
    admin: Person
    member: Person
    outsider: Person
    pending: Person
    visitor: Person
    arrivals: Arrivals

    async def another(self, username: str, *, role: str = "user", status: str = "active") -> Person:
        """One more account, signed in on a new browser and in a new program."""
        return await self.arrivals.account(username, role=role, status=status)


class Arrivals:
    """Makes people and keeps their clients open until the test ends."""

    def __init__(self, url: str, resources: Resources, stack: contextlib.AsyncExitStack) -> None:
        self._url = url
        self._resources = resources
        self._stack = stack

    async def visitor(self) -> Person:
        """Somebody without an account."""
        return Person(pages=await self._client(), api=await self._client())

    async def account(self, username: str, *, role: str = "user", status: str = "active") -> Person:
        """Somebody with an account and a signed-in browser and program, whatever its status."""
        db, secret = self._resources.db, new_secret()
        new = NewUser(username, username_key(username), _hash(), language="")
        row = await db.write(_settle, new, role, status, secret_hash(secret), now_ms())
        person = await self.sign_in(row["id"], row["ver"], secret)
        person.username = username
        person.actor = Actor(
            id=row["id"],
            username=username,
            role=role,
            status=status,
            session=row["session"],
            ver=row["ver"],
            language="",
        )
        return person

    async def sign_in(self, user: int, ver: int, secret: str) -> Person:
        """Clients that come with the login session behind `secret`."""
        key = self._resources.config.secret
        token = sign(Keyring.of(key), Claims(user, ver, secret), now_s=now_ms() // 1000)
        csrf = make_token(derive_key(key, "csrf"), secret)
        pages = await self._client({CSRF_HEADER: csrf})
        pages.cookies.set(LOGIN, secret, domain="127.0.0.1")  # as an answer would: it can be replaced
        api = await self._client({"Authorization": f"Bearer {token}"})
        return Person(pages=pages, api=api, id=user, csrf=csrf, token=token)

    async def _client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        # verify=False: loading the certificates of the world costs 20 ms, and this speaks plain HTTP
        client = httpx.AsyncClient(
            base_url=self._url, headers=headers, timeout=20, trust_env=False, verify=False
        )
        return await self._stack.enter_async_context(client)


@contextlib.asynccontextmanager
async def populated(app: Litestar, url: str) -> AsyncIterator[World]:
    """The five people at an application that runs at `url`."""
    resources: Resources = app.state.resources
    async with contextlib.AsyncExitStack() as stack:
        arrivals = Arrivals(url, resources, stack)
        yield World(
            url=url,
            app=app,
            resources=resources,
            admin=await arrivals.account("keeper", role="admin"),
            member=await arrivals.account("member"),
            outsider=await arrivals.account("outsider"),
            pending=await arrivals.account("waiting", status="pending"),
            visitor=await arrivals.visitor(),
            arrivals=arrivals,
        )


@contextlib.asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """Serve `app` in the running loop over a real socket; its URL.

    Real sockets, because streams and disconnects are what most needs testing; the same loop, so that a test
    can look into `app.state`. uvicorn's own loop and signal handlers stay out.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=2,
            proxy_headers=False,  # as in parley.server: only trusted proxies are believed
        )
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    shutting_down.clear()
    # Named as TCP, or asyncio leaves Nagle on and every answer after the first waits 40 ms for an ACK.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        await server.startup(sockets=[listener])
        assert server.started, "the application did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            shutting_down.set()
            await _shut_down(server)
            shutting_down.clear()


async def _shut_down(server: uvicorn.Server) -> None:
    """As uvicorn does it, without its pause of 0.1 s that would be paid by each test."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if answering := list(server.server_state.tasks):
        _, endless = await asyncio.wait(answering, timeout=5)
        assert not endless, "an answer went on after the process began to stop"
    await server.lifespan.shutdown()
    assert not getattr(server.lifespan, "shutdown_failed", False), "the application did not close in order"


@cache
def _hash() -> str:
    """PASSWORD under a cheap hash: the cost parameters are stored in it, so signing in works."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _settle(new: NewUser, role: str, status: str, token_hash: str, now: int) -> Script[Row]:
    """An account of any role and status with an open login session."""
    user = yield from scripts.insert_user(new, now)
    assert user is not None, f"{new.username} exists already"
    rows = yield (
        "UPDATE user_account SET role = ?, status = ? WHERE id = ? RETURNING id, ver",
        (role, status, user["id"]),
    )
    session = NewSession(
        owner=user["id"], token_hash=token_hash, address="", agent="test", life_ms=86_400_000
    )
    return {**rows[0], "session": (yield from scripts.open_session(session, now))}
