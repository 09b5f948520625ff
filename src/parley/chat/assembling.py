"""Pages of chat put together: rows through `presenting`, answers through the renderer. Reads only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Any

from litestar import Request
from markupsafe import Markup

from parley.accounts.actor import Actor
from parley.chat import pages, presenting, queries
from parley.chat.access import ConversationRow, GenerationRow
from parley.chat.answers import AnswerLabels, AnswerView, End
from parley.chat.live import html_events
from parley.chat.queries import PathMessage
from parley.chat.scripts import Accepted
from parley.chat.streaming import Over
from parley.generations.follow import Follower
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID, Database
from parley.lib.errors import Invalid
from parley.lib.markdown import Labels, render_document
from parley.resources import Resources
from parley.routes.queries import choices
from parley.web.i18n import _, lang_of_text, language
from parley.web.render import fragment

AnyRequest = Request[Any, Any, Any]
PAGE = 50  # conversations in the sidebar at first
LONG = 10_000  # characters of Markdown; about 5 ms of rendering


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
        turns=await _turns(db, follower, path),
        earlier=presenting.earlier_of(path),
        models=options,
        greeting=presenting.greeting(actor.username),
        starters=presenting.starters(),
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
    turns = await _turns(db, follower, path)
    return pages.TurnsFragment(conversation_id=conversation.id, turns=turns, earlier=earlier)


async def exchange(resources: Resources, follower: Follower, accepted: Accepted) -> pages.ExchangeFragment:
    """What a send led to: the question as stored, and the place where its answer grows."""
    question = (await queries.path_to(resources.db, accepted.question, limit=1))[0]
    return pages.ExchangeFragment(
        question=presenting.user_turn(question),
        answer=await turn_of(resources, follower, accepted.answer),
    )


async def turn_of(resources: Resources, follower: Follower, message: int) -> pages.AnswerTurn:
    """One answer as it stands."""
    return await _answer_turn(follower, (await queries.path_to(resources.db, message, limit=1))[0])


async def answer_events(
    request: AnyRequest, resources: Resources, follower: Follower, row: GenerationRow, after: int, over: Over
) -> AsyncIterator[bytes]:
    """The event stream of one answer for one page."""

    async def acts(_end: End) -> str:
        message = (await queries.path_to(resources.db, row.message, limit=1))[0]
        return fragment(request, pages.ActionsFragment(turn=presenting.ended_turn(message)))

    def view() -> AnswerView:
        return AnswerView(row.id, answer_labels(), prefix=row.prefix, prefix_reasoning=row.prefix_reasoning)

    async with follower.watch(row.id) as live:
        async for chunk in html_events(live, view, after, acts=acts, language=language(), over=over):
            yield chunk


def answer_labels() -> AnswerLabels:
    """The words of a running answer in the reader's language."""
    return AnswerLabels(
        markdown=markdown_labels(),
        thinking=_("Thinking…"),
        thought=_("Reasoning"),
        notice=lambda code, text: presenting.translated(text),
    )


def markdown_labels() -> Labels:
    """The words around code, tables and images in the reader's language."""
    return Labels(
        copy=_("Copy"),
        wrap=_("Wrap long lines"),
        table=_("Table"),
        code=_("Code"),
        image=_("Image"),
    )


async def _finished(text: str) -> Markup:
    """A finished text as HTML; long ones are rendered in a thread, the loop has streams to serve."""
    labels = markdown_labels()
    if len(text) < LONG:
        return _rendered(text, labels)
    return await asyncio.to_thread(_rendered, text, labels)


@lru_cache(maxsize=256)
def _rendered(text: str, labels: Labels) -> Markup:
    return render_document(text, labels)


async def _turns(db: Database, follower: Follower, path: Sequence[PathMessage]) -> list[pages.Turn]:
    return [
        presenting.user_turn(message) if message.role == "user" else await _answer_turn(follower, message)
        for message in path
    ]


async def _answer_turn(follower: Follower, message: PathMessage) -> pages.AnswerTurn:
    if message.is_open and message.generation is not None:
        return await _running_turn(follower, message, message.generation)
    reasoning = await _finished(message.reasoning) if message.reasoning else ""
    return presenting.ended_turn(
        message,
        done_html=await _finished(message.text),
        reasoning_html=Markup("<li>{}</li>").format(reasoning) if reasoning else Markup(""),
    )


async def _running_turn(follower: Follower, message: PathMessage, generation: int) -> pages.AnswerTurn:
    """As far as it is written; the page follows from `last_seq`, so the end comes with the stream."""
    view = AnswerView(generation, answer_labels(), prefix=message.text, prefix_reasoning=message.reasoning)
    async with follower.watch(generation) as live:
        for fact in live.facts:
            if fact[1] == "end":
                break
            view.take(fact)
    if view.is_heavy:
        await asyncio.to_thread(view.render)
    snapshot = view.snapshot()
    return pages.AnswerTurn(
        id=message.id,
        model_name=presenting.model_name(message.model, message.model_name),
        status="streaming" if message.status == "running" else "queued",
        demo=message.model == "demo",
        lang=lang_of_text(message.text or "".join(fact[2] for fact in live.facts if fact[1] == "text")),
        generation=generation,
        done_html=snapshot.done,
        open_html=snapshot.open,
        reasoning_html=snapshot.steps,
        reasoning_summary=snapshot.summary,
        notes_html=snapshot.notes,
        last_seq=snapshot.seq,
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
