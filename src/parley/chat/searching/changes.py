"""From the noted changes into the index, in small steps that let questions through.

A change says that a text came, changed or went; what the text is now is read afterwards. The newest are taken
first: what was said a second ago is found even while a great import is still being worked off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.lib.db import LARGEST_ID, Database, Many, Row, Script
from parley.search import index
from parley.search.index import Entry
from parley.search.tokens import VERSION

AT_ONCE = 64  # texts
MOST_TEXT = 60_000  # characters in one step, but at least one text

NOTED_AT_ONCE = 2_000  # older texts
SOME, ALL = 1, 2  # of what `note_older` notes
MANY = 500  # changes that are no longer a matter of seconds

Source = tuple[str, int]  # kind and id


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is now."""

    entry: Entry  # its id is not known yet
    at: int  # ms
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about one source: `text` None removes it. `seen` are the rows this works off."""

    source: Source
    seen: tuple[int, ...]
    was: str | None
    text: Text | None


async def due(db: Database) -> list[Change]:
    """The next step; empty when everything is indexed."""
    newest = await db.fetch("SELECT kind, source FROM search_change ORDER BY id DESC LIMIT ?", AT_ONCE)
    if not newest:
        return []
    sources = list(dict.fromkeys((row["kind"], row["source"]) for row in newest))
    noted = await _noted(db, sources)
    texts = {(text.entry.kind, text.entry.source): text for text in await _texts(db, sources)}
    changes: list[Change] = []
    size = 0
    for source in sources:
        rows = noted.get(source, [])
        text = texts.get(source)
        was = next((row["was"] for row in rows if row["was"] is not None), None)
        size += len(text.text if text else "") + len(was or "")
        if changes and size > MOST_TEXT:
            break
        changes.append(Change(source, tuple(row["id"] for row in rows), was, text))
    return changes


async def _noted(db: Database, sources: Sequence[Source]) -> dict[Source, list[Row]]:
    rows = await db.fetch(
        "SELECT id, kind, source, was FROM search_change"  # noqa: S608
        f" WHERE source IN ({_places(sources)}) ORDER BY id",
        *(id for _, id in sources),
    )
    noted: dict[Source, list[Row]] = {}
    for row in rows:
        noted.setdefault((row["kind"], row["source"]), []).append(row)
    return noted


async def _texts(db: Database, sources: Sequence[Source]) -> list[Text]:
    """Those that belong into the index. What was only put out of sight stays there: it may come back."""
    messages = [id for kind, id in sources if kind != "title"] or [0]
    titles = [id for kind, id in sources if kind == "title"] or [0]
    rows = await db.fetch(
        "SELECT c.owner, m.role AS kind, m.id AS source, c.id AS place, m.created_at AS at, m.text"  # noqa: S608
        " FROM message m JOIN conversation c ON c.id = m.conversation"
        f" WHERE m.id IN ({_places(messages)}) AND c.temporary = FALSE AND m.text <> ''"
        " UNION ALL SELECT c.owner, 'title', c.id, c.id, c.created_at, c.title FROM conversation c"
        f" WHERE c.id IN ({_places(titles)}) AND c.temporary = FALSE AND c.title <> ''",
        *messages,
        *titles,
    )
    return [
        Text(Entry(0, row["owner"], row["kind"], row["source"], row["place"]), row["at"], row["text"])
        for row in rows
    ]


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


Ready = tuple[Change, list[str]]


def prepared(changes: Sequence[Change]) -> list[Ready]:
    """Each with the tokens of its text; the slow part, done outside of any transaction."""
    return [
        (each, index.tokens(entry.owner, entry.kind, entry.place, each.text.text))
        if each.text and (entry := each.text.entry)
        else (each, [])
        for each in changes
    ]


def apply(engine: str, ready: Sequence[Ready]) -> Script[int]:
    """Bring them into the index; how many. One that changed once more meanwhile waits for the next step."""
    ids = [change.source[1] for change, _ in ready]
    noted = yield f"SELECT id, kind, source FROM search_change WHERE source IN ({_places(ids)})", ids  # noqa: S608
    entries = yield (
        f"SELECT id, owner, kind, source, place FROM search_entry WHERE source IN ({_places(ids)})",  # noqa: S608
        ids,
    )
    pending: dict[Source, set[int]] = {}
    for row in noted:
        pending.setdefault((row["kind"], row["source"]), set()).add(row["id"])
    known = {(row["kind"], row["source"]): Entry(**row) for row in entries}
    done: list[int] = []
    for change, tokens in ready:
        if not change.seen or pending.get(change.source, set()) != set(change.seen):
            continue
        yield from _replace(engine, known.get(change.source), change, tokens)
        done += change.seen
    if done:
        yield Many("DELETE FROM search_change WHERE id = ?", [(id,) for id in done])
    return len(done)


def _replace(engine: str, old: Entry | None, change: Change, tokens: Sequence[str]) -> Script[None]:
    if old is not None:
        was = change.was if change.was is not None else change.text.text if change.text else ""  # not changed
        yield from index.remove(engine, old, was)
    if change.text is not None:
        yield from index.add(engine, change.text.entry, change.text.at, tokens)


def pass_over(change: Change) -> Script[None]:
    """Leave one as it is."""
    yield Many("DELETE FROM search_change WHERE id = ?", [(id,) for id in change.seen])


def note_older(engine: str) -> Script[bool]:
    """Note some of the texts that nobody noted for this version of the tokeniser, the newest first.

    False when there are none left. A new version forgets the whole index first.
    """
    state = (yield "SELECT version, message, conversation FROM search_state", ())[0]
    if state["version"] != VERSION:
        yield from index.clear(engine)
        yield "DELETE FROM search_change", ()
        yield (
            "UPDATE search_state SET version = ?, message = ?, conversation = ?",
            (VERSION, LARGEST_ID, LARGEST_ID),
        )
        return True
    if state["message"]:
        yield from _note(state["message"], "message", "role", "text")
    elif state["conversation"]:
        yield from _note(state["conversation"], "conversation", "'title'", "title")
    return bool(state["message"] or state["conversation"])


def _note(below: int, table: str, kind: str, text: str) -> Script[None]:
    chosen = f"(SELECT id FROM {table} WHERE id < ? ORDER BY id DESC LIMIT ?)"  # noqa: S608
    lowest = yield f"SELECT MIN(id) AS id FROM {chosen} AS chosen", (below, NOTED_AT_ONCE)  # noqa: S608
    yield (
        f"INSERT INTO search_change (kind, source) SELECT {kind}, id FROM {table}"  # noqa: S608
        f" WHERE id IN {chosen} AND {text} <> '' ORDER BY id",
        (below, NOTED_AT_ONCE),
    )
    yield f"UPDATE search_state SET {table} = ?", (lowest[0]["id"] or 0,)  # noqa: S608


async def older(db: Database) -> int:
    """What `note_older` has to do: `ALL` when the index is another version's, else some or, 0, nothing."""
    state = (await db.fetch("SELECT version, message, conversation FROM search_state"))[0]
    if state["version"] != VERSION:
        return ALL
    return SOME if state["message"] or state["conversation"] else 0


def forget_version() -> Script[None]:
    """Have everything indexed anew, as if the tokeniser had changed."""
    yield "UPDATE search_state SET version = 0", ()


async def is_behind(db: Database) -> bool:
    """Whether so much is not indexed yet that a reader should know."""
    if await older(db):
        return True
    noted = await db.fetch("SELECT id FROM search_change LIMIT ?", MANY)
    return len(noted) == MANY
