"""Reads about identities at the provider."""

from __future__ import annotations

from parley.lib.db import Database, Row, one


async def identity(db: Database, issuer: str, subject: str) -> Row | None:
    """Whose identity this is: only issuer and subject together say so."""
    return one(
        await db.fetch("SELECT * FROM oidc_identity WHERE issuer = ? AND subject = ?", issuer, subject)
    )


async def identities(db: Database, owner: int) -> list[Row]:
    """The identities an account can sign in with; few, since a person has one at a provider."""
    return await db.fetch(
        "SELECT id, issuer, name, created_at, used_at FROM oidc_identity WHERE owner = ? ORDER BY id", owner
    )


async def stored_secret(db: Database) -> Row | None:
    """The client secret, sealed, with the issuer it was entered for."""
    return one(await db.fetch("SELECT issuer, sealed FROM oidc_secret WHERE id = 1"))
