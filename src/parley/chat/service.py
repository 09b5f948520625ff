"""The verbs of chat: one transaction each, then the doorbell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.chat import preferences, scripts
from parley.chat.access import ConversationRow, GenerationRow, MessageRow
from parley.chat.attachments import content_of, files_of_messages, name_of
from parley.chat.branches.instructions import for_model
from parley.chat.measures import word_count
from parley.chat.scripts import Accepted, Question
from parley.chat.seeing import refusal_of_pictures
from parley.chat.titles import first_words
from parley.chat.tuning import NO_CHANGE, Change, checked_prompt, with_effort_stored
from parley.generations import service as generations
from parley.lib.clock import now_ms, now_us
from parley.lib.db import Database, Row
from parley.lib.errors import AppError, Invalid, NotFound
from parley.quotas.queries import plan_of
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources
from parley.routes.queries import choices
from parley.settings.chatting import MOST_VERSIONS
from parley.settings.queries import load
from parley.traces.service import note_stored, wanted_trace

LONGEST_TEXT = 200_000  # characters of one message
LONGEST_TITLE = 200
LONGEST_CLIENT_ID = 128


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person sends. `model` "" takes the conversation's own, else their default, else the first.

    `files` are the actor's pictures; with one the text may be empty. `effort` is a word of tuning.EFFORTS
    that holds for the conversation from now on; "" leaves it as it is.
    """

    text: str
    client_message_id: str
    model: str = ""
    files: tuple[int, ...] = ()
    effort: str = ""
    temporary: bool = False  # a conversation it begins goes with its page
    folder: int | None = None  # of a conversation it begins
    instead_of: int | None = None  # a question of the conversation: this is another version of it
    after: int | None = None  # the last message on its writer's page, which may show another version
    trace: bool | None = None  # of its answer; None leaves it to the settings


async def ask(
    resources: Resources, actor: Actor, conversation: ConversationRow | None, asked: Asked
) -> Accepted:
    """Store a question and start its answer; the same client message id again finds the first.

    `conversation` None begins one. Raises Invalid, NotFound, Conflict (see `scripts.accept`).
    """
    files = tuple(dict.fromkeys(asked.files))
    _check_question(asked.text, asked.client_message_id, wordless=bool(files))
    attached = await content_of(resources.db, actor.id, files)
    chosen: ModelRow | None = None
    refusal: AppError | None = None
    try:
        own = conversation.model if conversation else ""
        chosen = await _model(resources.db, actor, asked.model or own)
        refusal = await refusal_of_pictures(resources.db, chosen, files) if files else None
    except NotFound as error:  # perhaps since the first send, whose answer a repetition still finds
        refusal = error
    question = Question(
        owner=actor.id,
        conversation=conversation.id if conversation else None,
        text=asked.text,
        client_message_id=asked.client_message_id,
        body_hash=hashlib.sha256(
            "\0".join(
                filter(None, [asked.model + "\0" + asked.text, attached, str(asked.instead_of or "")])
            ).encode()
        ).hexdigest(),
        model=chosen.id if chosen else "",
        model_name=chosen.name if chosen else "",
        title=first_words(asked.text) or await name_of(resources.db, files),
        refusal=refusal,
        files=files,
        reasoning=with_effort_stored(conversation.reasoning if conversation else "", asked.effort),
        temporary=asked.temporary,
        folder=None if asked.temporary else asked.folder,
        instead_of=asked.instead_of,
        after=asked.after,
        plan=await plan_of(resources.db, actor, chosen, words=asked.text) if chosen else None,
        trace=await wanted_trace(resources, actor, asked.text, asked.trace),
        most=(await load(resources.db))[MOST_VERSIONS] if asked.instead_of else MOST_VERSIONS.default,
    )
    began = now_us()
    accepted = await resources.db.write(scripts.accept, question, now_ms())
    if question.trace is not None and not accepted.repeated:
        resources.background.start(note_stored(resources, accepted.generation, began, now_us()), "trace")
    await _begin(resources, actor, accepted)
    return accepted


async def answer_again(
    resources: Resources, actor: Actor, message: MessageRow, model: str = "", wish: str = ""
) -> Accepted:
    """A new answer beside `message` (or to it), by the same model unless another is named.

    `wish`: a word of `instructions.LABELS`. Raises NotFound, Conflict, and Invalid for a model that cannot
    see the question's pictures.
    """
    rows = await resources.db.fetch("SELECT model, text FROM message WHERE id = ?", message.id)
    chosen = await _model(resources.db, actor, model or (rows[0]["model"] if rows else ""))
    question = message.id if message.role == "user" else message.parent
    attached = await files_of_messages(resources.db, [question]) if question is not None else {}
    if question is not None and question in attached:
        refusal = await refusal_of_pictures(resources.db, chosen, [row.id for row in attached[question]])
        if refusal is not None:
            raise refusal
    again = scripts.Again(
        message.id,
        message.conversation,
        actor.id,
        (chosen.id, chosen.name),
        for_model(wish, word_count(rows[0]["text"]) if rows else 0),
        (await load(resources.db))[MOST_VERSIONS],
        await plan_of(resources.db, actor, chosen),
        await wanted_trace(resources, actor, ""),
    )
    accepted = await resources.db.write(scripts.answer_again, again, now_ms())
    await _begin(resources, actor, accepted)
    tell(resources, actor.id, "path", accepted.conversation)
    return accepted


