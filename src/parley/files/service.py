"""The verbs of files: take in, hand out, clear away."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.files import pictures, scripts
from parley.files.access import FileRow
from parley.files.content import SHARDS, Content
from parley.files.pictures import Picture
from parley.files.queries import files_by_id, named_contents
from parley.files.scripts import NewFile
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.providers.base import Image

if TYPE_CHECKING:
    from parley.resources import Resources

LOOSE_FOR = 24 * 60 * 60 * 1000  # ms a file may wait for its message

# One picture at a time in this process: a large one takes 350 MB while it is decoded.
_decoding = ThreadPoolExecutor(1, "pictures")


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as it was stored."""

    file: int
    width: int
    height: int
    mime: str
    size: int  # bytes


async def take_in(resources: Resources, owner: int, data: bytes | Callable[[], bytes]) -> Kept:
    """Store a picture that `owner` sent; raises Invalid (see `pictures.fit`), StorageFull, TooMany.

    `data` may be what reads it, which is called when its turn has come: many large ones that wait are not
    in memory.
    """
    return await _keep(resources, owner, data, scripts.insert_upload)


async def keep_image(resources: Resources, owner: int, mime: str, data: bytes) -> Kept:
    """Store a picture that a model made for `owner`; the same checks, and `mime` is not believed."""
    return await _keep(resources, owner, data, scripts.insert)


async def _keep(
    resources: Resources,
    owner: int,
    data: bytes | Callable[[], bytes],
    insert: Callable[[NewFile, int], Script[int]],
) -> Kept:
    content = Content.of(resources.config)
    picture = await _decode(pictures.fit, data)
    sha256 = await asyncio.to_thread(content.keep, picture.data)
    new = NewFile(owner, sha256, picture.mime, len(picture.data), picture.width, picture.height)
    file = await resources.db.write(insert, new, now_ms())
    await asyncio.to_thread(content.keep, picture.data)  # see Content.keep
    return Kept(file, new.width, new.height, new.mime, new.size)


async def read(resources: Resources, file: FileRow) -> bytes:
    """The bytes of a file; raises NotFound when they are gone from the disk."""
    return await asyncio.to_thread(Content.of(resources.config).read, file.sha256)


async def read_thumb(resources: Resources, file: FileRow) -> tuple[bytes, str]:
    """A small copy of a picture and its media type; made at the first wish and kept."""
    content = Content.of(resources.config)
    if max(file.width, file.height) <= pictures.THUMB_SIDE:
        return await read(resources, file), file.mime
    made = await asyncio.to_thread(content.thumb, file.sha256)
    if made is None:
        picture: Picture = await _decode(pictures.thumb, await read(resources, file))
        made = picture.data
        await asyncio.to_thread(content.keep_thumb, file.sha256, made)
    return made, pictures.kind_of(made)


async def load_images(resources: Resources, files: Sequence[int]) -> list[Image]:
    """The pictures of these ids in this order, ready for a prompt; raises NotFound."""
    rows = await files_by_id(resources.db, files)
    return [Image(rows[id].mime, await read(resources, rows[id])) for id in files if id in rows]


async def clear_away(resources: Resources) -> int:
    """Forget files no message took, and remove bytes no file names; how many contents went.

    Each call looks at one shard of the disk, so all of it is seen in about four hours of minutes.
    """
    await resources.db.write_relaxed(scripts.forget_loose, now_ms() - LOOSE_FOR)
    content = Content.of(resources.config)
    idle = await asyncio.to_thread(lambda: set(content.idle(now_ms() // 60_000 % SHARDS)))
    return await remove_unnamed(resources, content, idle)


async def remove_unnamed(resources: Resources, content: Content, idle: Collection[str]) -> int:
    """Remove those contents that no row names; how many.

    Put aside, looked at again, then removed: an upload that commits before the second look gets its bytes
    back, one that commits after it writes them again itself (`_keep`).
    """
    unnamed = set(idle) - await named_contents(resources.db, idle)
    await asyncio.to_thread(content.put_aside, unnamed)
    aside = await asyncio.to_thread(content.aside)
    named = await named_contents(resources.db, aside)
    return await asyncio.to_thread(content.settle, aside, named)


async def _decode(work: Callable[[bytes], Picture], data: bytes | Callable[[], bytes]) -> Picture:
    def in_turn() -> Picture:
        return work(data() if callable(data) else data)

    spoken = contextvars.copy_context()  # errors are sentences in the reader's language
    return await asyncio.get_running_loop().run_in_executor(_decoding, spoken.run, in_turn)
