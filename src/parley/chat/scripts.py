"""The transactions of chat, as scripts for both engines.

Each starts by locking the conversation's row (on SQLite the whole transaction holds the lock), so
two tabs that send at once are put in order and "is it still answering?" cannot race.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.catalogue.scripts import mark_used
from parley.chat.branches.steps import OPEN, can_continue, end_for, is_answering, make_room, remember
from parley.files.scripts import hold
from parley.generations.scripts import Answered
from parley.generations.service import NewGeneration, insert_generation
from parley.lib.db import Row, Script, one
from parley.lib.errors import AppError, Conflict, Invalid, NotFound
from parley.quotas.rules import Plan
from parley.quotas.scripts import reserve
from parley.traces.scripts import NewTrace
from parley.web.i18n import _

MOST_VERSIONS = 20  # where nobody decided otherwise


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sends. `conversation` None starts a new one."""

    owner: int
    conversation: int | None
    text: str
    client_message_id: str
    body_hash: str  # of what makes two sends "the same"
    model: str  # public id
    model_name: str
    title: str  # for a conversation that has none yet
    refusal: AppError | None = None  # why it can only be the repetition of an earlier send
    files: tuple[int, ...] = ()
    reasoning: str | None = None  # of the conversation from now on, as it is stored
    temporary: bool = False  # of a conversation it begins: see chat/temporary
    folder: int | None = None  # of a conversation it begins
    instead_of: int | None = None  # the question it is another version of; None goes on at the end
    most: int = MOST_VERSIONS  # of one question
    after: int | None = None  # the last message its writer had before them
    plan: Plan | None = None  # what decides whether it may be asked; None asks nobody
    trace: NewTrace | None = None  # of its answer


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a send led to, now or the first time it was sent."""

    conversation: int
    question: int
    answer: int
    generation: int
    repeated: bool


def accept(question: Question, now: int) -> Script[Accepted]:
    """Store the question with the place of its answer and a queued generation, or find them.

    Raises NotFound when the conversation or a file is not the owner's, Conflict when the same client message
    id came with another body, or while the conversation is still answering; `refusal` when it is new.
    """
    conversation = question.conversation
    if conversation is None:
        conversation = yield from _new_conversation(question, now)
    row = yield from locked(conversation, question.owner)
    same = one(
        (
            yield (
                "SELECT id, body_hash FROM message WHERE conversation = ? AND client_message_id = ?",
                (conversation, question.client_message_id),
            )
        )
    )
    if same is not None:
        return (yield from _as_before(conversation, same, question))
    if question.refusal is not None:
        raise question.refusal
    parent = leaf = yield from end_for(conversation, row["leaf"], question.after)
    yield from _refuse_while_answering(conversation, leaf)
    if question.instead_of is not None:
        parent = yield from _place_beside(conversation, leaf, question, now)
    if question.files:
        yield from hold(question.files, question.owner)
    asked = yield from _asked(conversation, parent, question, now)
    answer, generation = yield from _answer(
        conversation, question.owner, asked, (question.model, question.model_name), now, trace=question.trace
    )
    if question.plan is not None:
        yield from reserve(question.plan, generation, "question")
    if not row["title"]:
        yield (
            "UPDATE conversation SET title = ?, title_due = ? WHERE id = ?",  # see chat/titling
            (question.title, now, conversation),
        )
    if question.reasoning is not None:
        yield "UPDATE conversation SET reasoning = ? WHERE id = ?", (question.reasoning, conversation)
    yield from mark_used(question.owner, question.model, now)
    return Accepted(conversation, asked, answer, generation, repeated=False)


@dataclass(frozen=True, slots=True)
class Again:
    """A further answer: beside the answer `message`, or to the question `message`."""

    message: int
    conversation: int
    owner: int
    model: tuple[str, str]  # public id and name
    instruction: str = ""  # what this answer should be like, in words for the model
    most: int = MOST_VERSIONS  # of one answer
    plan: Plan | None = None
    trace: NewTrace | None = None


def answer_again(again: Again, now: int) -> Script[Accepted]:
    """A new version of an answer; the old one is kept.

    Raises NotFound, Conflict while the conversation is still answering or when no room can be made.
    """
    leaf = (yield from locked(again.conversation, again.owner))["leaf"]
    yield from _refuse_while_answering(again.conversation, leaf)
    row = one(
        (
            yield (
                "SELECT id, parent, role FROM message WHERE id = ? AND conversation = ?"
                " AND deleted_at IS NULL",
                (again.message, again.conversation),
            )
        )
    )
    question = None if row is None else row["id"] if row["role"] == "user" else row["parent"]
    if question is None:
        raise NotFound(_("This answer does not exist or is not yours."))
    yield from make_room(again.conversation, leaf, question, again.most, now)
    answer, generation = yield from _answer(
        again.conversation, again.owner, question, again.model, now, again.instruction, again.trace
    )
    if again.plan is not None:
        yield from reserve(again.plan, generation, "again")
    return Accepted(again.conversation, question, answer, generation, repeated=False)


def go_on(
    message: int,
    conversation: int,
    owner: int,
    now: int,
    stand_in: str = "",
    plan: Plan | None = None,
    trace: NewTrace | None = None,
) -> Script[Accepted]:
    """Continue the unfinished answer `message`: a further generation that appends to it.

    `stand_in`: the model for one that came from elsewhere, of which only the name of its model is known.
    Raises NotFound, Conflict while the conversation is still answering, Invalid when there is
    nothing to continue from.
    """
    leaf = (yield from locked(conversation, owner))["leaf"]
    yield from _refuse_while_answering(conversation, leaf)
    row = one(
        (
            yield (
                "SELECT m.parent, m.model, m.text, m.reasoning, g.status, g.finish_reason FROM message m"
                " JOIN generation g ON g.id = (SELECT MAX(id) FROM generation WHERE message = m.id)"
                " WHERE m.id = ? AND m.conversation = ? AND m.role = 'assistant' AND m.deleted_at IS NULL",
                (message, conversation),
            )
        )
    )
    if row is None:
        raise NotFound(_("This answer does not exist or is not yours."))
    if not can_continue(row["status"], row["finish_reason"], row["text"]):
        raise Invalid(_("This answer is complete. Ask a new question instead."))
    model = row["model"] or stand_in
    new = NewGeneration(owner, conversation, message, model, row["text"], row["reasoning"], trace)
    generation = yield from insert_generation(new, now)
    if plan is not None:
        yield from reserve(plan, generation, "continuation")
    yield "UPDATE conversation SET updated_at = ? WHERE id = ?", (now, conversation)
    return Accepted(conversation, row["parent"], message, generation, repeated=False)


def change(
    conversation: int,
    owner: int,
    title: str | None,
    model: str | None,
    tuning: tuple[str | None, str | None, str | None] = (None, None, None),
) -> Script[bool]:
    """Give it the owner's own title, the model of its next question, or a tuning; None leaves what is there.

    `tuning`: system prompt, sampling and reasoning as they are stored.

    False when it is not the owner's or was deleted.
    """
    rows = yield (
        "UPDATE conversation SET title = COALESCE(?, title), model = COALESCE(?, model),"
        " system_prompt = COALESCE(?, system_prompt), sampling = COALESCE(?, sampling),"
        " reasoning = COALESCE(?, reasoning),"
        " titled_by_owner = (titled_by_owner OR ?)"
        " WHERE id = ? AND owner = ? AND deleted_at IS NULL RETURNING id",
        (title, model, *tuning, title is not None, conversation, owner),
    )
    return bool(rows)


def change_personal_prompt(owner: int, prompt: str) -> Script[None]:
    """The system prompt of all chats that have none of their own."""
    yield "UPDATE user_account SET personal_prompt = ? WHERE id = ?", (prompt, owner)


def delete(conversation: int, owner: int, now: int) -> Script[list[int] | None]:
    """Put it out of sight; the open generations to stop, or None when it is not the owner's."""
    rows = yield (
        "UPDATE conversation SET deleted_at = ?"
        " WHERE id = ? AND owner = ? AND deleted_at IS NULL RETURNING id",
        (now, conversation, owner),
    )
    if not rows:
        return None
    running = yield (
        f"SELECT id FROM generation WHERE conversation = ? AND status IN {OPEN}",  # noqa: S608
        (conversation,),
    )
    return [row["id"] for row in running]


