"""Which engine a DATABASE_URL asks for."""

from __future__ import annotations

from urllib.parse import urlsplit

from parley.lib.db.postgres import PostgresDatabase
from parley.lib.db.script import Database
from parley.lib.db.sqlite import SQLiteDatabase


def open_database(url: str) -> Database:
    """The database behind `sqlite:///absolute/path` or `postgresql://user:word@host/name`, not yet open.

    Raises ValueError for any other scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return SQLiteDatabase(url.removeprefix("sqlite://"))
    if scheme in ("postgresql", "postgres"):
        return PostgresDatabase(url)
    raise ValueError(f"DATABASE_URL must start with sqlite:// or postgresql://, not {scheme}://")
