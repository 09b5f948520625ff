"""Pages of chat put together: rows through `presenting`, messages through `turns`. Reads only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.accounts.actor import Actor
from parley.chat import pages, presenting, queries
from parley.chat.access import ConversationRow
from parley.chat.gauge import gauge
from parley.chat.scripts import Accepted
from parley.chat.turns import AnyRequest, turn_of, turns_of
from parley.generations.follow import Follower
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.routes.queries import choices
from parley.web.i18n import _, lang_of_text

PAGE = 50  # conversations in the sidebar at first


async def chat_page(
    request: AnyRequest,
    resources: Resources,
    follower: Follower,
    actor: Actor,
    conversation: ConversationRow | None,
) -> pages.ChatPage:
    """`/chat` (None) or `/chat/{id}`; a constant number of queries."""
    db = resources.db
    current = conversation.id if conversation else None
    rows = await queries.recent_conversations(db, actor.id, limit=PAGE + 1)
    models = await choices(db, actor)
    path = await queries.path_to(db, conversation.leaf) if conversation else []
    last = path[-1] if path else None
    options = presenting.model_options(
        models, conversation.model if conversation else "", last.model_name if last else ""
    )
    title = (conversation.title or _("New chat")) if conversation else ""
    return pages.ChatPage(
        title=title,
        title_lang=lang_of_text(title) if title else "",
        conversation_id=current,
        groups=presenting.grouped(rows[:PAGE], now=now_ms(), offset=_offset(request), current=current),
        next_cursor=_cursor(rows),
        turns=await turns_of(resources, follower, path),
        earlier=presenting.earlier_of(path),
        models=options,
        greeting=presenting.greeting(actor.username),
        starters=presenting.starters(),
        gauge=gauge(path),
        running_generation=last.generation if last and last.is_open else None,
        notice_no_model=not any(option.available for option in options),
        offer_connection=actor.is_admin and all(option.demo for option in options),
    )


async def list_fragment(
    request: AnyRequest, resources: Resources, actor: Actor, before: str, current: int
) -> pages.ConversationListFragment:
    """The sidebar's list from its top, or what comes after the cursor `before`."""
    rows = await queries.recent_conversations(
        resources.db, actor.id, limit=PAGE + 1, before=_parsed_cursor(before)
    )
    groups = presenting.grouped(rows[:PAGE], now=now_ms(), offset=_offset(request), current=current)
    return pages.ConversationListFragment(groups=groups, next_cursor=_cursor(rows))


async def turns_fragment(
    resources: Resources, follower: Follower, conversation: ConversationRow, before: int, after: int
) -> pages.TurnsFragment:
    """The window of turns above message `before`, else those after message `after`."""
    db = resources.db
    if before:
        own = before <= LARGEST_ID and await queries.is_in(db, conversation.id, before)
        path = (await queries.path_to(db, before, limit=queries.WINDOW + 1))[:-1] if own else []
        earlier = presenting.earlier_of(path)
    else:
        path, earlier = await queries.path_after(db, conversation.leaf, after), None
    turns = await turns_of(resources, follower, path)
    return pages.TurnsFragment(conversation_id=conversation.id, turns=turns, earlier=earlier)


async def exchange(resources: Resources, follower: Follower, accepted: Accepted) -> pages.ExchangeFragment:
    """What a send led to: the question as stored, and the place where its answer grows."""
    question = (await queries.path_to(resources.db, accepted.question, limit=1))[0]
    return pages.ExchangeFragment(
        question=presenting.user_turn(question),
        answer=await turn_of(resources, follower, accepted.answer),
    )


def _offset(request: AnyRequest) -> int:
    """The reader's minutes east of UTC as the page's script wrote them into a cookie; 0 when unknown."""
    value = request.cookies.get("tz", "0")
    try:
        return max(-14 * 60, min(14 * 60, int(value)))
    except ValueError:
        return 0


def _cursor(rows: Sequence[queries.ListedConversation]) -> str | None:
    return f"{rows[PAGE - 1].updated_at}-{rows[PAGE - 1].id}" if len(rows) > PAGE else None


def _parsed_cursor(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    numbers = [int(each) for each in text.split("-") if re.fullmatch("[0-9]{1,19}", each)]
    if len(numbers) != 2 or max(numbers) > LARGEST_ID:
        raise Invalid(_("This place in the list does not exist. Reload the page."))
    return numbers[0], numbers[1]
