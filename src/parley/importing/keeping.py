"""Files of a conversation that is being imported -> files in the store."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from parley.files import intake
from parley.files import service as files
from parley.files.names import shown_name
from parley.files.scripts import NewFile, insert
from parley.importing.neutral import Attachment
from parley.importing.queries import drawn_before, own_file
from parley.lib.errors import AppError, StorageFull, Unavailable

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_FILES = 1_000  # of one conversation


class Keeping:
    """The files of one conversation; what cannot be kept is counted in `notes`."""

    def __init__(self, resources: Resources, owner: int, notes: Counter[str]) -> None:
        self._resources = resources
        self._owner = owner
        self._notes = notes
        self._kept = 0

    async def of(self, attachments: Sequence[Attachment]) -> tuple[int, ...]:
        """The stored files of a message. Raises StorageFull, Unavailable."""
        kept = [await self._file(attachment) for attachment in attachments]
        return tuple(file for file in kept if file is not None)

    async def _file(self, attachment: Attachment) -> int | None:
        """The stored file; one that cannot be kept is only counted."""
        if self._kept < MOST_FILES:
            try:
                kept = await self._stored(attachment)
            except (StorageFull, Unavailable):
                raise
            except (AppError, OSError):
                kept = None
            if kept is not None:
                self._kept += 1
                return kept
        self._notes[attachment.kind] += 1
        return None

    async def _stored(self, attachment: Attachment) -> int:
        resources, owner, name = self._resources, self._owner, shown_name(attachment.name)
        data = await asyncio.to_thread(attachment.read)
        sha256 = hashlib.sha256(data).hexdigest()
        own = await own_file(resources.db, owner, sha256, name)
        if own is not None:
            return own  # of another message, or of the chat that the export was made of
        drawn = await drawn_before(resources.db, sha256)
        if drawn is not None:  # ours already: drawn once more, a JPEG would lose a little on each journey
            new = NewFile(owner, "", drawn["mime"], len(data), drawn["width"], drawn["height"], name=name)
            return (await files.keep(resources, intake.Taken(new, data), insert)).id
        if attachment.kind == "pictures":
            return (await files.keep_image(resources, owner, "", data, name)).id
        work = partial(_taken_in, owner, name, await files.limits(resources))
        return (await files.keep(resources, await intake.taken(work, data), insert)).id


def _taken_in(owner: int, name: str, allowed: intake.Limits, data: bytes) -> intake.Taken:
    return intake.taken_in(owner, data, name, allowed)
