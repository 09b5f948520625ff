"""Models in the database, without an upstream."""

from __future__ import annotations

import json
from typing import Any

import httpx

from parley.lib.db import Database, Many, Script

NOW = 1_763_000_000_000
Found = dict[str, dict[str, Any]]  # raw id -> the JSON of `model.found`


def data(response: httpx.Response, status: int = 200) -> Any:
    """The data of a successful answer."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["success"] is True
    return body["data"]


async def connection(db: Database, found: Found, name: str = "Here", **columns: Any) -> int:
    """A connection that offers these models; its id."""
    return await db.write(_connection, found, {"name": name, "provider": "openai", **columns})


def _connection(found: Found, columns: dict[str, Any]) -> Script[int]:
    values = {"created_at": NOW, "updated_at": NOW, "checked_at": NOW, "enabled": True, **columns}
    marks = ", ".join("?" * len(values))
    rows = yield (
        f"INSERT INTO connection ({', '.join(values)}) VALUES ({marks}) RETURNING id",
        tuple(values.values()),
    )
    id: int = rows[0]["id"]
    models = [(id, f"{id}:{raw}", raw, raw, json.dumps(facts), NOW) for raw, facts in found.items()]
    yield Many(
        "INSERT INTO model (connection, public_id, raw_id, name, found, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        models,
    )
    return id


def set_column(id: int, column: str, value: Any) -> Script[None]:
    """Change one column of a connection."""
    yield f"UPDATE connection SET {column} = ? WHERE id = ?", (value, id)


def set_setting(key: str, value: Any) -> Script[None]:
    """Decide a setting of the site."""
    yield "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)", (key, json.dumps(value), NOW)


def gone(public_id: str) -> Script[None]:
    """The upstream does not list a model any more."""
    yield "UPDATE model SET gone_at = ? WHERE public_id = ?", (NOW, public_id)
