"""Pages and fragments about one message put together. Reads only."""

from __future__ import annotations

from uuid import uuid4

from parley.accounts.actor import Actor
from parley.catalogue.queries import model_row
from parley.chat import measures, notices, presenting
from parley.chat.access import ConversationRow, MessageRow
from parley.chat.assembling import model_picker
from parley.chat.branches import pages
from parley.chat.branches.instructions import LABELS
from parley.chat.branches.queries import has_answer, rating_of
from parley.chat.branches.scripts import Removed
from parley.chat.pages import TurnsFragment
from parley.chat.queries import WINDOW, PathMessage, path_below, path_to
from parley.chat.turns import turns_of
from parley.chat.windows import Window, opening
from parley.generations.follow import Follower
from parley.resources import Resources
from parley.traces.queries import trace_of_generation
from parley.web.i18n import _, lang_of_text, ngettext
from parley.web.render import values_of

MOST_MODELS = 12  # in the menu before anybody searches


async def menu_page(resources: Resources, message: MessageRow, *, menu: bool) -> pages.MessageMenu:
    """What can be done with a message."""
    lang = lang_of_text(message.text)
    answer = message.role == "assistant"
    away = "english" if lang.startswith("en") else "chinese"  # the language it is written in already
    shown = pages.MessageMenu(
        id=message.id,
        is_answer=answer,
        unanswered=not answer and not await has_answer(resources.db, message.id),
        wishes=[(word, _(label)) for word, label in LABELS.items() if word != away],
    )
    if menu:
        return shown
    return pages.MessagePage(
        **values_of(shown), conversation=message.conversation, lang=lang, text=message.text
    )


async def models_page(
    resources: Resources, actor: Actor, message: MessageRow, search: str, *, menu: bool
) -> pages.ModelsPage:
    """The models another answer may come from; the one that gave this answer is marked."""
    rows = await resources.db.fetch("SELECT model, model_name FROM message WHERE id = ?", message.id)
    current = rows[0]["model"] if rows else ""
    picker = await model_picker(resources, actor, current, rows[0]["model_name"] if rows else "", search)
    usable = [option for option in picker.options if option.available]
    shown = usable if search else usable[:MOST_MODELS]
    kind = pages.ModelsMenu if menu else pages.ModelsPage
    return kind(
        id=message.id,
        models=[
            pages.ModelChoice(
                id=each.id, name=each.name, connection=each.connection, current=each.id == current
            )
            for each in shown
        ],
        rest=picker.rest + len(usable) - len(shown),
        search=search,
        searchable=bool(search) or picker.rest + len(usable) > MOST_MODELS,
    )


def edit_page(message: MessageRow, *, inline: bool) -> pages.EditPage:
    """A question to be written anew."""
    kind = pages.EditFragment if inline else pages.EditPage
    return kind(
        id=message.id,
        conversation=message.conversation,
        text=message.text,
        lang=lang_of_text(message.text),
        client_message_id=uuid4().hex,
    )


async def rating_page(
    resources: Resources, actor: Actor, message: MessageRow, *, panel: bool
) -> pages.RatingPanel:
    """What the actor thinks of an answer, to be said or changed."""
    value, comment = await rating_of(resources.db, message.id, actor.id)
    shown = pages.RatingPanel(id=message.id, value=value, comment=comment)
    return shown if panel else pages.RatingPage(**values_of(shown), conversation=message.conversation)


async def from_here(
    resources: Resources, follower: Follower, conversation: int, message: int
) -> TurnsFragment:
    """A message and what follows it where the path last led, a window of it."""
    path = await path_to(resources.db, message, limit=1)
    below = await path_below(resources.db, message, limit=WINDOW + 1)
    return TurnsFragment(
        conversation_id=conversation,
        turns=await turns_of(resources, follower, [*path, *below[:WINDOW]]),
        later=below[WINDOW - 1].id if len(below) > WINDOW else None,
    )


async def after_removal(
    resources: Resources,
    follower: Follower,
    conversation: ConversationRow,
    message: MessageRow,
    removed: Removed,
) -> pages.RemovedFragment:
    """What takes the place of a deleted message: the version that is followed now, or nothing."""
    if message.parent is not None:
        path = await path_below(resources.db, message.parent, limit=WINDOW + 1)
        shown = Window(path[:WINDOW], later=path[WINDOW - 1].id if len(path) > WINDOW else None)
    else:
        shown = await opening(resources.db, conversation)
    return pages.RemovedFragment(
        conversation_id=conversation.id,
        turns=list(await turns_of(resources, follower, shown.path)),
        message=message.id,
        said=ngettext("%(n)s message deleted.", "%(n)s messages deleted.", removed.messages),
        earlier=shown.earlier,
        later=shown.later,
    )


async def why_page(resources: Resources, actor: Actor, message: MessageRow, *, panel: bool) -> pages.WhyPanel:
    """What is stored of how an answer came about, in words; the connection only for administrators."""
    row = (await path_to(resources.db, message.id, limit=1))[0]
    by = row.answered_by or row.model
    home = await model_row(resources.db, by) if actor.is_admin and by and row.generation else None
    facts = [
        (_("Asked"), presenting.model_name(row.model, row.model_name)),
        (_("Answered"), presenting.answered_name(row)),
        (_("Connection"), home.connection_name if home else ""),
        (_("Asked for"), row.instruction),
        *_times(row),
        *_amounts(row),
        (_("Ended"), _ending(row)),
    ]
    trace = await trace_of_generation(resources.db, row.generation, actor) if row.generation else None
    shown = pages.WhyPanel(
        trace=trace,
        facts=[(label, value) for label, value in facts if value],
        notes_html=notices.notes(row.notices),
        error=presenting.error_sentence(row),
    )
    if panel:
        return shown
    return pages.WhyPage(**values_of(shown), id=message.id, conversation=message.conversation)


def _times(row: PathMessage) -> list[tuple[str, str]]:
    first = row.first_text_at or row.first_fact_at
    return [
        (_("Waited for its turn"), _span(row.asked_at, row.started_at)),
        (_("First words after"), _span(row.started_at, first)),
        (_("Reasoning"), measures.seconds(row.reasoning_ms) if row.reasoning_ms else ""),
        (_("In all"), _span(row.asked_at, row.finished_at)),
    ]


def _amounts(row: PathMessage) -> list[tuple[str, str]]:
    speed = measures.tokens_per_second(row)

    def tokens(count: int | None) -> str:
        return measures.tokens(count, estimated=row.estimated) if count else ""

    return [
        (_("Read"), tokens(row.prompt_tokens)),
        (_("From the cache"), tokens(row.cached_tokens)),
        (_("Written"), tokens(row.completion_tokens)),
        (_("Of that, reasoning"), tokens(row.reasoning_tokens)),
        (_("Speed"), _("%(speed)s tokens/s", speed=f"{speed:.1f}") if speed else ""),
        (_("Room of the model"), tokens(row.window_tokens)),
        (_("Cost"), measures.money(row.cost_nano) if row.cost_nano is not None else ""),
    ]


def _span(start: int | None, end: int | None) -> str:
    return measures.seconds(max(0, end - start)) if start and end else ""


def _ending(row: PathMessage) -> str:
    if row.generation is None:
        return ""
    words = {
        "queued": _("Not begun yet"),
        "running": _("Still being written"),
        "cancelled": _("Stopped"),
        "interrupted": _("Broke off"),
        "error": _("With an error"),
    }
    reason = f" ({row.finish_reason})" if row.finish_reason else ""
    if row.finish_reason == "length":
        return _("At its longest allowed length") + reason
    return words.get(row.status, _("By itself")) + reason
