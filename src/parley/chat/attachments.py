"""Files of messages: what a question may carry, and what of it goes into a prompt."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat.filing import Document
from parley.chat.prompting import Picture
from parley.chat.queries import PathMessage
from parley.files import service as files
from parley.files.access import FIELDS, FileRow
from parley.files.documents import refusal
from parley.files.pictures import kind_of
from parley.files.queries import files_by_id, owned_contents, texts_of
from parley.lib.db import Database
from parley.lib.errors import Invalid, NotFound
from parley.providers.base import Image
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_FILES = 8  # of one message
MOST_TOGETHER = 60_000_000  # bytes of them, as stored
MOST_IN_JSON = 24_000_000  # bytes of a request with pictures in it; more is uploaded first
# What a prompt carries of pictures, newest first: Gemini takes 20 MB with everything around it, and base64
# makes four bytes of three.
MOST_BYTES = 13_000_000
MOST_IMAGES = 40
MOST_CHARACTERS = 8_000_000  # of documents that are read for one prompt; no window holds more
NOT_SENT = "a picture from earlier, not sent again"  # for the model
EXPIRED = "a picture that was removed since"

_COLUMNS = ", ".join(f"f.{field}" for field in FIELDS)
_FILES = f"SELECT a.message, {_COLUMNS} FROM message_file a JOIN stored_file f ON f.id = a.file"  # noqa: S608


async def files_of_messages(db: Database, messages: Sequence[int]) -> dict[int, list[FileRow]]:
    """The files of these messages, each message's in their order; one query."""
    found: dict[int, list[FileRow]] = {}
    if messages:
        places = ", ".join("?" * len(messages))
        sql = f"{_FILES} WHERE a.message IN ({places}) ORDER BY a.message, a.position"
        for row in await db.fetch(sql, *messages):
            found.setdefault(row.pop("message"), []).append(FileRow(**row))
    return found


async def pictures_for(resources: Resources, path: Sequence[PathMessage]) -> dict[int, list[Picture]]:
    """The pictures of the questions on a path, with their bytes as far as a prompt can carry them.

    Older ones beyond that are named in words, so that the model does not talk of what it cannot see.
    """
    rows = await pictures_of_messages(
        resources.db, [message.id for message in path if message.role == "user"]
    )
    left, number = MOST_BYTES, MOST_IMAGES
    pictures: dict[int, list[Picture]] = {}
    for message in sorted(rows, reverse=True):
        pictures[message] = []
        for row in rows[message]:
            left, number = left - row.size, number - 1
            image = await _image(resources, row) if left >= 0 and number >= 0 else None
            text = row.description or ("" if image else EXPIRED if row.is_expired else NOT_SENT)
            pictures[message].append(Picture(image, text, row.width, row.height))
    return pictures


async def documents_for(resources: Resources, path: Sequence[PathMessage]) -> dict[int, list[Document]]:
    """The documents of the questions on a path with their texts, newest first up to MOST_CHARACTERS.

    What is older than that no window holds; it is left out with its message anyway.
    """
    asked = [message.id for message in path if message.role == "user"]
    left = MOST_CHARACTERS
    documents: dict[int, list[Document]] = {}
    rows = await files_of_messages(resources.db, asked)
    for message in sorted(rows, reverse=True):
        those = [row for row in rows[message] if not row.is_picture]
        left -= sum(row.characters_used for row in those)
        texts = await texts_of(resources.db, [row.id for row in those]) if left > 0 else {}
        if those:
            documents[message] = [Document(row.name, texts.get(row.id, ""), row.characters) for row in those]
    return documents


async def pictures_of_messages(db: Database, messages: Sequence[int]) -> dict[int, list[FileRow]]:
    """As `files_of_messages`, without the documents and without messages that have no picture."""
    rows = await files_of_messages(db, messages)
    found = {message: [row for row in those if row.is_picture] for message, those in rows.items()}
    return {message: those for message, those in found.items() if those}


async def images_for(resources: Resources, messages: Sequence[int]) -> dict[int, list[Image]]:
    """The pictures of these messages, whatever their number."""
    rows = await pictures_of_messages(resources.db, messages)
    return {
        message: [image for row in those if (image := await _image(resources, row)) is not None]
        for message, those in rows.items()
    }


async def _image(resources: Resources, row: FileRow) -> Image | None:
    if row.is_expired:
        return None
    try:
        return Image(row.mime, await files.read(resources, row))
    except NotFound:  # somebody emptied the folder: the rest of the chat is still worth an answer
        return None


async def keep_made(resources: Resources, owner: int, mime: str, data: bytes) -> dict[str, int]:
    """Store a picture that a model made for `owner`; the data of its fact. Raises Invalid, StorageFull."""
    kept = await files.keep_image(resources, owner, mime, data)
    return {"file": kept.id, "width": kept.width, "height": kept.height}


def ids_of(typed: str | Sequence[str]) -> tuple[int, ...]:
    """The ids in a form's field, repeated or between commas; raises Invalid."""
    words = ",".join([typed] if isinstance(typed, str) else typed).split(",")
    ids = [word.strip() for word in words if word.strip()]
    if not all(re.fullmatch("[0-9]{1,18}", id) for id in ids):
        raise Invalid(_("An id has to be a number as the API gave it out."))
    return tuple(map(int, ids))


async def files_sent(
    resources: Resources, actor: Actor, ids: Sequence[int], images: Sequence[str]
) -> tuple[int, ...]:
    """The files of a request of a program: those named, then the pictures (base64) in it, stored first.

    Raises Invalid, StorageFull, TooMany.
    """
    _refuse_many(len(ids) + len(images))
    kept = []
    for text in images:
        data = await asyncio.to_thread(_decoded, text)  # 24 MB take 50 ms
        if not kind_of(data):  # a document goes through POST /api/files, which knows its name
            raise refusal("not_an_image")
        kept.append((await files.take_in(resources, actor.id, data)).id)
    return (*ids, *kept)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.partition(";base64,")[2] or text, validate=True)
    except ValueError as error:
        raise Invalid(_("The data of a picture has to be base64."), code="not_an_image") from error


def _refuse_many(number: int) -> None:
    if number > MOST_FILES:
        raise Invalid(_("A message takes at most %(most)d files.", most=MOST_FILES), code="too_many_files")


async def content_of(db: Database, owner: int, wanted: Sequence[int]) -> str:
    """What tells one set of attachments from another: a hash of their contents; "" for none.

    Raises Invalid for too many, NotFound when one is not the owner's.
    """
    if not wanted:
        return ""
    _refuse_many(len(wanted))
    shas = await owned_contents(db, owner, wanted)
    rows = await files_by_id(db, wanted)
    if sum(row.size for row in rows.values()) > MOST_TOGETHER:
        raise Invalid(
            _(
                "The files of a message may have at most %(most)d MB together.",
                most=MOST_TOGETHER // 1_000_000,
            ),
            code="too_large",
        )
    return hashlib.sha256(" ".join(shas).encode()).hexdigest()


async def name_of(db: Database, wanted: Sequence[int]) -> str:
    """What a question without words is called: its first document, else "Picture"."""
    rows = await files_by_id(db, wanted)
    names = [rows[id].name for id in wanted if id in rows and not rows[id].is_picture]
    return names[0] if names else _("Picture")
