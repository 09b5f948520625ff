"""The verbs of files: take in, hand out, clear away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from parley.files import intake, pictures, scripts
from parley.files.access import FileRow
from parley.files.content import PART, SHARDS, Content
from parley.files.intake import Data, Limits, Taken
from parley.files.pictures import Picture
from parley.files.queries import files_by_id, named_contents
from parley.files.scripts import NewFile
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.errors import NotFound
from parley.providers.base import Image
from parley.settings import filing
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

DAY = 24 * 60 * 60 * 1000  # ms


async def limits(resources: Resources) -> Limits:
    """What may be sent now."""
    return Limits.of(await load(resources.db))


async def take_in(
    resources: Resources, owner: int, data: Data, name: str = "", allowed: Limits | None = None
) -> FileRow:
    """Store a picture or a document that `owner` sent; raises Invalid, StorageFull, TooMany, Unavailable.

    `data` may be what reads it, which is called when its turn has come: many large ones that wait are not
    in memory.
    """
    allowed = allowed or await limits(resources)
    work = partial(_taken_in, owner, name, allowed)
    return await keep(resources, await intake.taken(work, data), scripts.insert_upload)


def _taken_in(owner: int, name: str, allowed: Limits, data: bytes) -> Taken:
    return intake.taken_in(owner, data, name, allowed)


async def keep_image(resources: Resources, owner: int, mime: str, data: bytes, name: str = "") -> FileRow:
    """Store a picture that a model made for `owner`; the same checks, and `mime` is not believed."""
    taken = await intake.taken(lambda data: intake.drawn(owner, data, name), data)
    return await keep(resources, taken, scripts.insert)


async def keep(resources: Resources, taken: Taken, insert: Callable[[NewFile, int], Script[int]]) -> FileRow:
    """Bytes first, then their row, then a look whether they are still there (see Content.keep)."""
    content = Content.of(resources.config)
    sha256 = await asyncio.to_thread(content.keep, taken.data)
    new = replace(taken.new, sha256=sha256)
    file = await resources.db.write(insert, new, now_ms())
    await asyncio.to_thread(content.keep, taken.data)
    return FileRow(
        file,
        new.owner,
        sha256,
        new.mime,
        new.size,
        new.width,
        new.height,
        "",
        "",
        name=new.name,
        characters=new.characters,
        characters_used=len(new.text or ""),
        pages=new.pages,
    )


async def read(resources: Resources, file: FileRow) -> bytes:
    """The bytes of a file; raises NotFound when they are gone."""
    if file.is_expired:
        raise NotFound(_("This file expired and was removed."), code="expired")
    return await asyncio.to_thread(Content.of(resources.config).read, file.sha256)


async def parts(resources: Resources, file: FileRow) -> AsyncIterator[bytes]:
    """The bytes of a file, little by little; raises NotFound before the first when they are gone."""
    content = Content.of(resources.config)
    for start in range(0, file.size, PART):
        yield await asyncio.to_thread(content.part, file.sha256, start, min(PART, file.size - start))


async def read_thumb(resources: Resources, file: FileRow) -> tuple[bytes, str]:
    """A small copy of a picture and its media type; made at the first wish and kept."""
    content = Content.of(resources.config)
    if max(file.width, file.height) <= pictures.THUMB_SIDE:
        return await read(resources, file), file.mime
    made = await asyncio.to_thread(content.thumb, file.sha256)
    if made is None:
        picture: Picture = await intake.taken(pictures.thumb, await read(resources, file))
        made = picture.data
        await asyncio.to_thread(content.keep_thumb, file.sha256, made)
    return made, pictures.kind_of(made)


async def load_images(resources: Resources, files: Sequence[int]) -> list[Image]:
    """The pictures of these ids in this order, ready for a prompt; raises NotFound."""
    rows = await files_by_id(resources.db, files)
    return [Image(rows[id].mime, await read(resources, rows[id])) for id in files if id in rows]


async def clear_away(resources: Resources) -> int:
    """Forget files nobody holds or whose time is over, and bytes no file names; how many contents went.

    Each call looks at one shard of the store, so all of it is seen in about four hours of minutes.
    """
    values, now = await load(resources.db), now_ms()
    await resources.db.write_relaxed(scripts.forget_loose, now - values[filing.LOOSE_DAYS] * DAY)
    if values[filing.KEEP_DAYS]:
        await resources.db.write_relaxed(scripts.expire, now - values[filing.KEEP_DAYS] * DAY)
    content = Content.of(resources.config)
    idle = await asyncio.to_thread(lambda: set(content.idle(now // 60_000 % SHARDS)))
    return await remove_unnamed(resources, content, idle)


async def remove_unnamed(resources: Resources, content: Content, idle: Collection[str]) -> int:
    """Remove those contents that no row names; how many.

    Put aside, looked at again, then removed: an upload that commits before the second look gets its bytes
    back, one that commits after it writes them again itself (`keep`).
    """
    unnamed = set(idle) - await named_contents(resources.db, idle)
    await asyncio.to_thread(content.put_aside, unnamed)
    aside = await asyncio.to_thread(content.aside)
    named = await named_contents(resources.db, aside)
    return await asyncio.to_thread(content.settle, aside, named)
