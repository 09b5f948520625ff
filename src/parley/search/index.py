"""The index: which texts have a token. FTS5 on SQLite, `tsvector` on PostgreSQL; both hold only tokens.

Every token begins with its owner, so that somebody else's texts are neither found nor looked through. An
entry's id grows with the time of its text (quarter of an hour, then the source's id): newest first and a
range of dates are the index's own order. FTS5 without stored content forgets a text only when told its tokens
(https://sqlite.org/fts5.html#the_delete_command); PostgreSQL's tsvector could not keep the positions of long
texts (https://www.postgresql.org/docs/current/textsearch-limitations.html), so here it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.lib.db import Database, Script
from parley.search.asking import Term
from parley.search.tokens import tokens_of

SLOT = 15 * 60 * 1000  # ms
ROOM = 1 << 18  # ids in a slot: even ones for titles, odd ones for messages
LATEST = 2**62  # above every id
# On PostgreSQL, of an owner's entries:
NEAR = 5  # for each that is wanted so many of the newest are looked through one by one
FAR = 20_000  # further ones, in whose range the index is asked


@dataclass(frozen=True, slots=True)
class Entry:
    """A text's place in the index. `kind` is "title", "user" or "assistant"; `place` the conversation."""

    id: int
    owner: int
    kind: str
    source: int
    place: int


def slot(at: int) -> int:
    """The first id of texts from that time (ms) on."""
    return max(0, at) // SLOT * ROOM


def tokens(owner: int, kind: str, place: int, text: str) -> list[str]:
    """All that a text is found by: its words, its kind, its conversation; each under its owner."""
    own = f"{owner:x}_"
    return [*(own + each for each in tokens_of(text)), f"{own}_{kind[:1]}", f"{own}_c{place:x}"]


def add(engine: str, entry: Entry, at: int, tokens: Sequence[str]) -> Script[int]:
    """Put a text of the time `at` (ms) in; its id (that of `entry` is not looked at)."""
    id = slot(at) + entry.source * 2 % ROOM + (entry.kind != "title")
    while (yield "SELECT id FROM search_entry WHERE id = ?", (id,)):
        id += ROOM  # a slot is full only when a great import dates everything the same
    yield (
        "INSERT INTO search_entry (id, owner, kind, source, place) VALUES (?, ?, ?, ?, ?)",
        (id, entry.owner, entry.kind, entry.source, entry.place),
    )
    if engine == "sqlite":
        yield "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", (id, " ".join(tokens))
    else:
        yield (
            "INSERT INTO search_index (id, tokens) VALUES (?, array_to_tsvector(CAST(? AS TEXT[])))",
            (id, list(tokens)),
        )
    return id


def remove(engine: str, entry: Entry, text: str) -> Script[None]:
    """Forget an entry; `text` is what was put in."""
    if engine == "sqlite":
        had = " ".join(tokens(entry.owner, entry.kind, entry.place, text))
        yield (
            "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)",
            (entry.id, had),
        )
    else:
        yield "DELETE FROM search_index WHERE id = ?", (entry.id,)
    yield "DELETE FROM search_entry WHERE id = ?", (entry.id,)


