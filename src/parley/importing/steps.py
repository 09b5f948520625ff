"""Steps of the transaction that stores a conversation; the caller holds its row.

A message is known again by its key. `body_hash` is the hash of what came, so that one that says the same
costs no reading of its text, and one that was still being written is found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from parley.files.scripts import hold
from parley.importing.neutral import Answer, Course
from parley.lib.db import Many, Row, Script

AT_ONCE = 500  # messages of one statement


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to store; `parent` and `chosen` are keys of others.

    `alias`: the key under which the beginning of this answer may be here already.
    """

    key: str
    parent: str | None
    chosen: str | None
    role: str
    text: str
    reasoning: str
    model_name: str
    created: int
    body_hash: str
    alias: str = ""
    files: tuple[int, ...] = ()
    answer: Answer = field(default_factory=Answer)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with the messages of a conversation."""

    wanted: Sequence[NewMessage]
    grown: Mapping[int, NewMessage]  # by the row they are written over
    names: Mapping[str, str]  # keys of messages that are here under another one
    hidden: int  # that would stand below one that its owner deleted


def messages_of(conversation: int) -> Script[dict[str, Row]]:
    """What came from an import, by its key."""
    rows = yield (
        "SELECT id, client_message_id, deleted_at, body_hash FROM message"
        " WHERE conversation = ? AND client_message_id LIKE 'import:%'",
        (conversation,),
    )
    return {row["client_message_id"]: row for row in rows}


def planned(messages: Sequence[NewMessage], known: Mapping[str, Row]) -> Script[Plan]:
    """Which of them are new, and which say more than they did."""
    grown, complete = yield from _grown(messages, known)
    gone = {key for key, row in known.items() if row["deleted_at"] is not None}
    wanted: list[NewMessage] = []
    names: dict[str, str] = {}
    hidden = 0
    for message in messages:
        if message.key in known:
            continue
        same = known.get(message.alias)
        if same is not None and (same["id"] in grown or same["id"] in complete):
            names[message.key] = message.alias
            gone.update({message.key} if message.alias in gone else ())
        elif message.parent in gone:
            gone.add(message.key)
            hidden += 1
        else:
            wanted.append(message)
    return Plan(wanted, grown, names, hidden)


def insert(conversation: int, messages: Sequence[NewMessage]) -> Script[None]:
    """The rows, without what ties them together."""
    rows = [(conversation, each.role, *_columns(each), each.key, each.created) for each in messages]
    if rows:
        yield Many(
            "INSERT INTO message (conversation, role, text, reasoning, model, model_name, instruction,"
            " body_hash, client_message_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def rewrite(grown: Mapping[int, NewMessage]) -> Script[None]:
    """Let half-written answers say what they say by now."""
    if not grown:
        return
    yield Many(
        "UPDATE message SET text = ?, reasoning = ?, model = ?, model_name = ?, instruction = ?,"
        " body_hash = ? WHERE id = ?",
        [(*_columns(message), row) for row, message in grown.items()],
    )
    rows = [(row,) for row in grown]
    yield Many("DELETE FROM generation WHERE message = ?", rows)
    yield Many("DELETE FROM message_file WHERE message = ?", rows)


def tie(messages: Sequence[NewMessage], ids: Mapping[str, int]) -> Script[None]:
    """Parents and chosen children, now that all have ids."""
    ties = [(_id(ids, each.parent), _id(ids, each.chosen), ids[each.key]) for each in messages]
    if ties:
        yield Many("UPDATE message SET parent = ?, chosen_child = ? WHERE id = ?", ties)
    # The ends of branches that go on now.
    onwards = [(ids[each.key], ids[each.parent]) for each in messages if each.parent and each.parent in ids]
    if onwards:
        yield Many("UPDATE message SET chosen_child = ? WHERE id = ? AND chosen_child IS NULL", onwards)


def furnish(conversation: int, owner: int, messages: Iterable[tuple[int, NewMessage]]) -> Script[None]:
    """Files, ratings, and how answers came about, by the ids of their messages."""
    files: list[tuple[int, int, int]] = []
    ratings: list[tuple[object, ...]] = []
    courses: list[tuple[object, ...]] = []
    for id, message in messages:
        files += [(id, file, position) for position, file in enumerate(message.files)]
        answer = message.answer
        if answer.rating:
            at = message.created
            ratings.append((id, owner, answer.rating, answer.comment, at, at))
        if answer.course is not None:
            course = _course_columns(answer.course, message.created)
            courses.append((owner, conversation, id, answer.model, *course))
    if files:
        yield from hold(tuple(dict.fromkeys(file for _message, file, _position in files)), owner)
        yield Many("INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)", files)
    if ratings:
        yield Many(
            "INSERT INTO message_rating (message, owner, value, comment, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message, owner) DO NOTHING",
            ratings,
        )
    if courses:
        yield Many(_INSERT_COURSE, courses)


# Its events are not in any file: it is as one whose events were pruned. Nobody paid for it here, so it is
# not counted as used.
_INSERT_COURSE = (
    "INSERT INTO generation (owner, conversation, message, model, pruned, counted, status, finish_reason,"
    " error, error_code, answered_by, answered_name, created_at, started_at, first_fact_at, first_text_at,"
    " finished_at, reasoning_ms, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens,"
    " window_tokens, estimated, cost_nano, notices)"
    " VALUES (?, ?, ?, ?, TRUE, TRUE, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _course_columns(course: Course, created: int) -> tuple[object, ...]:
    return (
        course.status,
        course.finish_reason,
        course.error,
        course.error_code,
        course.answered_by,
        course.answered_name,
        course.asked or created,
        course.started,
        course.first_fact,
        course.first_text,
        course.finished or created,
        course.reasoning_ms,
        course.prompt_tokens,
        course.completion_tokens,
        course.reasoning_tokens,
        course.cached_tokens,
        course.window_tokens,
        course.estimated,
        course.cost_nano,
        course.notices,
    )


def _columns(message: NewMessage) -> tuple[object, ...]:
    answer = message.answer
    return (
        message.text,
        message.reasoning,
        answer.model,
        message.model_name,
        answer.instruction,
        message.body_hash,
    )


def _grown(
    messages: Sequence[NewMessage], known: Mapping[str, Row]
) -> Script[tuple[dict[int, NewMessage], set[int]]]:
    """Answers that came half-written and say more now; and the rows of those that do not.

    In neither are answers that say more, and on whose beginning somebody has built since.
    """
    changed: dict[int, NewMessage] = {}
    complete: set[int] = set()
    for message in messages:
        row = known.get(message.key) or known.get(message.alias)
        if row is None:
            continue
        if message.role != "assistant" or row["deleted_at"] or row["body_hash"] in ("", message.body_hash):
            complete.add(row["id"])
        else:
            changed[row["id"]] = message
    grown: dict[int, NewMessage] = {}
    ids = list(changed)
    while ids:
        some, ids = ids[:AT_ONCE], ids[AT_ONCE:]
        places = ", ".join("?" * len(some))
        rows = yield (
            "SELECT m.id, LENGTH(m.text) + LENGTH(m.reasoning) AS size,"  # noqa: S608
            " EXISTS (SELECT 1 FROM message k WHERE k.parent = m.id AND k.deleted_at IS NULL) AS answered,"
            # Only a worker claims a generation: somebody let this answer be continued.
            " EXISTS (SELECT 1 FROM generation g WHERE g.message = m.id"
            " AND (g.attempt > 0 OR g.finished_at IS NULL)) AS continued"
            f" FROM message m WHERE m.id IN ({places})",
            some,
        )
        for row in rows:
            message = changed[row["id"]]
            if not _says_more(message, row["size"]):
                complete.add(row["id"])
            elif not (row["answered"] or row["continued"]):
                grown[row["id"]] = message
    return grown, complete


def _says_more(message: NewMessage, size: int) -> bool:
    """An older export brought once more says less, and then nothing changes."""
    now = len(message.text) + len(message.reasoning)
    course = message.answer.course
    return now > size or (now == size and (course is None or course.status == "done"))


def _id(ids: Mapping[str, int], key: str | None) -> int | None:
    return ids.get(key) if key is not None else None
