"""Conversations as the bytes of files, piece by piece; nothing is kept of a download that is cut off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import parley
from parley.accounts.actor import Actor
from parley.files.queries import files_by_id
from parley.lib.clock import now_ms
from parley.lib.errors import NotFound
from parley.sharing import document, reading, texts
from parley.sharing.archive import ZipStream
from parley.sharing.contents import opened
from parley.sharing.document import Document, Manifest, MessageEntry, iso
from parley.sharing.naming import file_stem

if TYPE_CHECKING:
    from parley.resources import Resources

ENDING = b"]}"  # of a document whose messages come piece by piece
STORED = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", "application/zip"}
)
_encode = msgspec.json.Encoder().encode


async def as_markdown(resources: Resources, head: Document, *, linked: bool = False) -> AsyncIterator[bytes]:
    """The chosen path as Markdown; `linked` when its files lie in the same archive."""
    yield texts.markdown_head(head).encode("utf-8", "replace")
    async for message in path_of(resources, head):
        yield texts.markdown_turn(message, linked=linked).encode("utf-8", "replace")


async def as_text(resources: Resources, head: Document) -> AsyncIterator[bytes]:
    """The chosen path as text."""
    yield texts.text_head(head).encode("utf-8", "replace")
    async for message in path_of(resources, head):
        yield texts.text_turn(message).encode("utf-8", "replace")


async def as_json(
    resources: Resources, head: Document, *, bare: bool = True, seen: _Seen | None = None
) -> AsyncIterator[bytes]:
    """All of it as a document. `bare`: outside an archive, so no file has a path."""
    data = document.encode(head)
    assert data.endswith(b'"messages":' + b"[" + ENDING)
    yield data[: -len(ENDING)]
    comma = b""
    async for messages in reading.tree_of(resources.db, int(head.id)):
        for message in messages:
            if bare:
                message.files = [msgspec.structs.replace(each, path="") for each in message.files]
            elif seen is not None:
                seen.take(message)
        yield comma + b",".join(map(_encode, messages))
        comma = b","
    yield ENDING + b"\n"


async def path_of(resources: Resources, head: Document) -> AsyncIterator[MessageEntry]:
    """The messages of the chosen path, read in pieces."""
    ids = await reading.path_ids(resources.db, int(head.id))
    async for messages in reading.pieces(resources.db, ids):
        for message in messages:
            yield message


async def has_files(resources: Resources, conversation: int) -> bool:
    """Whether any message of it, on whatever branch, has one."""
    rows = await resources.db.fetch(
        "SELECT a.id FROM message m JOIN message_file a ON a.message = m.id"
        " WHERE m.conversation = ? AND m.deleted_at IS NULL LIMIT 1",
        conversation,
    )
    return bool(rows)


async def as_archive(resources: Resources, heads: Sequence[Document]) -> AsyncIterator[bytes]:
    """Some conversations as an archive, each as JSON for programs and as Markdown for people."""
    archive = ZipStream()
    seen = _Seen()
    for head in heads:
        async for piece in _conversation(resources, archive, head, seen):
            yield piece
        name = f"markdown/{file_stem(head.title, 'chat')} {head.id}.md"
        async for piece in archive.entry(name, as_markdown(resources, head, linked=True)):
            yield piece
    async for piece in _finished(archive, seen):
        yield piece


async def everything(resources: Resources, actor: Actor) -> AsyncIterator[bytes]:
    """All that is stored about a person as one archive, as it is committed when each part is read."""
    archive = ZipStream()
    seen = _Seen()
    async for head in reading.all_heads(resources.db, actor.id):
        async for piece in _conversation(resources, archive, head, seen):
            yield piece
    after = 0
    while rows := await resources.db.fetch(
        "SELECT id, sha256 FROM stored_file WHERE owner = ? AND id > ? AND sha256 <> ''"
        " ORDER BY id LIMIT 100",
        actor.id,
        after,
    ):
        seen.waiting.update({row["sha256"]: row["id"] for row in rows if row["sha256"] not in seen.known})
        after = rows[-1]["id"]
        async for piece in _files(resources, archive, seen):
            yield piece
    account = await account_of(resources, actor)
    async for piece in archive.entry(document.ACCOUNT, _once(_spread(account))):
        yield piece
    async for piece in _finished(archive, seen):
        yield piece


async def account_of(resources: Resources, actor: Actor) -> dict[str, Any]:
    """A person's own settings, folders and prompts; no secret, nothing of others."""
    db = resources.db
    user = (
        await db.fetch(
            "SELECT u.username, u.role, u.language, u.personal_prompt, u.default_model, u.preferences,"
            " u.created_at, f.sha256 AS avatar FROM user_account u LEFT JOIN stored_file f ON f.id = u.avatar"
            " WHERE u.id = ?",
            actor.id,
        )
    )[0]
    folders = await db.fetch("SELECT name FROM folder WHERE owner = ? ORDER BY position, id", actor.id)
    prompts = await db.fetch(
        "SELECT command, title, body, shared, version, created_at, updated_at FROM prompt"
        " WHERE owner = ? AND deleted_at IS NULL ORDER BY id",
        actor.id,
    )
    return {
        "username": user["username"],
        "role": user["role"],
        "language": user["language"],
        "personalPrompt": user["personal_prompt"],
        "defaultModel": user["default_model"],
        "preferences": msgspec.json.decode(user["preferences"] or "{}"),
        "avatar": user["avatar"],
        "createdAt": iso(user["created_at"]),
        "folders": [row["name"] for row in folders],
        "prompts": [
            {
                "command": row["command"],
                "title": row["title"],
                "body": row["body"],
                "shared": bool(row["shared"]),
                "version": row["version"],
                "createdAt": iso(row["created_at"]),
                "updatedAt": iso(row["updated_at"]),
            }
            for row in prompts
        ],
    }


