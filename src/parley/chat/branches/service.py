"""The verbs of versions: one transaction each, then the doorbell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat import service as chat
from parley.chat.access import MessageRow, conversation_for_owner
from parley.chat.attachments import files_of_messages
from parley.chat.branches import scripts
from parley.chat.branches.scripts import Removed
from parley.chat.scripts import Accepted
from parley.generations import service as generations
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_COMMENT = 2000


async def edit(
    resources: Resources, actor: Actor, message: MessageRow, text: str, client_id: str, model: str = ""
) -> Accepted:
    """Another version of a question, with the files it still has, and an answer; the first stays as it is.

    The same client message id again finds the first edit. Raises Invalid, NotFound, Conflict as `chat.ask`.
    """
    conversation = await conversation_for_owner(resources.db, message.conversation, actor)
    files = (await files_of_messages(resources.db, [message.id])).get(message.id, [])
    kept = tuple(file.id for file in files if not file.is_expired)
    asked = chat.Asked(text, client_id, model, kept, instead_of=message.id)
    accepted = await chat.ask(resources, actor, conversation, asked)
    chat.tell(resources, actor.id, "path", message.conversation)
    return accepted


async def choose(resources: Resources, actor: Actor, message: MessageRow) -> None:
    """Follow this version from now on, to where it last led. What is being written elsewhere goes on."""
    await resources.db.write(scripts.choose, message.id, message.conversation, actor.id)
    chat.tell(resources, actor.id, "path", message.conversation)


async def fork(resources: Resources, actor: Actor, message: MessageRow) -> int:
    """A new conversation with everything up to this message; its id. Raises Conflict while it is written."""
    id = await resources.db.write(scripts.fork, message.id, message.conversation, actor.id, now_ms())
    chat.tell(resources, actor.id, "created", id)
    return id


async def remove(resources: Resources, actor: Actor, message: MessageRow) -> Removed:
    """Put a message and what follows it out of sight, and stop what is being written there."""
    removed = await resources.db.write(scripts.remove, message.id, message.conversation, actor.id, now_ms())
    for generation in removed.running:
        await generations.request_stop(resources, generation)
    chat.tell(resources, actor.id, "path", message.conversation)
    return removed


async def restore(resources: Resources, actor: Actor, message: MessageRow) -> None:
    """Undo a deletion. Raises NotFound when there is nothing to restore."""
    await resources.db.write(scripts.restore, message.id, message.conversation, actor.id)
    chat.tell(resources, actor.id, "path", message.conversation)


async def rate(resources: Resources, actor: Actor, message: MessageRow, value: int, comment: str) -> None:
    """Keep what the actor thinks of an answer: 1, -1, or 0 to withdraw it. Raises Invalid."""
    comment = comment.replace("\0", " ").strip()
    if value not in (-1, 0, 1):
        raise Invalid(_("Say whether the answer was good or bad."), fields={"value": _("Choose one.")})
    if len(comment) > LONGEST_COMMENT:
        long = _("A comment has at most %(most)d characters.", most=LONGEST_COMMENT)
        raise Invalid(long, fields={"comment": long})
    if value:
        await resources.db.write(scripts.rate, message.id, actor.id, value, comment, now_ms())
    else:
        await resources.db.write(scripts.unrate, message.id, actor.id)
