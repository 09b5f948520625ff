"""Reads of allowances and of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID, Database, Row, one
from parley.lib.errors import NotFound
from parley.quotas.counting import PAST, sum_of
from parley.quotas.reckoning import NO_GUESS, Guess, amounts, guess_of, share
from parley.quotas.rules import Person, Plan, Rule, Slot, slots_of
from parley.settings.allowing import CONCURRENT, PER_MINUTE, SET_ASIDE
from parley.settings.catalogue import Values
from parley.settings.general import TIME_ZONE
from parley.settings.queries import load
from parley.web.i18n import _

WARN_AT = 80  # per cent
_FOR = "scope IN ('users', 'visitors', 'range', 'pool') OR (scope = 'user' AND subject = ?)"
_FOR += " OR (scope = 'group' AND subject = ?)"


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of one allowance is used; `zone` is where its days begin at midnight."""

    slot: Slot
    used: int
    zone: str
    held: int = 0  # set aside for their own answers under way

    @property
    def percent(self) -> int:
        """The share that is used, at most 100."""
        return share(self.used, self.slot.most)


async def plan_of(
    db: Database, actor: Actor, model: ModelRow | None, id: str = "", *, words: str = ""
) -> Plan:
    """What decides whether `actor` may have an answer of `model` now (None: of one only its id is known).

    `words` are those of the question.
    """
    values = await load(db)
    person = await person_of(db, actor.id, values)
    now = now_ms()
    name = model.id if model is not None else id
    return Plan(
        person=person,
        model=name,
        at=now,
        slots=slots_of(await _rules_for(db, person), person, now, name),
        guess=_guess(model, words, values[SET_ASIDE]),
        per_minute=values[PER_MINUTE],
        concurrent=values[CONCURRENT],
    )


def _guess(model: ModelRow | None, words: str, most: int) -> Guess:
    """What its answer may take; without both prices it costs nothing, as at the end."""
    if model is None:
        return NO_GUESS
    prices = model.prices
    guess = guess_of(words=words, most=most, max_output=model.max_output, window=model.context_window)
    if prices.input is None or prices.output is None:
        return guess
    return replace(guess, input=prices.input, output=prices.output)


async def meter_of(db: Database, actor: Actor, now: int) -> list[Meter]:
    """How much of each allowance that counts for `actor` is used now, the fullest first."""
    return await meter_of_user(db, actor.id, now)


async def meter_of_user(db: Database, user: int, now: int) -> list[Meter]:
    """The same of anybody; raises NotFound."""
    person = await person_of(db, user, await load(db))
    slots = slots_of(await _rules_for(db, person), person, now)
    if not slots:
        return []
    keys = sorted({slot.key for slot in slots})
    marks = ", ".join("?" * len(keys))
    rows = await db.fetch(
        f"SELECT * FROM quota_use WHERE key IN ({marks}) AND end_at > ? AND start_at <= ?",  # noqa: S608
        *keys,
        now,
        now,
    )
    used = {
        (row["key"], row["model"], row["unit"], row["period"], row["start_at"]): row["used"] for row in rows
    }
    others = {_kind(row): row for row in sorted(rows, key=lambda row: int(row["used"]))}  # the fullest wins
    missing = [slot for slot in slots if _counter(slot) not in used]
    for slot, charged in zip(missing, await _charged(db, missing), strict=True):
        used[_counter(slot)] = charged
    charges = await _under_way(db, user) if any(slot.unit != "messages" for slot in slots) else []
    meters = [
        _meter(*_deciding(slot, used[_counter(slot)], others.get(_counter(slot)[:4])), person.zone, charges)
        for slot in slots
    ]
    return sorted(meters, key=lambda meter: -meter.percent)


def _meter(slot: Slot, used: int, zone: str, under_way: list[Row]) -> Meter:
    """Without the tokens and the money that wait for somebody's own answers: nobody has used those yet."""
    held = [
        amounts(row).of(slot.unit)
        for row in under_way
        if slot.unit != "messages" and slot.start <= row["at"] < slot.end and slot.model in ("", row["model"])
    ]
    return Meter(slot, max(0, used - sum(held)), zone, sum(held))


async def _under_way(db: Database, user: int) -> list[Row]:
    return await db.fetch(
        "SELECT model, at, messages, tokens, nano FROM charge WHERE owner = ? AND state = 'reserved'"  # noqa: S608
        f" AND id > {PAST}",  # of what came before a reset nothing is in the counters
        user,
        f"user {user}",
    )


async def warning_of(db: Database, user: int, now: int) -> Meter | None:
    """The fullest allowance, when four fifths of it or more are used."""
    meters = await meter_of_user(db, user, now)
    return meters[0] if meters and meters[0].percent >= WARN_AT else None


async def person_of(db: Database, user: int, values: Values) -> Person:
    """Somebody as far as allowances care; raises NotFound."""
    row = one(
        await db.fetch(
            "SELECT id, role, group_id, address_range, time_zone, language FROM user_account WHERE id = ?",
            user,
        )
    )
    if row is None:
        raise NotFound(_("There is no such account."))
    zone = row["time_zone"] or values[TIME_ZONE]
    return Person(row["id"], row["role"], row["group_id"], row["address_range"], zone, row["language"])