class _Seen:
    """What an archive holds so far, and which files must still go into it."""

    def __init__(self) -> None:
        self.conversations = self.messages = 0
        self.known: set[str] = set()
        self.waiting: dict[str, int] = {}  # sha256 -> one file with these bytes
        self.missing: list[str] = []

    def take(self, message: MessageEntry) -> None:
        """Count it, and remember its files."""
        self.messages += 1
        wanted = [file for file in message.files if file.sha256 and file.sha256 not in self.known]
        self.waiting.update({file.sha256: int(file.id) for file in wanted})


async def _conversation(
    resources: Resources, archive: ZipStream, head: Document, seen: _Seen
) -> AsyncIterator[bytes]:
    name = f"{document.CONVERSATIONS}{head.id}.json"
    async for piece in archive.entry(name, as_json(resources, head, bare=False, seen=seen)):
        yield piece
    seen.conversations += 1
    async for piece in _files(resources, archive, seen):
        yield piece


async def _files(resources: Resources, archive: ZipStream, seen: _Seen) -> AsyncIterator[bytes]:
    """The files that wait, one after the other, each content once."""
    while seen.waiting:
        sha256, id = seen.waiting.popitem()
        seen.known.add(sha256)
        rows = await files_by_id(resources.db, [id])
        try:
            data = await opened(resources, rows.get(id))
        except NotFound:  # gone from the disk or a moment ago: the rest is still worth having
            seen.missing.append(sha256)
            continue
        packed = rows[id].mime not in STORED
        async for piece in archive.entry(document.FILES + sha256, data, packed=packed):
            yield piece


async def _finished(archive: ZipStream, seen: _Seen) -> AsyncIterator[bytes]:
    manifest = Manifest(
        exported_at=iso(now_ms()),
        generator=f"Parley {parley.__version__}",
        conversations=seen.conversations,
        messages=seen.messages,
        files=len(seen.known) - len(seen.missing),
        missing=seen.missing,
    )
    async for piece in archive.entry(document.MANIFEST, _once(document.encode(manifest, indent=2))):
        yield piece
    yield archive.end()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _spread(value: Any) -> bytes:
    return msgspec.json.format(_encode(value), indent=2) + b"\n"
