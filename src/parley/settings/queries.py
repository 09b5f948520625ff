"""Reads of settings."""

from __future__ import annotations

import msgspec

from parley.lib.db import Database
from parley.settings.catalogue import Values


async def load(db: Database) -> Values:
    """All settings as they are now; one small read."""
    rows = await db.fetch("SELECT key, value FROM setting")
    return Values({row["key"]: msgspec.json.decode(row["value"]) for row in rows})
