"""The transactions of imports, as scripts for both engines.

A worker owns a job while the row says `running` with the attempt it claimed; everything it writes is
conditional on that. One conversation with all its messages is one transaction, together with the line of the
report and the place where the next worker would go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from parley.files.scripts import hold
from parley.importing.notes import stored
from parley.lib.db import Many, Row, Script, one
from parley.lib.errors import TooMany
from parley.web.i18n import _

MOST_OPEN = 3  # jobs of one person
MOST_ATTEMPTS = 10  # of a job that ends its worker each time
PREFIX = "import:"  # of client message ids and origins


class Held(NamedTuple):
    """A claim: which job, under which attempt."""

    job: int
    attempt: int


class Claim(NamedTuple):
    """What a worker needs to know about the job it has just claimed."""

    held: Held
    owner: int
    file: str
    source: str
    done: int


class Place(NamedTuple):
    """How far a job is, written with each step."""

    done: int
    percent: int
    source: str
    lease_until: int


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to store; `parent` and `chosen` are keys of others."""

    key: str
    parent: str | None
    chosen: str | None
    role: str
    text: str
    reasoning: str
    model_name: str
    created: int
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One conversation to store. `path` are the keys of the chosen path, its first message first."""

    origin: str
    title: str
    system_prompt: str
    created: int
    updated: int
    pinned: bool
    archived: bool
    messages: Sequence[NewMessage]
    path: Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """What the report says about one conversation."""

    external: str
    title: str
    outcome: str = "failed"
    conversation: int | None = None
    messages: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)


def insert_job(owner: int, name: str, file: str, size: int, now: int) -> Script[int]:
    """A queued job; its id. Raises TooMany."""
    rows = yield (
        "SELECT COUNT(*) AS n FROM import_job WHERE owner = ? AND finished_at IS NULL",
        (owner,),
    )
    if rows[0]["n"] >= MOST_OPEN:
        raise TooMany(_("Three of your imports are under way. Wait until one has ended."))
    made = yield (
        "INSERT INTO import_job (owner, name, status, file, size, created_at)"
        " VALUES (?, ?, 'queued', ?, ?, ?) RETURNING id",
        (owner, name, file, size, now),
    )
    return int(made[0]["id"])


def claim(job: int, now: int, lease_until: int) -> Script[Claim | None]:
    """Take a queued job or one whose worker died; None when somebody else has it or it ended."""
    row = one(
        (
            yield (
                "UPDATE import_job SET status = 'running', attempt = attempt + 1, lease_until = ?"
                " WHERE id = ? AND finished_at IS NULL AND (status = 'queued' OR lease_until < ?)"
                " RETURNING attempt, owner, file, source, done",
                (lease_until, job, now),
            )
        )
    )
    if row is None:
        return None
    return Claim(Held(job, row["attempt"]), row["owner"], row["file"], row["source"], row["done"])


def prolong(held: Held, lease_until: int) -> Script[bool]:
    """Keep the lease; False when the job is not ours any more."""
    rows = yield (
        "UPDATE import_job SET lease_until = ? WHERE id = ? AND attempt = ? AND status = 'running'"
        " RETURNING id",
        (lease_until, *held),
    )
    return bool(rows)


def hand_back(held: Held) -> Script[None]:
    """Let the next worker go on at once."""
    yield (
        "UPDATE import_job SET status = 'queued', lease_until = NULL"
        " WHERE id = ? AND attempt = ? AND status = 'running'",
        held,
    )


def finish(held: Held, total: int | None, error: str, now: int) -> Script[bool]:
    """End a job; False when it is not ours any more."""
    rows = yield (
        "UPDATE import_job SET status = ?, total = ?, percent = 100, error = ?, finished_at = ?,"
        " lease_until = NULL WHERE id = ? AND attempt = ? AND status = 'running' RETURNING id",
        ("error" if error else "done", total, error, now, *held),
    )
    return bool(rows)


def cancel(job: int, owner: int, now: int) -> Script[bool]:
    """End a job at its owner's wish; what came before stays. False when it had ended."""
    rows = yield (
        "UPDATE import_job SET status = 'cancelled', finished_at = ?, lease_until = NULL"
        " WHERE id = ? AND owner = ? AND finished_at IS NULL RETURNING id",
        (now, job, owner),
    )
    return bool(rows)


def delete(job: int, owner: int, everything: bool, now: int) -> Script[None]:
    """Forget a job; with `everything` also put out of sight the conversations that first came with it."""
    if everything:
        yield (
            "UPDATE conversation SET deleted_at = ? WHERE owner = ? AND deleted_at IS NULL AND id IN"
            " (SELECT conversation FROM import_item WHERE job = ? AND outcome = 'new')",
            (now, owner, job),
        )
    yield "DELETE FROM import_job WHERE id = ? AND owner = ?", (job, owner)


def fail(held: Held, owner: int, place: Place, line: Line) -> Script[bool]:
    """Note a conversation that cannot be taken over; False when the job is not ours any more."""
    if not (yield from _at(held, place)):
        return False
    yield from _report(held, owner, place.source, line)
    return True


