"""Errors that are sentences for a person; `web/errors.py` renders them once for pages and JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class AppError(Exception):
    """Something a person should read. `status` is the HTTP status, `code` a stable word for programs."""

    status = 500
    code = "error"
    more: Mapping[str, Any] = MappingProxyType({})  # further fields of the JSON form
    action: tuple[str, str] | None = None  # what to do next: a path below the root path, and its words

    def __init__(self, message: str, *, code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after  # seconds, for the Retry-After header
        if code is not None:
            self.code = code


class Invalid(AppError):
    """Input that cannot be used; `fields` says what is wrong with which one."""

    status = 400
    code = "invalid"

    def __init__(
        self, message: str, *, fields: dict[str, str] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fields = fields or {}


class NotSignedIn(AppError):
    """Nobody is signed in, or the credentials are wrong."""

    status = 401
    code = "not_signed_in"


class NotAllowed(AppError):
    """The actor is known and may not do this, whatever the row."""

    status = 403
    code = "not_allowed"


class NotFound(AppError):
    """No such row for this actor: unknown and forbidden look the same."""

    status = 404
    code = "not_found"


class Conflict(AppError):
    """The request contradicts what is stored."""

    status = 409
    code = "conflict"


class Waiting(AppError):
    """The account still waits for an administrator (423 Locked, RFC 4918 section 11.3)."""

    status = 423
    code = "pending"


class TooMany(AppError):
    """Too many tries; `retry_after` says when the next one counts."""

    status = 429
    code = "too_many"


class OverQuota(AppError):
    """An allowance is used up; `quota` describes it, `resets_at` (ms) is when it begins anew."""

    status = 429
    code = "quota"

    def __init__(
        self,
        message: str,
        *,
        quota: Mapping[str, object],
        resets_at: int,
        retry_after: float,
        action: tuple[str, str],
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.more = {"quota": quota, "resetsAt": resets_at}
        self.action = action


class Unavailable(AppError):
    """The store cannot answer now; the same request may work later."""

    status = 503
    code = "unavailable"


class StorageFull(AppError):
    """The disk is full (507 Insufficient Storage, RFC 4918 section 11.5)."""

    status = 507
    code = "storage_full"
