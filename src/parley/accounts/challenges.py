"""What is under way in one browser: a sign-in that waits for its second step, a key being made, a trip to a
provider. The browser holds a random cookie, the row behind its hash holds the rest, for some minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

from parley.accounts.tokens import new_secret, secret_hash
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row, Script, one
from parley.resources import Resources
from parley.web.perimeter import perimeter_of

AnyRequest = Request[Any, Any, Any]
LIFE_MS = 10 * 60_000
MOST_FAILURES = 5

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One kind of challenge: its name in the table and of its cookie, and who may send the cookie."""

    name: str
    # "lax" where another site sends the browser back to us.
    same_site: Literal["lax", "strict"] = "strict"


SECOND_STEP = Purpose("second")
NEW_PASSKEY = Purpose("newkey")
PASSKEY = Purpose("passkey")
PROVIDER = Purpose("provider", "lax")


async def begin(
    request: AnyRequest,
    resources: Resources,
    purpose: Purpose,
    data: msgspec.Struct,
    owner: int | None = None,
) -> Cookie:
    """Keep `data` for this browser; the cookie that finds it again."""
    secret = new_secret()
    kept = msgspec.json.encode(data).decode()
    await resources.db.write_relaxed(_keep, (secret_hash(secret), purpose.name, owner, kept), now_ms())
    return perimeter_of(request).cookie(
        request.scope, purpose.name, secret, max_age=LIFE_MS // 1000, same_site=purpose.same_site
    )


async def look(
    request: AnyRequest, db: Database, purpose: Purpose, type: type[T]
) -> tuple[T, int | None] | None:
    """What is under way here and whose it is, without ending it."""
    row = one(
        await db.fetch(
            "SELECT owner, data FROM sign_in_challenge WHERE key = ? AND purpose = ? AND expires_at > ?",
            _key(request, purpose),
            purpose.name,
            now_ms(),
        )
    )
    return _opened(row, type)


async def take(
    request: AnyRequest, resources: Resources, purpose: Purpose, type: type[T]
) -> tuple[T, int | None] | None:
    """The same, and it is over: nobody takes it a second time."""
    row = await resources.db.write(_take, _key(request, purpose), purpose.name, now_ms())
    return _opened(row, type)


async def failed(request: AnyRequest, resources: Resources, purpose: Purpose) -> bool:
    """Count a wrong answer; False once there were too many and it is over."""
    left: bool = await resources.db.write_relaxed(_fail, _key(request, purpose))
    return left


def forgotten(request: AnyRequest, purpose: Purpose) -> Cookie:
    """Take the cookie away."""
    return perimeter_of(request).cookie(
        request.scope, purpose.name, "", max_age=0, same_site=purpose.same_site
    )


def _key(request: AnyRequest, purpose: Purpose) -> str:
    name = perimeter_of(request).cookie_name(request.scope, purpose.name)
    return secret_hash(request.cookies.get(name, ""))


def _opened(row: Row | None, type: type[T]) -> tuple[T, int | None] | None:
    return None if row is None else (msgspec.json.decode(row["data"], type=type), row["owner"])


def _keep(new: tuple[str, str, int | None, str], now: int) -> Script[None]:
    yield "DELETE FROM sign_in_challenge WHERE expires_at <= ?", (now,)
    yield (
        "INSERT INTO sign_in_challenge (key, purpose, owner, data, expires_at) VALUES (?, ?, ?, ?, ?)",
        (*new, now + LIFE_MS),
    )


def _take(key: str, purpose: str, now: int) -> Script[Row | None]:
    rows = yield (
        "DELETE FROM sign_in_challenge WHERE key = ? AND purpose = ? AND expires_at > ?"
        " RETURNING owner, data",
        (key, purpose, now),
    )
    return one(rows)


def _fail(key: str) -> Script[bool]:
    rows = yield (
        "UPDATE sign_in_challenge SET failures = failures + 1 WHERE key = ? RETURNING failures",
        (key,),
    )
    if rows and rows[0]["failures"] < MOST_FAILURES:
        return True
    yield "DELETE FROM sign_in_challenge WHERE key = ?", (key,)
    return False
