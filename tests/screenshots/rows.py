"""Rows straight into the database of a running Parley: only there can something be a week old."""

from __future__ import annotations

import sqlite3

from tests.browser.visitor import Workspace


def database(workspace: Workspace) -> sqlite3.Connection:
    """The file itself; rows have names."""
    db = sqlite3.connect(workspace.processes.data / "parley.db", timeout=15)
    db.row_factory = sqlite3.Row
    return db


def insert(db: sqlite3.Connection, table: str, **values: object) -> int:
    """One row; its id."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    return int(
        db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id",
            [*values.values()],
        ).fetchone()[0]
    )
