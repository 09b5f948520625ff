"""The door of files: a row loaded through its owner. Unknown and forbidden are the same 404."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.actor import Actor
from parley.lib.db import LARGEST_ID, Database, one
from parley.lib.errors import NotFound
from parley.web.i18n import _

FIELDS = (
    "id", "owner", "sha256", "mime", "size", "width", "height", "description", "described_by", "name",
    "characters", "characters_used", "pages",
)  # fmt: skip
COLUMNS = ", ".join(FIELDS)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file. The text of a document is not part of it: see `queries.texts_of`."""

    id: int
    owner: int
    sha256: str
    mime: str
    size: int  # bytes
    width: int  # pixels
    height: int
    description: str
    described_by: str
    name: str = ""
    characters: int = 0  # of a document: in all, as far as it was read
    characters_used: int = 0  # kept for models
    pages: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether it was drawn by `pictures`; everything else has text."""
        return self.mime.startswith("image/")

    @property
    def is_expired(self) -> bool:
        """Whether its bytes and its text were removed when its time was over."""
        return not self.sha256


async def file_for_owner(db: Database, id: int, actor: Actor) -> FileRow:
    """The file; raises NotFound when it is not the actor's own. Administrators see only their own, too."""
    row = None
    if 0 < id <= LARGEST_ID:
        row = one(
            await db.fetch(
                f"SELECT {COLUMNS} FROM stored_file WHERE id = ? AND owner = ?",  # noqa: S608
                id,
                actor.id,
            )
        )
    if row is None:
        raise NotFound(_("This file does not exist or is not yours."))
    return FileRow(**row)