def clear(engine: str) -> Script[None]:
    """Forget everything."""
    if engine == "sqlite":
        yield "INSERT INTO search_index (search_index) VALUES ('delete-all')", ()
    else:
        yield "TRUNCATE search_index", ()
    yield "DELETE FROM search_entry", ()


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for: texts of `owner` with all `terms`, of one `kind`, in `places`, low <= id < high.

    `kind` "" and `places` None leave out none; those in `without` are left out.
    """

    owner: int
    terms: Sequence[Term]
    kind: str = ""
    places: Sequence[int] | None = None
    without: Sequence[int] = ()
    low: int = 0
    high: int = LATEST


async def find(db: Database, look: Look, limit: int) -> list[Entry]:
    """The newest that have it all; deleted texts may still be among them."""
    if not look.terms or look.places == []:
        return []
    if db.kind == "postgres":
        return await _find_by_steps(db, look, limit)
    sql = (
        "SELECT e.id, e.owner, e.kind, e.source, e.place FROM search_index"
        " CROSS JOIN search_entry e ON e.id = search_index.rowid"
        " WHERE search_index MATCH ? AND search_index.rowid BETWEEN ? AND ?"
        " ORDER BY search_index.rowid DESC LIMIT ?"
    )
    rows = await db.fetch(sql, _expression(db.kind, look), look.low, look.high - 1, limit)
    return [Entry(**row) for row in rows]


async def _find_by_steps(db: Database, look: Look, limit: int) -> list[Entry]:
    """From PostgreSQL, whose index knows no order: all texts with a common word would be read for a few.

    So the owner's newest are looked through first, then the index is asked about some more, then about all.
    """
    found: list[Entry] = []
    high = look.high
    steps = ((NEAR * limit, _looked_through), (FAR, _looked_up), (None, _looked_up))
    for number, (size, ask) in enumerate(steps):
        if number == 1 and not found:
            continue  # a rare word: the index knows all its texts at once
        low = None if size is None else await _nth(db, look, high, size)
        found += await ask(db, look, (look.low if low is None else low, high), limit - len(found))
        if low is None or len(found) >= limit:
            break
        high = low
    return found


async def _nth(db: Database, look: Look, high: int, size: int) -> int | None:
    """The id of the owner's `size`-th newest entry below `high`; None when there are fewer."""
    rows = await db.fetch(
        "SELECT id FROM search_entry WHERE owner = ? AND id >= ? AND id < ?"
        " ORDER BY id DESC LIMIT 1 OFFSET ?",
        *(look.owner, look.low, high, size - 1),
    )
    return rows[0]["id"] if rows else None


async def _looked_through(db: Database, look: Look, ids: tuple[int, int], limit: int) -> list[Entry]:
    """Among the owner's entries low <= id < high, each by itself.

    Each is asked in a statement of its own within this one: joined, a few hundred of them would have the
    planner read everybody's tokens instead (315 ms in place of 5, of 120,000 texts).
    """
    rows = await db.fetch(
        "WITH near AS MATERIALIZED (SELECT id, owner, kind, source, place FROM search_entry"
        " WHERE owner = ? AND id >= ? AND id < ?)"
        " SELECT n.id, n.owner, n.kind, n.source, n.place FROM near n"
        " WHERE (SELECT i.tokens @@ CAST(CAST(? AS TEXT) AS TSQUERY) FROM search_index i WHERE i.id = n.id)"
        " ORDER BY n.id DESC LIMIT ?",
        *(look.owner, *ids, _expression(db.kind, look), limit),
    )
    return [Entry(**row) for row in rows]


async def _looked_up(db: Database, look: Look, ids: tuple[int, int], limit: int) -> list[Entry]:
    """Through the index of tokens.

    The ids are in the statement, not beside it, so that it is planned for them: few of them are looked up
    beside the tokens. Materialised: the planner must not walk the ids backwards and look into each tsvector.
    """
    low, high = map(int, ids)
    rows = await db.fetch(
        "WITH found AS MATERIALIZED (SELECT id FROM search_index"  # noqa: S608
        f" WHERE tokens @@ CAST(CAST(? AS TEXT) AS TSQUERY) AND id >= {low} AND id < {high})"
        " SELECT e.id, e.owner, e.kind, e.source, e.place FROM search_entry e"
        " JOIN (SELECT id FROM found ORDER BY id DESC LIMIT ?) f ON f.id = e.id ORDER BY e.id DESC",
        *(_expression(db.kind, look), limit),
    )
    return [Entry(**row) for row in rows]


def _expression(engine: str, look: Look) -> str:
    """The question in the engine's own language; every token quoted, so that none is an operator."""
    own = f"{look.owner:x}_"
    sqlite = engine == "sqlite"
    both, either, but = (" AND ", " OR ", " NOT ") if sqlite else (" & ", " | ", " & !")

    def quoted(token: str, beginning: bool = False) -> str:
        if sqlite:
            return '"' + (own + token).replace('"', '""') + '"' + ("*" if beginning else "")
        safe = (own + token).replace("\\", "\\\\").replace("'", "''")
        return f"'{safe}'" + (":*" if beginning else "")

    def among(places: Sequence[int]) -> str:
        return "(" + either.join(quoted(f"_c{place:x}") for place in places) + ")"

    wanted = [quoted(term.token, term.beginning) for term in look.terms]
    if look.kind:
        wanted.append(quoted(f"_{look.kind[:1]}"))
    if look.places is not None:
        wanted.append(among(look.places))
    return "(" + both.join(wanted) + ")" + (but + among(look.without) if look.without else "")