def restore(conversation: int, owner: int) -> Script[bool]:
    """Undo a deletion that was not purged yet; False when there is none."""
    rows = yield (
        "UPDATE conversation SET deleted_at = NULL"
        " WHERE id = ? AND owner = ? AND deleted_at IS NOT NULL RETURNING id",
        (conversation, owner),
    )
    return bool(rows)


def purge(before: int, limit: int = 50) -> Script[int]:
    """Really delete conversations put out of sight before that time; how many."""
    rows = yield (
        "DELETE FROM conversation WHERE id IN"
        " (SELECT id FROM conversation WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?) RETURNING id",
        (before, limit),
    )
    return len(rows)


def new_conversation(owner: int, title: str, model: str, now: int) -> Script[int]:
    """An empty conversation (the JSON API makes one before the first question)."""
    rows = yield (
        "INSERT INTO conversation (owner, title, titled_by_owner, model, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (owner, title, bool(title), model, now, now),
    )
    return int(rows[0]["id"])


def store_answer(answered: Answered, now: int) -> Script[None]:
    """The whole of an answer; the worker runs it inside the transaction that ends a generation."""
    yield (
        "UPDATE message SET text = ?, reasoning = ? WHERE id = ?",
        (answered.text, answered.reasoning, answered.message),
    )
    yield from attach(answered.message, answered.files)
    yield (
        "UPDATE conversation SET updated_at = ?"
        " WHERE id = (SELECT conversation FROM message WHERE id = ?) AND updated_at < ?",
        (now, answered.message, now),
    )