async def personal_rules(db: Database, user: int) -> list[Rule]:
    """Somebody's own allowances."""
    rows = await db.fetch(
        "SELECT * FROM allowance WHERE scope = 'user' AND subject = ? ORDER BY id", str(user)
    )
    return [Rule(**row) for row in rows]


async def _rules_for(db: Database, person: Person) -> list[Rule]:
    rows = await db.fetch(
        f"SELECT * FROM allowance WHERE {_FOR}",  # noqa: S608
        str(person.id),
        "" if person.group is None else str(person.group),
    )
    return [Rule(**row) for row in rows]


def _counter(slot: Slot) -> tuple[str, str, str, str, int]:
    return slot.key, slot.model, slot.unit, slot.period, slot.start


def _kind(row: Row) -> tuple[str, str, str, str]:
    return row["key"], row["model"], row["unit"], row["period"]


def _deciding(slot: Slot, used: int, fullest: Row | None) -> tuple[Slot, int]:
    """The slot, or the fuller one of another time zone that still runs (see `scripts.reserve`)."""
    if fullest is None or fullest["used"] <= used:
        return slot, used
    return replace(slot, start=fullest["start_at"], end=fullest["end_at"]), int(fullest["used"])


async def _charged(db: Database, slots: list[Slot]) -> list[int]:
    """What counters that no question needed yet would say; one query."""
    if not slots:
        return []
    sums = [sum_of(slot) for slot in slots]
    sql = " UNION ALL ".join(
        f"SELECT {n} AS n, used FROM ({each}) AS s{n}"  # noqa: S608
        for n, (each, _values) in enumerate(sums)
    )
    rows = await db.fetch(sql + " ORDER BY n", *(value for _sql, values in sums for value in values))
    return [int(row["used"]) for row in rows]


@dataclass(frozen=True, slots=True)
class NamedRule:
    """An allowance with the name of the person or group it is for, "" for a shared one."""

    rule: Rule
    name: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody was charged; `owner` 0 is all visitors."""

    owner: int
    username: str
    messages: int
    tokens: int
    nano: int


async def shared_rules(db: Database, limit: int = 500) -> list[NamedRule]:
    """The allowances of all, of groups and of pools."""
    rows = await db.fetch(
        "SELECT a.*, COALESCE(g.name, '') AS name FROM allowance a"
        " LEFT JOIN user_group g ON a.scope = 'group' AND CAST(g.id AS VARCHAR(20)) = a.subject"
        " WHERE a.scope <> 'user' AND (a.scope <> 'group' OR g.id IS NOT NULL)"
        " ORDER BY a.scope DESC, a.subject, a.model, a.unit, a.period LIMIT ?",
        limit,
    )
    return [_named(row) for row in rows]


async def own_rules(db: Database, *, after: int = 0, limit: int = 51) -> list[NamedRule]:
    """What single people were given, in the order of the rows after id `after`."""
    rows = await db.fetch(
        "SELECT a.*, u.username AS name FROM allowance a"
        " JOIN user_account u ON CAST(u.id AS VARCHAR(20)) = a.subject"
        " WHERE a.scope = 'user' AND a.id > ? ORDER BY a.id LIMIT ?",
        after,
        limit,
    )
    return [_named(row) for row in rows]


async def own_rules_count(db: Database) -> int:
    """How many allowances single people were given."""
    rows = await db.fetch("SELECT COUNT(*) AS n FROM allowance WHERE scope = 'user'")
    return int(rows[0]["n"])


async def groups(db: Database, limit: int = 500) -> list[tuple[int, str]]:
    """Id and name of every group of people."""
    rows = await db.fetch("SELECT id, name FROM user_group ORDER BY name_key LIMIT ?", limit)
    return [(row["id"], row["name"]) for row in rows]


async def spent(
    db: Database, since: int, *, after: tuple[int, int] | None = None, limit: int = 51
) -> list[Spent]:
    """Who was charged most tokens since a time; `after` is (tokens, owner) of the last one seen."""
    who = "CASE WHEN c.pool <> '' THEN 0 ELSE c.owner END"
    ended = "(CASE WHEN c.state = 'reserved' THEN 0 ELSE 1 END)"
    tokens, owner = after or (LARGEST_ID, -1)
    rows = await db.fetch(
        f"SELECT s.*, COALESCE(u.username, '') AS username FROM (SELECT {who} AS owner,"  # noqa: S608
        f" CAST(SUM(c.messages) AS BIGINT) AS messages, CAST(SUM({ended} * c.tokens) AS BIGINT) AS tokens,"
        f" CAST(SUM({ended} * c.nano) AS BIGINT) AS nano FROM charge c WHERE c.at >= ? GROUP BY {who}) AS s"
        " LEFT JOIN user_account u ON u.id = s.owner"
        " WHERE s.tokens < ? OR (s.tokens = ? AND s.owner > ?)"
        " ORDER BY s.tokens DESC, s.owner LIMIT ?",
        since,
        tokens,
        tokens,
        owner,
        limit,
    )
    return [Spent(row["owner"], row["username"], row["messages"], row["tokens"], row["nano"]) for row in rows]


def _named(row: Row) -> NamedRule:
    name = row.pop("name")
    return NamedRule(Rule(**row), name)
