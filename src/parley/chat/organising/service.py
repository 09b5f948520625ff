"""The verbs of order among chats: one transaction each, then the doorbell of the owner's other tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from parley.accounts.actor import Actor
from parley.chat.organising import scripts
from parley.chat.organising.scripts import Arrangement, State
from parley.generations import service as generations
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Invalid
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_AT_ONCE = 500  # chats of one verb
LONGEST_FOLDER = 80
MOST_TAGS = 10  # of one chat
LONGEST_TAG = 40


async def arrange(resources: Resources, actor: Actor, ids: Sequence[int], wanted: Arrangement) -> list[State]:
    """Pin, archive or move chats in one transaction; what is not the actor's is passed over.

    Where those were that moved, for `put_back`. Raises Invalid, NotFound for the folder.
    """
    moved = await resources.db.write(scripts.arrange, actor.id, _checked(ids), wanted, now_ms())
    tell_of(resources, actor.id, "changed", [state.id for state in moved])
    return moved


async def put_back(resources: Resources, actor: Actor, states: Sequence[State]) -> list[int]:
    """Undo an arrangement; which chats went back."""
    _checked([state.id for state in states])
    back = await resources.db.write(scripts.put_back, actor.id, states)
    tell_of(resources, actor.id, "changed", back)
    return back


async def delete(resources: Resources, actor: Actor, ids: Sequence[int]) -> list[int]:
    """Put chats out of sight and stop what runs in them; which ones. Ids of others are passed over."""
    deleted = await resources.db.write(scripts.delete, actor.id, _checked(ids), now_ms())
    return await _stopped(resources, actor, deleted)


async def restore(resources: Resources, actor: Actor, ids: Sequence[int]) -> list[int]:
    """Undo a deletion; which chats came back."""
    back = await resources.db.write(scripts.restore, actor.id, _checked(ids))
    tell_of(resources, actor.id, "restored", back)
    return back


async def create_folder(resources: Resources, actor: Actor, name: str) -> int:
    """A folder at the end of the list; its id. Raises Invalid."""
    id = await resources.db.write(scripts.create_folder, actor.id, _folder_name(name), now_ms())
    tell_of(resources, actor.id, "folders", [])
    return id


async def rename_folder(resources: Resources, actor: Actor, folder: int, name: str) -> None:
    """Another name. Raises Invalid, NotFound."""
    await resources.db.write(scripts.rename_folder, actor.id, folder, _folder_name(name))
    tell_of(resources, actor.id, "folders", [])


async def move_folder(resources: Resources, actor: Actor, folder: int, steps: int) -> None:
    """Up (-1) or down (1) in the list. Raises NotFound."""
    await resources.db.write(scripts.move_folder, actor.id, folder, steps)
    tell_of(resources, actor.id, "folders", [])


async def delete_folder(resources: Resources, actor: Actor, folder: int, *, with_chats: bool) -> list[int]:
    """Remove a folder; its chats stand by themselves again, or go with it; which ones. Raises NotFound."""
    deleted = await resources.db.write(
        scripts.delete_folder, actor.id, folder, now_ms(), with_chats=with_chats
    )
    if with_chats:
        await _stopped(resources, actor, deleted)
    tell_of(resources, actor.id, "folders", [])
    return deleted.chats


async def bring_back_folder(
    resources: Resources, actor: Actor, name: str, position: int, ids: Sequence[int]
) -> None:
    """Undo the end of a folder. Raises Invalid."""
    chats = _checked(ids)
    name = _folder_name(name)
    await resources.db.write(scripts.bring_back_folder, actor.id, name, position, chats, now_ms())
    tell_of(resources, actor.id, "restored", chats)
    tell_of(resources, actor.id, "folders", [])


async def set_tags(resources: Resources, actor: Actor, conversation: int, names: Sequence[str]) -> list[str]:
    """Give a chat exactly these tags; as they were stored. Raises Invalid, NotFound."""
    clean = clean_tags(names)
    await resources.db.write(scripts.set_tags, actor.id, conversation, clean)
    tell_of(resources, actor.id, "changed", [conversation])
    return clean


def clean_tags(names: Sequence[str]) -> list[str]:
    """Tags as they are stored: one line each, none twice whatever the case. Raises Invalid."""
    found: dict[str, str] = {}
    for name in names:
        line = " ".join(name.replace("\0", " ").split())
        if line:
            found.setdefault(line.casefold(), line)
    tags = list(found.values())
    if len(tags) > MOST_TAGS:
        sentence = _("A chat can have at most %(most)d tags.", most=MOST_TAGS)
        raise Invalid(sentence, fields={"tags": sentence})
    if any(len(tag) > LONGEST_TAG for tag in tags):
        sentence = _("A tag has at most %(most)d characters.", most=LONGEST_TAG)
        raise Invalid(sentence, fields={"tags": sentence})
    return tags


def written(states: Sequence[State]) -> str:
    """States as a form carries them."""
    return " ".join(f"{s.id}-{s.folder}-{s.pinned_at}-{s.archived_at}" for s in states)


def read(text: str) -> list[State]:
    """States as `written` made them; raises Invalid."""
    states = []
    for each in text.split():
        match = re.fullmatch(r"(\d{1,19})-(\d{1,19})-(\d{1,19})-(\d{1,19})", each)
        numbers = [int(number) for number in match.groups()] if match else [LARGEST_ID + 1]
        if max(numbers) > LARGEST_ID:
            raise Invalid(_("This cannot be used here."))
        states.append(State(*numbers))
    return states


def tell_of(
    resources: Resources, owner: int, kind: str, conversations: Sequence[int], title: str = ""
) -> None:
    """As `chat.service.tell`, of several chats at once; nothing when a verb changed none.

    `title` is the new one of the only chat: its page may not have it in its list.
    """
    if conversations or kind == "folders":
        news = {"kind": kind, "conversations": conversations, **({"title": title} if title else {})}
        resources.hub.publish([(f"user:{owner}", msgspec.json.encode(news))])


async def _stopped(resources: Resources, actor: Actor, deleted: scripts.Deleted) -> list[int]:
    for generation in deleted.running:
        await generations.request_stop(resources, generation)
    tell_of(resources, actor.id, "deleted", deleted.chats)
    return deleted.chats


def _checked(ids: Sequence[int]) -> list[int]:
    found = [id for id in dict.fromkeys(ids) if 0 < id <= LARGEST_ID]
    if len(found) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)d chats at once.", most=MOST_AT_ONCE))
    return sorted(found)


def _folder_name(name: str) -> str:
    name = " ".join(name.replace("\0", " ").split())
    if not name:
        raise Invalid(_("Type a name."), fields={"name": _("Type a name.")})
    if len(name) > LONGEST_FOLDER:
        sentence = _("A folder's name has at most %(most)d characters.", most=LONGEST_FOLDER)
        raise Invalid(sentence, fields={"name": sentence})
    return name