def bring(
    held: Held, owner: int, place: Place, arrival: Arrival, line: Line, now: int
) -> Script[Line | None]:
    """Store what is new of a conversation; None when the job is not ours any more, and then nothing is."""
    if not (yield from _at(held, place)):
        return None
    row, fresh = yield from _conversation(owner, arrival, now)
    known = yield from _messages_of(row["id"])
    wanted, hidden = _wanted(arrival.messages, known)
    yield from _insert(row["id"], wanted)
    ids = yield from _messages_of(row["id"])
    yield from _tie(owner, wanted, ids)
    if fresh or wanted:
        yield from _settle(row, arrival, ids, fresh)
    back = row["deleted_at"] is not None
    notes = {**line.notes, "restored": int(back), "deleted": hidden}
    outcome = "new" if fresh else "updated" if wanted or back else "known"
    said = {} if outcome == "known" else notes  # it was said when it came
    told = Line(line.external, line.title, outcome, row["id"], len(wanted), said)
    yield from _report(held, owner, place.source, told)
    return told


def _at(held: Held, place: Place) -> Script[bool]:
    rows = yield (
        "UPDATE import_job SET done = ?, percent = ?, source = ?, lease_until = ?"
        " WHERE id = ? AND attempt = ? AND status = 'running' RETURNING id",
        (*place, *held),
    )
    return bool(rows)


def _report(held: Held, owner: int, source: str, line: Line) -> Script[None]:
    yield (
        "INSERT INTO import_item (owner, job, source, external, conversation, title, outcome, messages,"
        " notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            owner,
            held.job,
            source,
            line.external,
            line.conversation,
            line.title,
            line.outcome,
            line.messages,
            stored(line.notes)[:500],
        ),
    )


def _conversation(owner: int, arrival: Arrival, now: int) -> Script[tuple[Row, bool]]:
    """The locked row, and whether it was made now. One that its owner deleted comes back."""
    made = yield (
        "INSERT INTO conversation (owner, title, system_prompt, origin, pinned_at, archived_at, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, origin) DO NOTHING"
        " RETURNING id, leaf, titled_by_owner, deleted_at",
        (
            owner,
            arrival.title,
            arrival.system_prompt,
            arrival.origin,
            arrival.updated if arrival.pinned else None,
            arrival.updated if arrival.archived else None,
            arrival.created,
            arrival.updated,
        ),
    )
    if made:
        return made[0], True
    found = yield (
        "SELECT id, leaf, titled_by_owner, deleted_at FROM conversation WHERE owner = ? AND origin = ?",
        (owner, arrival.origin),
    )
    yield "UPDATE conversation SET deleted_at = NULL WHERE id = ?", (found[0]["id"],)
    return found[0], False


def _messages_of(conversation: int) -> Script[dict[str, Row]]:
    """What came from an import, by its key."""
    rows = yield (
        "SELECT id, client_message_id, deleted_at FROM message"
        " WHERE conversation = ? AND client_message_id LIKE 'import:%'",
        (conversation,),
    )
    return {row["client_message_id"]: row for row in rows}


def _wanted(messages: Sequence[NewMessage], known: Mapping[str, Row]) -> tuple[list[NewMessage], int]:
    """Those that are not there; how many would stand below one that its owner deleted."""
    gone = {key for key, row in known.items() if row["deleted_at"] is not None}
    wanted: list[NewMessage] = []
    hidden = 0
    for message in messages:
        if message.key in known:
            continue
        if message.parent in gone:
            gone.add(message.key)
            hidden += 1
        else:
            wanted.append(message)
    return wanted, hidden


def _insert(conversation: int, messages: Sequence[NewMessage]) -> Script[None]:
    rows = [
        (conversation, each.role, each.text, each.reasoning, each.model_name, each.key, each.created)
        for each in messages
    ]
    if rows:
        yield Many(
            "INSERT INTO message (conversation, role, text, reasoning, model_name, client_message_id,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def _tie(owner: int, messages: Sequence[NewMessage], ids: Mapping[str, Row]) -> Script[None]:
    """Parents, chosen children and files, now that all have ids."""
    ties = [(_id(ids, each.parent), _id(ids, each.chosen), ids[each.key]["id"]) for each in messages]
    if ties:
        yield Many("UPDATE message SET parent = ?, chosen_child = ? WHERE id = ?", ties)
    files = [
        (ids[each.key]["id"], file, position) for each in messages for position, file in enumerate(each.files)
    ]
    if files:
        yield from hold(tuple(dict.fromkeys(file for _message, file, _position in files)), owner)
        yield Many("INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)", files)


def _settle(row: Row, arrival: Arrival, ids: Mapping[str, Row], fresh: bool) -> Script[None]:
    """Let the conversation end where its source ends, unless its owner went on here meanwhile."""
    imported = {each["id"] for each in ids.values()}
    path = [ids[key]["id"] for key in arrival.path if key in ids and ids[key]["deleted_at"] is None]
    if path and len(path) == len(arrival.path) and (fresh or row["leaf"] in imported):
        steps = [(child, parent) for parent, child in pairwise(path)]
        if steps and not fresh:
            yield Many("UPDATE message SET chosen_child = ? WHERE id = ?", steps)
        yield "UPDATE conversation SET leaf = ? WHERE id = ?", (path[-1], row["id"])
    if not fresh:
        yield (
            "UPDATE conversation SET title = CASE WHEN titled_by_owner THEN title ELSE ? END,"
            " updated_at = CASE WHEN updated_at < ? THEN ? ELSE updated_at END WHERE id = ?",
            (arrival.title, arrival.updated, arrival.updated, row["id"]),
        )


def _id(ids: Mapping[str, Row], key: str | None) -> int | None:
    return ids[key]["id"] if key is not None and key in ids else None
