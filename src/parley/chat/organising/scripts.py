"""The transactions of order among chats. An id that is not the owner's is as if it were not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parley.lib.db import LARGEST_ID, Many, Row, Script
from parley.lib.errors import Invalid, NotFound
from parley.web.i18n import _

MOST_PINNED = 100
MOST_FOLDERS = 100


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where chats are put; None leaves them there. `folder` 0 takes them out of theirs."""

    pinned: bool | None = None
    archived: bool | None = None
    folder: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a chat was; 0 is nowhere."""

    id: int
    folder: int
    pinned_at: int
    archived_at: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """The chats that were put out of sight, and the generations in them to stop."""

    chats: list[int]
    running: list[int]


def arrange(owner: int, ids: Sequence[int], wanted: Arrangement, now: int) -> Script[list[State]]:
    """Put these chats there; where those were that had to move.

    Raises NotFound for a folder that is not the owner's, Invalid for too many pins; then nothing is moved.
    """
    if wanted.folder:
        yield from _folder(owner, wanted.folder)
    rows = yield from _locked(owner, ids)
    moving = [state for state in map(_state, rows) if _moves(state, wanted)]
    if not moving:
        return []
    if wanted.pinned:
        yield from _refuse_too_many_pins(owner, len(moving))
    yield (
        "UPDATE conversation SET"  # noqa: S608
        " pinned_at = CASE WHEN ? THEN COALESCE(pinned_at, ?) WHEN ? THEN NULL ELSE pinned_at END,"
        " archived_at = CASE WHEN ? THEN COALESCE(archived_at, ?) WHEN ? THEN NULL ELSE archived_at END,"
        " folder = CASE WHEN ? THEN CAST(? AS BIGINT) ELSE folder END"
        f" WHERE id IN ({_marks(moving)})",
        (
            wanted.pinned is True,
            now,
            wanted.pinned is False,
            wanted.archived is True,
            now,
            wanted.archived is False,
            wanted.folder is not None,
            wanted.folder or None,
            *(state.id for state in moving),
        ),
    )
    return moving


def put_back(owner: int, states: Sequence[State]) -> Script[list[int]]:
    """Undo an arrangement: every chat that is still there goes back to where it was; which ones."""
    rows = yield from _locked(owner, [state.id for state in states])
    here = {row["id"] for row in rows}
    folders = yield "SELECT id FROM folder WHERE owner = ?", (owner,)
    known = {row["id"] for row in folders}
    back = [state for state in states if state.id in here]
    if back:
        yield Many(
            "UPDATE conversation SET folder = ?, pinned_at = ?, archived_at = ? WHERE id = ?",
            [
                (
                    state.folder if state.folder in known else None,
                    state.pinned_at or None,
                    state.archived_at or None,
                    state.id,
                )
                for state in back
            ],
        )
    return [state.id for state in back]


def delete(owner: int, ids: Sequence[int], now: int) -> Script[Deleted]:
    """Put these chats out of sight."""
    if not ids:
        return Deleted([], [])
    rows = yield (
        f"UPDATE conversation SET deleted_at = ? WHERE id IN ({_marks(ids)})"  # noqa: S608
        " AND owner = ? AND deleted_at IS NULL RETURNING id",
        (now, *ids, owner),
    )
    return (yield from _with_running([row["id"] for row in rows]))


def restore(owner: int, ids: Sequence[int]) -> Script[list[int]]:
    """Undo a deletion that was not purged yet; which chats came back."""
    if not ids:
        return []
    rows = yield (
        f"UPDATE conversation SET deleted_at = NULL WHERE id IN ({_marks(ids)})"  # noqa: S608
        " AND owner = ? AND deleted_at IS NOT NULL RETURNING id",
        (*ids, owner),
    )
    return [row["id"] for row in rows]


def create_folder(owner: int, name: str, now: int) -> Script[int]:
    """A folder at the end of the list; its id. Raises Invalid for too many, or a name that is taken."""
    rows = yield from _folders(owner)
    if len(rows) >= MOST_FOLDERS:
        raise Invalid(_("You can have at most %(most)d folders.", most=MOST_FOLDERS))
    _refuse_taken(rows, name)
    position = max((row["position"] for row in rows), default=0) + 1
    made = yield (
        "INSERT INTO folder (owner, name, position, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        (owner, name, position, now),
    )
    return int(made[0]["id"])


def rename_folder(owner: int, folder: int, name: str) -> Script[None]:
    """Another name. Raises NotFound, Invalid for a name that is taken."""
    rows = yield from _folders(owner)
    _refuse_taken([row for row in rows if row["id"] != folder], name)
    changed = yield (
        "UPDATE folder SET name = ? WHERE id = ? AND owner = ? RETURNING id",
        (name, folder, owner),
    )
    if not changed:
        raise NotFound(_("This folder does not exist or is not yours."))


def move_folder(owner: int, folder: int, steps: int) -> Script[None]:
    """Up (-1) or down (1) in the list; at its end it stays. Raises NotFound."""
    rows = yield from _folders(owner)
    ids = [row["id"] for row in rows]
    if folder not in ids:
        raise NotFound(_("This folder does not exist or is not yours."))
    at = ids.index(folder)
    ids.insert(max(0, min(len(ids) - 1, at + steps)), ids.pop(at))
    yield Many("UPDATE folder SET position = ? WHERE id = ?", [(n, id) for n, id in enumerate(ids, 1)])


def delete_folder(owner: int, folder: int, now: int, *, with_chats: bool) -> Script[Deleted]:
    """Remove a folder; its chats stand by themselves again, or are deleted with it.

    Which chats those were. Raises NotFound.
    """
    yield from _folder(owner, folder)
    rows = yield (
        "UPDATE conversation SET folder = NULL, deleted_at = CASE WHEN ? THEN CAST(? AS BIGINT) END"
        " WHERE folder = ? AND owner = ? AND deleted_at IS NULL RETURNING id",
        (with_chats, now, folder, owner),
    )
    chats = [row["id"] for row in rows]
    ended = (yield from _with_running(chats)) if with_chats else Deleted(chats, [])
    yield "UPDATE conversation SET folder = NULL WHERE folder = ?", (folder,)
    yield "DELETE FROM folder WHERE id = ?", (folder,)
    return ended


def bring_back_folder(owner: int, name: str, position: int, ids: Sequence[int], now: int) -> Script[int]:
    """Undo the end of a folder: one of its name at its place, with these chats in it again; its id."""
    folder = yield from create_folder(owner, name, now)
    rows = yield from _folders(owner)
    order = [row["id"] for row in rows if row["id"] != folder]
    order.insert(max(0, min(len(order), position - 1)), folder)
    yield Many("UPDATE folder SET position = ? WHERE id = ?", [(n, id) for n, id in enumerate(order, 1)])
    if ids:
        yield (
            f"UPDATE conversation SET folder = ?, deleted_at = NULL WHERE id IN ({_marks(ids)})"  # noqa: S608
            " AND owner = ?",
            (folder, *ids, owner),
        )
    return folder


def set_tags(owner: int, conversation: int, names: Sequence[str]) -> Script[None]:
    """Give a chat exactly these tags. Raises NotFound."""
    if not (yield from _locked(owner, [conversation])):
        raise NotFound(_("This chat does not exist or is not yours."))
    kept = f" AND name NOT IN ({_marks(names)})" if names else ""
    yield f"DELETE FROM conversation_tag WHERE conversation = ?{kept}", (conversation, *names)  # noqa: S608
    if names:
        yield Many(
            "INSERT INTO conversation_tag (conversation, owner, name) VALUES (?, ?, ?)"
            " ON CONFLICT (conversation, name) DO NOTHING",
            [(conversation, owner, name) for name in names],
        )


def _locked(owner: int, ids: Sequence[int]) -> Script[list[Row]]:
    """The owner's own among these chats, held until the end of the transaction."""
    if not ids:
        return []
    rows = yield (
        f"UPDATE conversation SET owner = owner WHERE id IN ({_marks(ids)})"  # noqa: S608
        " AND owner = ? AND deleted_at IS NULL RETURNING id, folder, pinned_at, archived_at",
        (*ids, owner),
    )
    return rows


