"""The verb of summaries: a new chat whose first question carries the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat import service as chat
from parley.chat.access import ConversationRow, conversation_for_owner
from parley.chat.queries import path_to
from parley.chat.summing import scripts, wording
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Conflict
from parley.routes.queries import choices
from parley.settings.answering import DEFAULT_WINDOW
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_PATH = 1000  # messages looked at; far more than any window holds


async def summarise(resources: Resources, actor: Actor, conversation: ConversationRow) -> int:
    """A new chat by the same model whose first answer sums this one up; its id.

    The same chat at the same message again leads to the same new one. Raises Conflict while it is answering,
    for a temporary or an empty chat, and for a model that reads too little; NotFound when its model is gone.
    """
    if conversation.temporary:
        raise Conflict(_("A temporary chat goes with its page. Keep it first."))
    leaf = conversation.leaf
    text = await _question(resources, actor, conversation)
    if leaf is None or not text:
        raise Conflict(_("There is nothing here that this model could sum up. Choose another model."))
    origin = f"summary-{conversation.id}-{leaf}"
    title = _("Summary: %(title)s", title=conversation.title)[: chat.LONGEST_TITLE]
    begun = await resources.db.write(
        scripts.begin, conversation.id, leaf, actor.id, origin, title if conversation.title else "", now_ms()
    )
    made = await conversation_for_owner(resources.db, begun, actor)
    if made.leaf is None:
        try:
            await chat.ask(resources, actor, made, chat.Asked(text, origin))
        except AppError:
            await resources.db.write(scripts.discard, begun, actor.id)
            raise
    return begun


async def _question(resources: Resources, actor: Actor, conversation: ConversationRow) -> str:
    path = await path_to(resources.db, conversation.leaf, limit=LONGEST_PATH)
    models = await choices(resources.db, actor)
    own = next((model.context_window for model in models if model.id == conversation.model), None)
    window = own or (await load(resources.db))[DEFAULT_WINDOW]
    wish = _(
        "Summarise the conversation below so that we can continue it here: what it is about, what was"
        " decided, what is open."
    )
    return wording.asked(wish, path, window)
