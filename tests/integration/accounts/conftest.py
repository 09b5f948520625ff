"""An application of accounts alone, over real sockets, with the real resources."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from argon2 import PasswordHasher
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

import parley
from parley.accounts.actor import Actor
from parley.accounts.controllers import ROUTES
from parley.accounts.guards import DEPENDENCIES
from parley.lib import passwords
from parley.lib.config import Config
from parley.resources import Resources, open_resources
from parley.web.errors import EXCEPTION_HANDLERS
from parley.web.i18n import language_middleware
from parley.web.look import PLAIN, wear
from parley.web.render import Renderer
from parley.web.security import Security


@pytest.fixture(autouse=True)
def cheap_hashes() -> Iterator[None]:
    """The cost of a hash is not under test here: the pool and the path through it are the real ones."""
    before = passwords.PASSWORDS._hasher
    passwords.PASSWORDS._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.PASSWORDS._nobody = ""
    yield
    passwords.PASSWORDS._hasher = before
    passwords.PASSWORDS._nobody = ""


@get("/chat")
async def chat(actor: NamedDependency[Actor]) -> str:
    """Stands for every page of an approved user."""
    return f"chat of {actor.username}"


@get("/api/secret")
async def secret(actor: NamedDependency[Actor]) -> dict[str, str]:
    """Stands for every JSON route of an approved user."""
    return {"username": actor.username}


@get("/broken")
async def broken() -> None:
    """Fails as nobody foresaw."""
    raise RuntimeError("the secret detail")


@post("/api/echo")
async def echo(data: JSONBody[dict[str, str]]) -> dict[str, str]:
    """Takes JSON from anybody."""
    return data


def accounts_app(config: Config) -> Litestar:
    """Accounts, and one address of each kind behind them."""
    state = State()
    state.renderer = Renderer(
        root=config.root_path,
        version=parley.__version__,
        asset=lambda path: f"{config.root_path}/static/{path}",
    )

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        wear(PLAIN)  # whatever the settings of another test's site said
        async with open_resources(config) as app.state.resources:
            yield

    def resources(state: State) -> Resources:
        opened: Resources = state.resources
        return opened

    return Litestar(
        path=config.root_path or "/",
        route_handlers=[*ROUTES, chat, secret, broken, echo],
        dependencies={**DEPENDENCIES, "resources": Provide(resources, sync_to_thread=False)},
        lifespan=[lifespan],
        state=state,
        plugins=[Security(config)],
        middleware=[language_middleware],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        request_max_body_size=2_000_000,
    )


@pytest.fixture
def app(config: Config) -> Litestar:
    """Instead of the whole application: what fails here is the fault of accounts or web."""
    return accounts_app(config)