def _state(row: Row) -> State:
    return State(row["id"], row["folder"] or 0, row["pinned_at"] or 0, row["archived_at"] or 0)


def _moves(state: State, wanted: Arrangement) -> bool:
    return (
        wanted.pinned not in (None, bool(state.pinned_at))
        or wanted.archived not in (None, bool(state.archived_at))
        or wanted.folder not in (None, state.folder)
    )


def _refuse_too_many_pins(owner: int, more: int) -> Script[None]:
    rows = yield (
        "SELECT COUNT(*) AS pins FROM conversation"
        " WHERE owner = ? AND pinned_at IS NOT NULL AND deleted_at IS NULL",
        (owner,),
    )
    if rows[0]["pins"] + more > MOST_PINNED:
        raise Invalid(_("At most %(most)d chats can be pinned. Unpin one first.", most=MOST_PINNED))


def _with_running(chats: list[int]) -> Script[Deleted]:
    running: list[int] = []
    for start in range(0, len(chats), 500):
        some = chats[start : start + 500]
        rows = yield (
            "SELECT id FROM generation WHERE finished_at IS NULL"  # noqa: S608
            f" AND conversation IN ({_marks(some)})",
            some,
        )
        running += [row["id"] for row in rows]
    return Deleted(chats, running)


def _folder(owner: int, folder: int) -> Script[None]:
    # Held, so that nobody deletes it before a chat has moved in.
    held = "UPDATE folder SET owner = owner WHERE id = ? AND owner = ? RETURNING id"
    if not (0 < folder <= LARGEST_ID and (yield held, (folder, owner))):
        raise NotFound(_("This folder does not exist or is not yours."))


def _folders(owner: int) -> Script[list[Row]]:
    rows = yield (
        "SELECT id, name, position FROM folder WHERE owner = ? ORDER BY position, id",
        (owner,),
    )
    return rows


def _refuse_taken(rows: Sequence[Row], name: str) -> None:
    if any(row["name"].casefold() == name.casefold() for row in rows):
        sentence = _("You already have a folder of this name.")
        raise Invalid(sentence, fields={"name": sentence})


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