async def go_on(resources: Resources, actor: Actor, message: MessageRow) -> Accepted:
    """Continue an answer that broke off; one from elsewhere by the model that this chat would ask now."""
    rows = await resources.db.fetch(
        "SELECT m.model, c.model AS own FROM message m JOIN conversation c ON c.id = m.conversation"
        " WHERE m.id = ?",
        message.id,
    )
    chosen = None if not rows else await _known_model(resources.db, actor, rows[0])
    plan = await plan_of(resources.db, actor, chosen, rows[0]["model"] if rows else "")
    accepted = await resources.db.write(
        scripts.go_on,
        message.id,
        message.conversation,
        actor.id,
        now_ms(),
        chosen.id if chosen else "",
        plan,
        await wanted_trace(resources, actor, ""),
    )
    await _begin(resources, actor, accepted)
    return accepted


async def stop(resources: Resources, actor: Actor, generation: GenerationRow) -> None:
    """Ask the worker to stop it; what was written stays."""
    await generations.request_stop(resources, generation.id)
    tell(resources, actor.id, "stopped", generation.conversation)


async def create(resources: Resources, actor: Actor, *, title: str = "", model: str = "") -> int:
    """An empty conversation; its id."""
    title = _one_line(title)
    chosen = await _model(resources.db, actor, model) if model else None
    id = await resources.db.write(
        scripts.new_conversation, actor.id, title, chosen.id if chosen else "", now_ms()
    )
    tell(resources, actor.id, "created", id)
    return id


async def change(
    resources: Resources,
    actor: Actor,
    conversation: ConversationRow,
    *,
    title: str | None = None,
    model: str | None = None,
    tuning: Change = NO_CHANGE,
) -> None:
    """Give it the owner's own title, the model of its next question, a tuning; None changes nothing.

    Raises Invalid, and NotFound for a model that is not available; then nothing is changed.
    """
    if tuning.system_prompt:
        limit = await preferences.prompt_limit(resources.db)
        tuning = replace(tuning, system_prompt=checked_prompt(tuning.system_prompt, limit))
    if title is not None:
        title = _one_line(title)
        if not title:
            raise Invalid(_("Type a title."), fields={"title": _("Type a title.")})
    if model is not None:
        model = (await _model(resources.db, actor, model)).id
    if not await resources.db.write(scripts.change, conversation.id, actor.id, title, model, tuning.columns):
        raise NotFound(_("This chat does not exist or is not yours."))
    tell(resources, actor.id, "changed", conversation.id)


async def delete(resources: Resources, actor: Actor, conversation: ConversationRow) -> None:
    """Put it out of sight and stop what still runs in it."""
    running = await resources.db.write(scripts.delete, conversation.id, actor.id, now_ms())
    for generation in running or ():
        await generations.request_stop(resources, generation)
    tell(resources, actor.id, "deleted", conversation.id)


async def restore(resources: Resources, actor: Actor, conversation: int) -> None:
    """Undo a deletion. Raises NotFound when there is nothing to restore."""
    if not await resources.db.write(scripts.restore, conversation, actor.id):
        raise NotFound(_("This chat was deleted for good or is not yours."))
    tell(resources, actor.id, "restored", conversation)


def tell(resources: Resources, owner: int, kind: str, conversation: int) -> None:
    """Wake the owner's other tabs. Only a hint: they look into the database themselves."""
    news = msgspec.json.encode({"kind": kind, "conversation": conversation})
    resources.hub.publish([(f"user:{owner}", news)])


async def _begin(resources: Resources, actor: Actor, accepted: Accepted) -> None:
    await generations.start(resources, accepted.generation)
    tell(resources, actor.id, "asked", accepted.conversation)


async def _model(db: Database, actor: Actor, wanted: str) -> ModelRow:
    models = await choices(db, actor)
    usable = [model for model in models if model.available]
    for model in usable:
        if model.id == wanted:
            return model
    if wanted:
        raise NotFound(
            _("The model “%(model)s” is not available. Choose another one.", model=wanted[:100]),
            code="model_not_found",
        )
    if not usable:
        none = _("There is no model you may use yet. An administrator has to connect or allow one.")
        raise NotFound(none, code="no_model")
    preferred = (await preferences.personal(db, actor.id)).default_model
    return next((model for model in usable if model.id == preferred), usable[0])


async def _known_model(db: Database, actor: Actor, row: Row) -> ModelRow | None:
    """What goes on with an answer: its own model as far as it is known, else the chat's."""
    if not row["model"]:
        return await _model(db, actor, row["own"])
    return next((model for model in await choices(db, actor) if model.id == row["model"]), None)


def _one_line(title: str) -> str:
    """A title without line ends and without NUL, which PostgreSQL cannot store; raises Invalid."""
    title = " ".join(title.replace("\0", " ").split())
    if len(title) > LONGEST_TITLE:
        raise Invalid(_("A title has at most %(most)d characters.", most=LONGEST_TITLE))
    return title


def _check_question(text: str, client_message_id: str, *, wordless: bool) -> None:
    if not text.strip() and not wordless:
        raise Invalid(_("Type a message first."), fields={"text": _("Type a message first.")})
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            _(
                "A message has at most %(most)d characters; this one has %(have)d.",
                most=LONGEST_TEXT,
                have=len(text),
            )
        )
    if "\0" in text:
        raise Invalid(_("The message contains a character that cannot be stored (NUL). Remove it."))
    if not 1 <= len(client_message_id) <= LONGEST_CLIENT_ID or "\0" in client_message_id:
        raise Invalid(_("The client message id must have 1 to 128 characters and no NUL."))