def attach(message: int, files: Sequence[int]) -> Script[None]:
    """Give a message these files, after those it has."""
    for file in files:
        yield (
            "INSERT INTO message_file (message, file, position) SELECT ?, ?,"
            " COALESCE((SELECT MAX(position) + 1 FROM message_file WHERE message = ?), 0)",
            (message, file, message),
        )


def _new_conversation(question: Question, now: int) -> Script[int]:
    made = yield (
        "INSERT INTO conversation (owner, model, origin, temporary, folder, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, (SELECT id FROM folder WHERE id = ? AND owner = ?), ?, ?)"
        " ON CONFLICT (owner, origin) DO NOTHING RETURNING id",
        (
            question.owner,
            question.model,
            question.client_message_id,
            question.temporary,
            question.folder,
            question.owner,
            now,
            now,
        ),
    )
    if not made:
        made = yield (
            "SELECT id FROM conversation WHERE owner = ? AND origin = ?",
            (question.owner, question.client_message_id),
        )
    return int(made[0]["id"])


def locked(conversation: int, owner: int) -> Script[Row]:
    """Lock a conversation; its leaf and title. Raises NotFound when it is not the owner's or was deleted."""
    rows = yield (
        "UPDATE conversation SET owner = owner WHERE id = ? AND owner = ? AND deleted_at IS NULL"
        " RETURNING leaf, title",
        (conversation, owner),
    )
    if not rows:
        raise NotFound(_("This chat does not exist or is not yours."))
    return rows[0]


def _refuse_while_answering(conversation: int, leaf: int | None) -> Script[None]:
    if (yield from is_answering(conversation, leaf)):
        raise Conflict(
            _("This chat is still answering. Wait for the end or stop it, then send again."), code="busy"
        )


def _asked(conversation: int, parent: int | None, question: Question, now: int) -> Script[int]:
    rows = yield (
        "INSERT INTO message (conversation, parent, role, text, client_message_id, body_hash, created_at)"
        " VALUES (?, ?, 'user', ?, ?, ?, ?) RETURNING id",
        (conversation, parent, question.text, question.client_message_id, question.body_hash, now),
    )
    asked = int(rows[0]["id"])
    yield from remember(parent, asked)
    yield from attach(asked, question.files)
    return asked


def _place_beside(conversation: int, leaf: int | None, question: Question, now: int) -> Script[int | None]:
    row = one(
        (
            yield (
                "SELECT parent FROM message WHERE id = ? AND conversation = ? AND role = 'user'"
                " AND deleted_at IS NULL",
                (question.instead_of, conversation),
            )
        )
    )
    if row is None:
        raise NotFound(_("This message does not exist or is not yours."))
    parent: int | None = row["parent"]
    yield from make_room(conversation, leaf, parent, question.most, now)
    return parent


def _as_before(conversation: int, same: Row, question: Question) -> Script[Accepted]:
    if same["body_hash"] != question.body_hash:
        raise Conflict(
            _("This message was already sent with another text. Reload the page."), code="reused_id"
        )
    rows = yield (
        "SELECT m.id AS answer, g.id AS generation FROM message m JOIN generation g ON g.message = m.id"
        " WHERE m.parent = ? ORDER BY g.id LIMIT 1",
        (same["id"],),
    )
    if not rows:  # deleted since, and purged
        raise NotFound(_("This message does not exist or is not yours."))
    return Accepted(conversation, same["id"], rows[0]["answer"], rows[0]["generation"], repeated=True)


def _answer(
    conversation: int,
    owner: int,
    question: int,
    model: tuple[str, str],
    now: int,
    instruction: str = "",
    trace: NewTrace | None = None,
) -> Script[tuple[int, int]]:
    answered = yield (
        "INSERT INTO message (conversation, parent, role, model, model_name, instruction, created_at)"
        " VALUES (?, ?, 'assistant', ?, ?, ?, ?) RETURNING id",
        (conversation, question, *model, instruction, now),
    )
    answer = int(answered[0]["id"])
    yield from remember(question, answer)
    new = NewGeneration(owner, conversation, answer, model[0], trace=trace)
    generation = yield from insert_generation(new, now)
    yield (
        "UPDATE conversation SET leaf = ?, model = ?, updated_at = ? WHERE id = ?",
        (answer, model[0], now, conversation),
    )
    return answer, generation
