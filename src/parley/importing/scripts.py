"""The transactions of imports, as scripts for both engines.

A worker owns a job while the row says `running` with the attempt it claimed; everything it writes is
conditional on that. One conversation with all its messages is one transaction, together with the line of the
report and the place where the next worker would go on.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from parley.chat.organising.scripts import MOST_FOLDERS, MOST_PINNED, create_folder
from parley.importing import steps
from parley.importing.notes import stored
from parley.importing.steps import NewMessage
from parley.lib.db import Many, Row, Script, one
from parley.lib.errors import TooMany
from parley.prompts.names import LONGEST_COMMAND
from parley.prompts.scripts import MOST_PROMPTS, Wording
from parley.prompts.scripts import create as create_prompt
from parley.web.i18n import _

MOST_OPEN = 3  # jobs of one person
MOST_ATTEMPTS = 10  # of a job that ends its worker each time
PREFIX = "import:"  # of client message ids and origins
LIBRARY = "prompts"  # outcome of the line that is about no conversation


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
    model: str = ""
    sampling: str = "{}"  # JSON
    reasoning: str = "{}"  # JSON
    folder: str = ""
    tags: Sequence[str] = ()


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


def note(held: Held, owner: int, place: Place, line: Line) -> Script[bool]:
    """Report a conversation of which nothing is stored; False when the job is not ours any more."""
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
    plan = yield from steps.planned(arrival.messages, (yield from steps.messages_of(row["id"])))
    yield from steps.insert(row["id"], plan.wanted)
    yield from steps.rewrite(plan.grown)
    rows = yield from steps.messages_of(row["id"])
    ids = {key: each["id"] for key, each in rows.items()}
    ids.update({key: ids[alias] for key, alias in plan.names.items()})
    yield from steps.tie(plan.wanted, ids)
    new = [(ids[message.key], message) for message in plan.wanted]
    yield from steps.furnish(row["id"], owner, [*new, *plan.grown.items()])
    gone = {each["id"] for each in rows.values() if each["deleted_at"] is not None}
    if fresh or new or plan.grown:
        yield from _settle(row, arrival, {key: id for key, id in ids.items() if id not in gone}, fresh)
    standing = (yield from _stand(row["id"], owner, arrival, now)) if fresh else {}
    back, came = row["deleted_at"] is not None, len(new) + len(plan.grown)
    notes = {**line.notes, **standing, "restored": int(back), "deleted": plan.hidden}
    outcome = "new" if fresh else "updated" if came or back else "known"
    said = {} if outcome == "known" else notes  # it was said when it came
    told = Line(line.external, line.title, outcome, row["id"], came, said)
    yield from _report(held, owner, place.source, told)
    return told


@dataclass(frozen=True, slots=True)
class Library:
    """What an archive holds beside its conversations; names of folders in their order."""

    prompts: Sequence[Wording]
    folders: Sequence[str]
    unusable: int = 0  # prompts


def bring_library(held: Held, owner: int, library: Library, now: int) -> Script[bool]:
    """Store what is new of the library, with a line in the report; False when the job is not ours any more.

    A prompt that says the same as one of the owner's is known; another one whose command is taken gets the
    next that is free.
    """
    ours = yield (
        "UPDATE import_job SET source = 'parley' WHERE id = ? AND attempt = ? AND status = 'running'"
        " RETURNING id",
        held,
    )
    if not ours:
        return False
    for name in library.folders:
        yield from _folder(owner, name, now)
    rows = yield (
        "SELECT command, title, body FROM prompt WHERE owner = ? AND deleted_at IS NULL",
        (owner,),
    )
    said, taken = {(row["title"], row["body"]) for row in rows}, {row["command"] for row in rows}
    added = left_out = 0
    for wording in library.prompts:
        if (wording.title, wording.body) in said:
            continue
        said.add((wording.title, wording.body))
        if len(taken) >= MOST_PROMPTS:
            left_out += 1
            continue
        free = replace(wording, command=_free(wording.command, taken))
        taken.add(free.command)
        yield from create_prompt(owner, free, now)
        added += 1
    notes = {"prompts": added, "prompts left out": left_out + library.unusable if added or left_out else 0}
    if added or left_out:
        yield from _report(held, owner, "parley", Line("", "", LIBRARY, notes=notes))
    return True


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
        "INSERT INTO conversation (owner, title, system_prompt, model, sampling, reasoning, origin,"
        " archived_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (owner, origin) DO NOTHING"
        " RETURNING id, leaf, titled_by_owner, deleted_at",
        (
            owner,
            arrival.title,
            arrival.system_prompt,
            arrival.model,
            arrival.sampling,
            arrival.reasoning,
            arrival.origin,
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


def _settle(row: Row, arrival: Arrival, ids: Mapping[str, int], fresh: bool) -> Script[None]:
    """Let the conversation end where its source ends, unless its owner went on here meanwhile."""
    path = [ids[key] for key in arrival.path if key in ids]
    if path and len(path) == len(arrival.path) and (fresh or row["leaf"] in ids.values()):
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


def _stand(conversation: int, owner: int, arrival: Arrival, now: int) -> Script[dict[str, int]]:
    """Put a new conversation where it stood: folder, tags, pinned; notes of what there is no room for."""
    notes: dict[str, int] = {}
    if arrival.folder:
        folder = yield from _folder(owner, arrival.folder, now)
        notes["loose"] = int(folder is None)
        yield "UPDATE conversation SET folder = ? WHERE id = ?", (folder, conversation)
    if arrival.tags:
        yield Many(
            "INSERT INTO conversation_tag (conversation, owner, name) VALUES (?, ?, ?)"
            " ON CONFLICT (conversation, name) DO NOTHING",
            [(conversation, owner, tag) for tag in arrival.tags],
        )
    if arrival.pinned:
        pinned = yield (
            "UPDATE conversation SET pinned_at = ? WHERE id = ? AND (SELECT COUNT(*) FROM conversation"
            " WHERE owner = ? AND pinned_at IS NOT NULL AND deleted_at IS NULL) < ? RETURNING id",
            (arrival.updated, conversation, owner, MOST_PINNED),
        )
        notes["unpinned"] = int(not pinned)
    return notes


def _folder(owner: int, name: str, now: int) -> Script[int | None]:
    """The owner's folder of that name, made where it is missing; None when there is no room for it."""
    rows = yield "SELECT id, name FROM folder WHERE owner = ? ORDER BY id", (owner,)
    found = next((row["id"] for row in rows if row["name"].casefold() == name.casefold()), None)
    if found is not None or len(rows) >= MOST_FOLDERS:
        return found
    return (yield from create_folder(owner, name, now))


def _free(command: str, taken: Container[str]) -> str:
    """The command, or with the first number that makes it one of its own."""
    free, number = command, 1
    while free in taken:
        number += 1
        free = f"{command[: LONGEST_COMMAND - len(str(number)) - 1]}-{number}"
    return free
