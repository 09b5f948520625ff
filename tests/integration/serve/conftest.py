"""What the tests of starting and migrating share."""

import uuid
from collections.abc import Iterator

import pytest

from tests.servers import PostgresServer


@pytest.fixture(autouse=True)
def _environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrating tells Piccolo about the database through the environment."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("PICCOLO_CONF", raising=False)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    name = f"e_{uuid.uuid4().hex[:12]}"
    yield postgres_server.create(name)
    postgres_server.drop(name)
