"""Who changes a setting, for its history and the audit log."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, caller_of
from parley.settings.scripts import Author


def author_of(request: AnyRequest, admin: Actor) -> Author:
    """The administrator behind a request, and where it comes from."""
    return Author(admin.id, admin.username, caller_of(request).address)
