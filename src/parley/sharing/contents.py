"""The bytes of files on their way out, little by little."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from parley.files import service as files
from parley.files.access import FileRow
from parley.lib.errors import NotFound
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources


async def opened(resources: Resources, row: FileRow | None) -> AsyncIterator[bytes]:
    """The parts of a file; raises NotFound now, and not when the first is asked for, if they are gone."""
    if row is None:
        raise NotFound(_("This file is not on the server's disk any more."))
    parts = files.parts(resources, row)
    first = await anext(parts, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return all_of_them()


async def in_base64(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in base64, as one value whatever the parts."""
    rest = b""
    async for part in data:
        part = rest + part
        cut = len(part) - len(part) % 3
        rest = part[cut:]
        yield b64encode(part[:cut])
    yield b64encode(rest)
