"""Reads of the catalogue. Nothing here ever waits for an upstream."""

from __future__ import annotations

import re

import msgspec

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.lib.db import Database, Row

# Lists of models also hold what cannot chat; such a model must not become anybody's default.
_NOT_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|moderation|rerank|transcribe|realtime|image|audio|davinci|babbage|bge-|e5-",
    re.IGNORECASE,
)


async def all_models(db: Database) -> list[ModelRow]:
    """Every model, those that cannot be used marked; what a new chat should use comes first.

    That is: real connections before the demo, and within one what can chat before what cannot.
    """
    rows = await db.fetch(
        "SELECT m.public_id, m.name, m.raw_id, m.capabilities, c.id AS connection_id,"
        " c.name AS connection_name, c.provider, c.enabled"
        " FROM model m JOIN connection c ON c.id = m.connection ORDER BY c.id, m.id"
    )
    rows.sort(key=lambda row: (row["provider"] == "demo", bool(_NOT_CHAT.search(row["raw_id"]))))
    return [_model(row) for row in rows]


async def usable(db: Database, actor: Actor) -> list[ModelRow]:
    """What `actor` may choose now or sees as turned off, in the order of `all_models`."""
    return await all_models(db)


def _model(row: Row) -> ModelRow:
    return ModelRow(
        id=row["public_id"],
        name=row["name"],
        connection_id=row["connection_id"],
        connection_name=row["connection_name"],
        provider=row["provider"],
        raw_id=row["raw_id"],
        capabilities=tuple(msgspec.json.decode(row["capabilities"], type=list[str])),
        available=bool(row["enabled"]),
    )
