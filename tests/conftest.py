"""Fixtures for every suite. Whatever touches the database runs on SQLite and on PostgreSQL.

The application is imported by the fixtures that run it: pure tests start without it.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.lib.config import Config
from parley.lib.db import Database, open_database
from parley.piccolo_app import APP_CONFIG
from tests.servers import PostgresServer, RedisServer, migrate

if TYPE_CHECKING:
    import httpx
    from litestar import Litestar

    from tests.processes import Parley
    from tests.world import World

TEMPLATE = "parley_template"
REAL_PROCESSES = {"chaos", "serve"}  # folders


def pytest_configure(config: pytest.Config) -> None:
    """Say which marks there are."""
    config.addinivalue_line("markers", "one_engine: SQLite only; other tests run its statements on both")
    config.addinivalue_line("markers", "chaos: kills real processes for 20 s; leave out by -m 'not chaos'")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files have no place in names: some hold the time they were made at, and workers must agree."""
    return argname if isinstance(val, bytes) and len(val) > 60 else None


@pytest.hookimpl(tryfirst=True)  # before xdist, which writes the groups into the tests' names
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers share the tests, a browser module stays with one: what it sets up is dear.

    Those that kill and start whole Parleys do so one after the other.
    """
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if "browser" in item.path.parts:
                item.add_marker(pytest.mark.xdist_group(item.path.stem))
            elif REAL_PROCESSES & set(item.path.parts):
                item.add_marker(pytest.mark.xdist_group("processes"))


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A short path of its own: unix sockets allow 107 bytes, and PostgreSQL must be let in."""
    directory = Path(tempfile.mkdtemp(prefix="parley-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_directory: Path) -> Iterator[PostgresServer]:
    """One cluster per session, with one migrated database to copy."""
    directory = server_directory / "postgres"
    directory.mkdir()
    server = PostgresServer(directory)
    try:
        server.start()
        migrate(server.create(TEMPLATE))
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis_server(server_directory: Path) -> Iterator[RedisServer]:
    """One Redis per session on a unix socket."""
    directory = server_directory / "redis"
    directory.mkdir()
    server = RedisServer(directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis. A test that kills one makes its own `RedisServer(tmp_path)`."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def migrated_file(server_directory: Path) -> Path:
    """A SQLite file at the newest schema, to copy."""
    path = server_directory / "template.db"
    migrate(f"sqlite://{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test."""
    path = tmp_path / "parley.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite://{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database of this test."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    yield postgres_server.create(name, TEMPLATE)
    postgres_server.drop(name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever touches the database runs on each engine, unless others test the same statements."""
    if "database_url" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_engine") is not None
        metafunc.parametrize("database_url", ["sqlite"] if one else ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The open, migrated database, with Piccolo's tables bound to it."""
    database = open_database(database_url)
    await database.open()
    for table in APP_CONFIG.table_classes:
        table._meta.db = database.engine
    yield database
    await database.close()


@pytest.fixture
def config(database_url: str, redis_url: str, tmp_path: Path) -> Config:
    """A configuration for one test: its own data directory, database and Redis."""
    data = tmp_path / "data"
    data.mkdir()
    return Config(
        host="127.0.0.1",
        port=0,
        data=data,
        database_url=database_url,
        redis_url=redis_url,
        files_url="",
        secret=b"a secret for tests, 32 bytes or more",
        root_path="",
        trusted_proxies=(),
        log_level="warning",
    )


@pytest.fixture(scope="session")
def built_apps() -> dict[Config, Litestar]:
    """Applications by what their routes depend on: to build one takes longer than most tests."""
    return {}


@pytest.fixture
def app(config: Config, built_apps: dict[Config, Litestar]) -> Litestar:
    """The web application, not yet running; all it holds open is opened for each test anew."""
    from parley.app import create_app

    shape = replace(config, data=Path(), database_url="", redis_url="", files_url="")
    if shape not in built_apps:
        built_apps[shape] = create_app(config)
    application = built_apps[shape]
    application.state.config = config
    return application


@pytest.fixture
async def url(app: Litestar) -> AsyncIterator[str]:
    """Where `app` runs, in this loop, on a real socket; `app.state.resources` is open."""
    from tests.world import served

    async with served(app) as address:
        yield address


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has never been here."""
    import httpx

    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, verify=False) as visitor:
        yield visitor


@pytest.fixture
async def world(app: Litestar, url: str) -> AsyncIterator[World]:
    """Everybody: admin, member, outsider, pending, visitor."""
    from tests.world import populated

    async with populated(app, url) as people:
        yield people


@pytest.fixture
def parley() -> Iterator[Parley]:
    """The real processes, ready; for browser and chaos tests."""
    from tests.processes import Parley

    with Parley() as processes:
        yield processes
