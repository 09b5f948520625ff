"""The transactions of files, as scripts for both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.files.queries import LOST
from parley.lib.db import Script
from parley.lib.errors import NotFound, TooMany
from parley.settings.filing import ASSISTANT_FACE
from parley.settings.scripts import store
from parley.web.i18n import _

MOST_LOOSE = 200  # files of one person that belong to no message yet


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are stored. `text` is what models are told of a document, None of a picture."""

    owner: int
    sha256: str
    mime: str
    size: int
    width: int = 0
    height: int = 0
    name: str = ""
    text: str | None = None
    characters: int = 0  # in all
    pages: int = 0
    avatar: bool = False


# Held by nobody: by no message, by no shared page, and nobody's face.
_LOOSE = (
    "{file}.avatar = FALSE AND NOT EXISTS (SELECT 1 FROM message_file m WHERE m.file = {file}.id)"
    " AND NOT EXISTS (SELECT 1 FROM share_file s WHERE s.file = {file}.id)"
)


def insert_upload(new: NewFile, now: int) -> Script[int]:
    """The row of a file that a person sends; its id. Raises TooMany when too many of theirs lie about."""
    loose = yield (
        f"SELECT COUNT(*) AS n FROM stored_file f WHERE f.owner = ? AND {_LOOSE.format(file='f')}",  # noqa: S608
        (new.owner,),
    )
    if loose[0]["n"] >= MOST_LOOSE:
        raise TooMany(_("You have uploaded many files without sending them. Send them, or wait a day."))
    return (yield from insert(new, now))


def insert(new: NewFile, now: int) -> Script[int]:
    """The row of a new file; its id."""
    rows = yield (
        "INSERT INTO stored_file (owner, sha256, mime, size, width, height, name, extracted, extracted_all,"
        " characters, characters_used, pages, avatar, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new.owner,
            new.sha256,
            new.mime,
            new.size,
            new.width,
            new.height,
            new.name,
            new.text,
            len(new.text or "") >= new.characters,
            new.characters,
            len(new.text or ""),
            new.pages,
            new.avatar,
            now,
        ),
    )
    return int(rows[0]["id"])


InsertFile = Callable[[NewFile, int], Script[int]]


def wear(new: NewFile, now: int) -> Script[int]:
    """A new picture as the face of its owner, in the place of the one before; its id."""
    file = yield from insert(new, now)
    yield from unwear(new.owner)
    yield "UPDATE user_account SET avatar = ? WHERE id = ?", (file, new.owner)
    return file


def unwear(user: int) -> Script[None]:
    """Take a person's face off; the picture is forgotten like any other that nobody holds."""
    old = yield "SELECT avatar FROM user_account WHERE id = ?", (user,)
    yield "UPDATE stored_file SET avatar = FALSE WHERE id = ?", (old[0]["avatar"] or 0,)
    yield "UPDATE user_account SET avatar = NULL WHERE id = ?", (user,)


def wear_as_assistant(new: NewFile, now: int) -> Script[int]:
    """A new picture as the face of the assistant; its id."""
    file = yield from insert(new, now)
    yield from unwear_as_assistant(now)
    yield from store({ASSISTANT_FACE.key: file}, (), now)
    return file


def unwear_as_assistant(now: int) -> Script[None]:
    """Take the assistant's face off."""
    old = yield "SELECT value FROM setting WHERE key = ?", (ASSISTANT_FACE.key,)
    if old and old[0]["value"].isdigit():
        yield "UPDATE stored_file SET avatar = FALSE WHERE id = ?", (int(old[0]["value"]),)
    yield from store({}, (ASSISTANT_FACE.key,), now)


def hold(files: tuple[int, ...], owner: int) -> Script[None]:
    """Make sure that all are the owner's and stay until this transaction ends; raises NotFound.

    A write and not a read: it makes `forget_loose` wait, which would otherwise delete a file between
    this look and the row of its message (PostgreSQL; on SQLite there is one writer anyway).
    """
    places = ", ".join("?" * len(files))
    rows = yield (
        f"UPDATE stored_file SET owner = owner WHERE owner = ? AND id IN ({places})"  # noqa: S608
        " AND sha256 <> '' AND avatar = FALSE RETURNING id",
        (owner, *files),
    )
    if len(rows) != len(set(files)):
        raise NotFound(_(LOST), code="no_file")


def forget_loose(before: int, limit: int = 200) -> Script[int]:
    """Delete the rows of files from before that time which nobody holds; how many.

    First locked, then looked at again: a message that took one meanwhile is seen by the second statement.
    """
    loose = (
        f"SELECT f.id FROM stored_file f WHERE f.created_at < ? AND {_LOOSE.format(file='f')}"  # noqa: S608
        " ORDER BY f.id LIMIT ?"
    )
    locked = yield (
        f"UPDATE stored_file SET owner = owner WHERE id IN ({loose}) RETURNING id",  # noqa: S608
        (before, limit),
    )
    if not locked:
        return 0
    places = ", ".join("?" * len(locked))
    gone = yield (
        f"DELETE FROM stored_file WHERE id IN ({places})"  # noqa: S608
        f" AND {_LOOSE.format(file='stored_file')} RETURNING id",
        tuple(row["id"] for row in locked),
    )
    return len(gone)


def describe(file: int, text: str, model: str) -> Script[None]:
    """Keep what a vision model sees in it."""
    yield "UPDATE stored_file SET description = ?, described_by = ? WHERE id = ?", (text, model, file)


def expire(before: int, limit: int = 200) -> Script[int]:
    """Empty the rows of files from before that time that are nobody's face; how many. Their bytes go later.

    The rows stay: their messages still name what was there.
    """
    rows = yield (
        "UPDATE stored_file SET sha256 = '', size = 0, extracted = NULL, description = ''"
        " WHERE id IN (SELECT id FROM stored_file WHERE created_at < ? AND sha256 <> '' AND avatar = FALSE"
        " ORDER BY created_at LIMIT ?) RETURNING id",
        (before, limit),
    )
    return len(rows)
