"""Messages of a path -> turns of a page: finished ones rendered, a running one as far as it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from litestar import Request
from markupsafe import Markup, escape

from parley.accounts.guards import signed_in
from parley.chat import gauge, measures, notices, pages, presenting, queries
from parley.chat.access import GenerationRow
from parley.chat.answers import AnswerLabels, AnswerView, End
from parley.chat.attachments import files_of_messages
from parley.chat.branches.variants import variants_of
from parley.chat.frames import partial
from parley.chat.live import html_events
from parley.chat.queries import PathMessage
from parley.chat.streaming import Over
from parley.chat.wording import markdown_labels
from parley.generations.follow import Follower
from parley.lib.markdown import Labels, render_document
from parley.quotas.presenting import allowance_left
from parley.resources import Resources
from parley.web.i18n import _, lang_of_text, language
from parley.web.render import fragment

AnyRequest = Request[Any, Any, Any]
LONG = 10_000  # characters of Markdown; about 5 ms of rendering
NOTHING = Markup()


async def turns_of(resources: Resources, follower: Follower, path: Sequence[PathMessage]) -> list[pages.Turn]:
    """The turns of a path, in its order; two queries whatever its length."""
    files = await files_of_messages(resources.db, [message.id for message in path])
    variants = await variants_of(resources.db, path)
    root = resources.config.root_path
    turns: list[pages.Turn] = []
    for message in path:
        pictures = presenting.pictures(root, files.get(message.id, ()))
        if message.role == "user":
            small = presenting.small_pictures(root, files.get(message.id, ()))
            turns.append(presenting.user_turn(message, small))
        elif message.is_open and message.generation is not None:
            turns.append(await _running_turn(resources, follower, message, message.generation, pictures))
        else:
            turns.append(await _ended_turn(message, pictures))
    return [replace(turn, variants=variants[turn.id]) for turn in turns]


async def turn_of(resources: Resources, follower: Follower, message: int) -> pages.AnswerTurn:
    """One answer as it stands."""
    path = await queries.path_to(resources.db, message, limit=1)
    turn = (await turns_of(resources, follower, path))[0]
    assert isinstance(turn, pages.AnswerTurn)
    return turn


async def answer_events(
    request: AnyRequest, resources: Resources, follower: Follower, row: GenerationRow, after: int, over: Over
) -> AsyncIterator[bytes]:
    """The event stream of one answer for one page."""

    async def ending(_end: End) -> str:
        return await _ending(request, resources, row)

    make = await _view_factory(resources, row)
    async with follower.watch(row.id) as live:
        async for chunk in html_events(live, make, after, ending=ending, language=language(), over=over):
            yield chunk


async def _ending(request: AnyRequest, resources: Resources, row: GenerationRow) -> str:
    """What only the database knows when an answer ends, in the places of the page."""
    message = (await queries.path_to(resources.db, row.message, limit=1))[0]
    html = await _pictures_of(resources, row.message)
    variants = (await variants_of(resources.db, [message]))[message.id]
    turn = replace(presenting.ended_turn(message, pictures_html=html), variants=variants)
    parts = {"by": escape(turn.model_name), "pics": turn.pictures_html, "notes": turn.notes_html}
    partials = [partial(f"#{turn.key}-{name}", "innerHTML", html) for name, html in parts.items()]
    acts = fragment(request, pages.ActionsFragment(turn=turn))
    meter = fragment(request, pages.GaugeFragment(gauge=gauge.gauge([message])))
    reader = await signed_in(request)
    left = pages.AllowanceFragment(allowance=await allowance_left(resources.db, reader.id) if reader else "")
    whole = {f"#{turn.key}-acts": acts, "#gauge": meter, "#allowance": fragment(request, left)}
    return "".join([*partials, *(partial(where, "outerHTML", html) for where, html in whole.items())])


async def _view_factory(resources: Resources, row: GenerationRow) -> Callable[[], AnswerView]:
    # Only a continuation has pictures before its end, which stores them.
    before = await _pictures_of(resources, row.message) if row.prefix else NOTHING
    root = resources.config.root_path
    return lambda: AnswerView(
        row.id,
        answer_labels(root),
        prefix=row.prefix,
        prefix_reasoning=row.prefix_reasoning,
        prefix_pictures=before,
    )


def answer_labels(root: str) -> AnswerLabels:
    """The words of a running answer in the reader's language; `root` is the path we live under."""
    return AnswerLabels(
        markdown=markdown_labels(),
        thinking=_("Thinking…"),
        thought=measures.thought_for,
        note=notices.note,
        wait=notices.countdown,
        picture=lambda image: _picture_of_fact(root, image),
    )


def _picture_of_fact(root: str, image: dict[str, Any]) -> Markup:
    numbers = [image.get(name) for name in ("file", "width", "height")]
    file, width, height = (value if isinstance(value, int) else 0 for value in numbers)
    return presenting.picture(root, file, width, height) if file > 0 else NOTHING


async def _pictures_of(resources: Resources, message: int) -> Markup:
    files = await files_of_messages(resources.db, [message])
    return presenting.pictures(resources.config.root_path, files.get(message, ()))


async def _finished(text: str, prefix: str) -> Markup:
    """A finished text as HTML; long ones are rendered in a thread, the loop has streams to serve."""
    labels = markdown_labels()
    if len(text) < LONG:
        return _rendered(text, labels, prefix)
    return await asyncio.to_thread(_rendered, text, labels, prefix)


@lru_cache(maxsize=256)
def _rendered(text: str, labels: Labels, prefix: str) -> Markup:
    return render_document(text, labels, prefix=prefix)


async def _ended_turn(message: PathMessage, pictures: Markup) -> pages.AnswerTurn:
    reasoning = await _finished(message.reasoning, f"r{message.id}-") if message.reasoning else ""
    return presenting.ended_turn(
        message,
        done_html=await _finished(message.text, f"m{message.id}-"),
        reasoning_html=Markup("<li>{}</li>").format(reasoning) if reasoning else NOTHING,
        pictures_html=pictures,
    )


async def _running_turn(
    resources: Resources, follower: Follower, message: PathMessage, generation: int, pictures: Markup
) -> pages.AnswerTurn:
    """As far as it is written; the page follows from `last_seq`, so the end comes with the stream."""
    view = AnswerView(
        generation,
        answer_labels(resources.config.root_path),
        prefix=message.text,
        prefix_reasoning=message.reasoning,
        prefix_pictures=pictures,
    )
    async with follower.watch(generation) as live:
        for fact in live.facts:
            if fact[1] == "end":
                break
            view.take(fact)
    if view.is_heavy:
        await asyncio.to_thread(view.render)
    snapshot = view.snapshot()
    name = snapshot.by or presenting.model_name(message.model, message.model_name)
    return pages.AnswerTurn(
        id=message.id,
        model_name=name,
        status="streaming" if message.status == "running" else "queued",
        demo=message.model == "demo",
        lang=lang_of_text(message.text or "".join(fact[2] for fact in live.facts if fact[1] == "text")),
        generation=generation,
        done_html=snapshot.done,
        open_html=snapshot.open,
        reasoning_html=snapshot.steps,
        reasoning_summary=snapshot.summary,
        wait_html=snapshot.wait,
        pictures_html=snapshot.pictures,
        notes_html=snapshot.notes,
        last_seq=snapshot.seq,
    )
