"""The transactions of summaries, as scripts for both engines."""

from __future__ import annotations

from parley.chat.branches.steps import is_answering
from parley.chat.scripts import locked
from parley.lib.db import Script
from parley.lib.errors import Conflict
from parley.web.i18n import _


def begin(conversation: int, leaf: int, owner: int, origin: str, title: str, now: int) -> Script[int]:
    """An empty conversation with the model and the settings of another one, or the one made before; its id.

    `origin` says for what it is; one that was deleted since does not count. Raises NotFound, Conflict while
    the other one is answering.
    """
    yield from locked(conversation, owner)
    if (yield from is_answering(conversation, leaf)):
        raise Conflict(_("This chat is still answering. Wait for the end or stop it first."), code="busy")
    yield (
        "UPDATE conversation SET origin = NULL WHERE owner = ? AND origin = ? AND deleted_at IS NOT NULL",
        (owner, origin),
    )
    yield (
        "INSERT INTO conversation (owner, origin, title, model, system_prompt, sampling, reasoning, folder,"
        " forked_from, created_at, updated_at)"
        " SELECT owner, CAST(? AS VARCHAR), CAST(? AS VARCHAR), model, system_prompt, sampling, reasoning,"
        " folder, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) FROM conversation WHERE id = ?"
        " ON CONFLICT (owner, origin) DO NOTHING",
        (origin, title, leaf, now, now, conversation),
    )
    rows = yield "SELECT id FROM conversation WHERE owner = ? AND origin = ?", (owner, origin)
    return int(rows[0]["id"])


def discard(conversation: int, owner: int) -> Script[None]:
    """Delete a conversation that never got its first question."""
    yield "DELETE FROM conversation WHERE id = ? AND owner = ? AND leaf IS NULL", (conversation, owner)
