"""The words of a share as text, turn by turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

from parley.resources import Resources
from parley.sharing import reading, service, texts
from parley.sharing.document import Document, iso
from parley.sharing.queries import SharedRow


async def published_text(resources: Resources, row: SharedRow, ending: str) -> AsyncIterator[bytes]:
    """All turns of a share as Markdown (`md`) or text (`txt`)."""
    head = Document(id="share", title=row.title, created_at=iso(row.created_at))
    marked = ending == "md"
    yield (texts.markdown_head(head) if marked else texts.text_head(head)).encode("utf-8", "replace")
    start = 0
    path = await service.path_of(resources, row)
    while True:
        shown = await service.shown(resources, row, start=start, most=reading.PIECE, path=path)
        for message in shown.messages:
            turn = texts.markdown_turn(message) if marked else texts.text_turn(message)
            yield turn.encode("utf-8", "replace")
        start += reading.PIECE
        if start >= shown.total:
            return
