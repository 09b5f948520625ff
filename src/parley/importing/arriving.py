"""A conversation as it was read -> what is stored of it, with its files in the store by then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from parley.accounts.actor import Actor
from parley.chat import tuning
from parley.chat.titles import first_words
from parley.importing.keeping import Keeping
from parley.importing.neutral import Answer, Conversation, Manner
from parley.importing.normalising import Entry, Tree, answer_after
from parley.importing.queries import known_messages, standing_here
from parley.importing.scripts import PREFIX, Arrival
from parley.importing.steps import NewMessage
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.routes.queries import choices

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_TAGS = 10
LONGEST_ID = 19  # digits: the database has 64 bits
NO_ANSWER = Answer()


class Arriving:
    """The conversations of one job, one after the other."""

    def __init__(self, resources: Resources, owner: int) -> None:
        self._resources = resources
        self._owner = owner
        self._usable: frozenset[str] | None = None

    async def standing(self, conversation: Conversation) -> int | None:
        """The conversation here that was exported as this one, if nothing of it is missing since."""
        id = conversation.external.partition("@")[0]
        if not (conversation.exact and conversation.created and id.isdecimal() and len(id) < LONGEST_ID):
            return None
        ids = {node.id for node in conversation.nodes}
        stands = await standing_here(self._resources.db, self._owner, int(id), conversation.created, ids)
        return int(id) if stands else None

    async def of(self, source: str, conversation: Conversation, tree: Tree) -> Arrival:
        """What to store; files that are new are in the store by then. Raises StorageFull, Unavailable."""
        origin = key_of(source, conversation.external)
        keys = [key_of(source, f"{conversation.external}\0{entry.id}") for entry in tree.entries]
        known = await known_messages(self._resources.db, self._owner, origin)
        aliases = _aliases(source, conversation, tree, keys, known)
        now, keeping = now_ms(), Keeping(self._resources, self._owner, conversation.notes)
        begun = _within(conversation.created, now) or _first_time(tree, now)
        messages = []
        for entry, key, alias in zip(tree.entries, keys, aliases, strict=True):
            answer = await self._answer(entry.answer)
            message = _message(entry, key, alias, keys, answer, _within(entry.created, now) or begun)
            if known.get(key, known.get(alias)) != message.body_hash:
                message = replace(message, files=await keeping.of(entry.files))
            messages.append(message)
        last = max((message.created for message in messages), default=begun)
        manner = conversation.manner
        return Arrival(
            origin=origin,
            title=title_of(conversation, tree),
            system_prompt=conversation.system_prompt,
            created=begun,
            updated=_within(conversation.updated, now) or last,
            pinned=conversation.pinned,
            archived=conversation.archived,
            messages=messages,
            path=_path(tree, keys),
            model=manner.model if await self._may_use(manner.model) else "",
            sampling=_sampling(manner),
            reasoning=_reasoning(manner),
            folder=manner.folder,
            tags=_tags(manner),
        )

    async def _answer(self, answer: Answer | None) -> Answer:
        """Without the id of a model that its owner cannot ask here: its name says enough."""
        if answer is None:
            return NO_ANSWER
        if await self._may_use(answer.model):
            return answer
        return replace(answer, model="")

    async def _may_use(self, model: str) -> bool:
        if self._usable is None and model:
            self._usable = await self._all_usable()
        return model in (self._usable or ())

    async def _all_usable(self) -> frozenset[str]:
        db = self._resources.db
        row = (await db.fetch("SELECT username, role, status FROM user_account WHERE id = ?", self._owner))[0]
        actor = Actor(self._owner, row["username"], row["role"], row["status"], None, 0, "")
        return frozenset(model.id for model in await choices(db, actor))


def key_of(source: str, id: str) -> str:
    """What marks a conversation or a message as the same one when it comes again."""
    return f"{PREFIX}{source}:{hashlib.sha256(id.encode('utf-8', 'replace')).hexdigest()[:40]}"


def title_of(conversation: Conversation, tree: Tree) -> str:
    """Its title, else the first words of its first question."""
    return conversation.title or next(
        (words for entry in tree.entries if entry.role == "user" and (words := first_words(entry.text))), ""
    )


def _message(entry: Entry, key: str, alias: str, keys: list[str], answer: Answer, created: int) -> NewMessage:
    course = answer.course
    said = [
        entry.text,
        entry.reasoning,
        course.status if course else "",
        course.finish_reason if course else "",
    ]
    return NewMessage(
        key=key,
        parent=None if entry.parent is None else keys[entry.parent],
        chosen=None if entry.chosen is None else keys[entry.chosen],
        role=entry.role,
        text=entry.text,
        reasoning=entry.reasoning,
        model_name=entry.model,
        created=created,
        body_hash=hashlib.sha256(msgspec.json.encode(said)).hexdigest(),
        alias=alias,
        answer=answer,
    )


def _aliases(
    source: str, conversation: Conversation, tree: Tree, keys: list[str], known: Mapping[str, str]
) -> list[str]:
    """The keys under which the beginnings of answers came; "" for the others.

    An answer that was exported half-written ended with another of its messages, or was not there at all.
    Nothing is taken for the beginning of two answers.
    """
    taken = set(keys)
    aliases: list[str] = []
    for entry, key in zip(tree.entries, keys, strict=True):
        alias = ""
        if entry.role == "assistant" and key not in known and entry.parent is not None:
            ids = [*entry.made_of[-2::-1], answer_after(tree.entries[entry.parent].id)]
            before = [key_of(source, f"{conversation.external}\0{id}") for id in ids]
            alias = next((each for each in before if each in known and each not in taken), "")
            taken.add(alias)
        aliases.append(alias)
    return aliases


def _path(tree: Tree, keys: list[str]) -> list[str]:
    path: list[str] = []
    at = tree.leaf
    while at is not None:
        path.append(keys[at])
        at = tree.entries[at].parent
    return path[::-1]


def _sampling(manner: Manner) -> str:
    try:
        return tuning.as_json(tuning.sampling_of(manner.sampling))
    except Invalid:
        return "{}"


def _reasoning(manner: Manner) -> str:
    try:
        return tuning.as_json(tuning.reasoning_of(manner.reasoning))
    except Invalid:
        return "{}"


def _tags(manner: Manner) -> tuple[str, ...]:
    """Some are the same but for their case."""
    tags: dict[str, str] = {}
    for tag in manner.tags:
        tags.setdefault(tag.casefold(), tag)
    return tuple(tags.values())[:MOST_TAGS]


def _within(at: int | None, now: int) -> int | None:
    """A time that can be meant: after 1970, and not in the future."""
    return at if at is not None and 0 < at <= now else None


def _first_time(tree: Tree, now: int) -> int:
    return next((at for entry in tree.entries if (at := _within(entry.created, now))), now)
