"""The verbs of sharing: show, take back, count, and what a share shows now."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat.access import ConversationRow
from parley.files.access import FileRow
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid, NotFound
from parley.sharing import queries, reading, scripts, snapshots
from parley.sharing.document import MessageEntry
from parley.sharing.queries import OwnShare, SharedRow
from parley.sharing.scripts import NewShare
from parley.sharing.snapshots import Snapshot
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

DAY = 86_400_000  # ms
LONGEST_TITLE = 200
DAYS = (1, 7, 30, 0)  # until it expires; 0: never


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to show. `messages` None is the chosen path; a `live` share follows it."""

    title: str = ""
    messages: Sequence[int] | None = None
    live: bool = False
    days: int = 7
    reasoning: bool = False
    models: bool = True
    files: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """Some of the turns of a share, and how many there are."""

    messages: list[MessageEntry]
    total: int


async def share(resources: Resources, actor: Actor, conversation: ConversationRow, wish: Wish) -> OwnShare:
    """Show turns to whoever gets the address. Raises Invalid (nothing to show, too much), TooMany."""
    if wish.days not in DAYS:
        raise Invalid(_("A link can be open for 1, 7 or 30 days, or for ever."), code="days")
    if wish.live and wish.messages is not None:
        raise Invalid(
            _("A link that follows the chat shows all of it. Choose one or the other."), code="live"
        )
    await _refuse_temporary(resources, conversation.id)
    path = await reading.path_ids(resources.db, conversation.id)
    wanted = None if wish.messages is None else set(wish.messages)
    ids = path if wanted is None else [id for id in path if id in wanted]
    if len(ids) > snapshots.MOST_MESSAGES and not wish.live:
        raise Invalid(
            _("A page shows at most %(most)d messages. Select some of them.", most=snapshots.MOST_MESSAGES)
        )
    choices = Snapshot(reasoning=wish.reasoning, models=wish.models, files=wish.files)
    files: list[int] = []
    any_shown = False
    async for piece in reading.pieces(resources.db, ids):  # a live one may be of any length
        here = [int(file.id) for each in piece for file in each.files] if wish.files else []
        frozen = snapshots.shown(piece, choices, frozenset(map(str, here)))
        any_shown = any_shown or bool(frozen)
        files += here
        if not wish.live:
            choices.messages.extend(frozen)
    if not any_shown:
        raise Invalid(_("There is nothing to show yet. Wait for the answer, or select some messages."))
    content = choices.encoded()
    if len(content) > snapshots.LONGEST:
        raise Invalid(_("This is too much for one page. Select fewer messages."))
    now = now_ms()
    new = NewShare(
        owner=actor.id,
        conversation=conversation.id,
        token=secrets.token_urlsafe(32),
        title=(wish.title.strip() or conversation.title)[:LONGEST_TITLE],
        content=content,
        live=wish.live,
        leaf=conversation.leaf,
        files=files,
        expires_at=now + wish.days * DAY if wish.days else None,
    )
    return await queries.own_share(
        resources.db, actor.id, await resources.db.write(scripts.insert_share, new, now)
    )


async def revoke(resources: Resources, actor: Actor, share: int) -> None:
    """Take a link back; from now on it is a 404. Raises NotFound."""
    if not await resources.db.write(scripts.revoke, share, actor.id, now_ms()):
        raise NotFound(_("This link does not exist any more."))


async def count_view(resources: Resources, row: SharedRow) -> None:
    """Somebody looked at it; a full disk or a busy writer must not keep them from it."""
    with contextlib.suppress(AppError):
        await resources.db.write_relaxed(scripts.count_view, row.id, now_ms())


async def shown(
    resources: Resources,
    row: SharedRow,
    *,
    start: int = 0,
    most: int = snapshots.SHOWN_AT_ONCE,
    path: Sequence[int] | None = None,
) -> Shown:
    """`most` turns of a share from the `start`th on: frozen ones as they were, live ones as they are.

    A live share counts the messages of the path; one that is being written is counted and not shown.
    `path`: that of a live one as `path_of` found it, for who reads it piece by piece.
    """
    choices = snapshots.stored(row.content)
    if not row.live:
        return Shown(choices.messages[start : start + most], len(choices.messages))
    files = await queries.files_of_share(resources.db, row.id) if choices.files else frozenset()
    path = await path_of(resources, row) if path is None else path
    messages = await reading.messages_by_id(resources.db, path[start : start + most])
    return Shown(snapshots.shown(messages, choices, files), len(path))


async def path_of(resources: Resources, row: SharedRow) -> Sequence[int]:
    """The messages of a live share at this moment; none of a frozen one, which holds its own."""
    return await reading.path_ids(resources.db, row.conversation) if row.live else ()


async def file_of(resources: Resources, row: SharedRow, file: int) -> FileRow:
    """A file that readers of the share may load now; raises NotFound."""
    found = await queries.shared_file(resources.db, row.id, file)
    if row.live:
        messages = await queries.messages_with(resources.db, row.conversation, file)
        if messages.isdisjoint(await reading.path_ids(resources.db, row.conversation)):
            raise NotFound(_(queries.GONE))
    return found


async def _refuse_temporary(resources: Resources, conversation: int) -> None:
    if await resources.db.fetch(
        "SELECT id FROM conversation WHERE id = ? AND temporary = TRUE", conversation
    ):
        raise Invalid(_("A temporary chat cannot be shared: it is gone when you close it."))
