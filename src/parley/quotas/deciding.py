"""The transactions of administrators: allowances, and counters set to zero. Each act is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one
from parley.quotas.rules import Rule


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and from where."""

    id: int
    name: str
    address: str = ""

    def entry(self, act: str, subject: str) -> Entry:
        """The beginning of what the audit log says about an act of theirs."""
        return Entry(act=act, subject=subject, actor=self.id, actor_name=self.name, address=self.address)


def put(rule: Rule, by: By, now: int) -> Script[int]:
    """Keep an allowance in place of one of the same scope, subject, model, unit and period; its id."""
    kind = (rule.scope, rule.subject, rule.model, rule.unit, rule.period)
    before = one(
        (
            yield (
                "SELECT * FROM allowance WHERE scope = ? AND subject = ? AND model = ? AND unit = ?"
                " AND period = ?",
                kind,
            )
        )
    )
    rows = yield (
        "INSERT INTO allowance (scope, subject, model, unit, period, most) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (scope, subject, model, unit, period) DO UPDATE SET most = excluded.most RETURNING *",
        (*kind, rule.most),
    )
    entry = by.entry("quota.changed", _subject(rows[0]))
    yield from record(replace(entry, before=_said(before), after=_said(rows[0])), now)
    return int(rows[0]["id"])


def drop(id: int, by: By, now: int) -> Script[bool]:
    """Forget an allowance; False when there is none such."""
    row = one((yield "DELETE FROM allowance WHERE id = ? RETURNING *", (id,)))
    if row is None:
        return False
    yield from record(replace(by.entry("quota.deleted", _subject(row)), before=_said(row)), now)
    return True


def drop_own(user: int, kind: tuple[str, str, str], by: By, now: int) -> Script[bool]:
    """Let the default count again for somebody; `kind` is model, unit and period."""
    rows = yield (
        "SELECT id FROM allowance WHERE scope = 'user' AND subject = ? AND model = ? AND unit = ?"
        " AND period = ?",
        (str(user), *kind),
    )
    return (yield from drop(rows[0]["id"], by, now)) if rows else False


def apply_to_everyone(by: By, now: int) -> Script[int]:
    """Forget what single people were given: groups and defaults count for all; how many there were."""
    rows = yield "DELETE FROM allowance WHERE scope = 'user' RETURNING id", ()
    yield from record(replace(by.entry("quota.applied", "everyone"), before={"own": len(rows)}), now)
    return len(rows)


def reset(user: int | None, by: By, now: int, lock: str) -> Script[int]:
    """Let somebody, or everybody, begin anew; how many counters were running. The ledger stays as it is.

    `lock` is what makes a SELECT hold its rows (see `catalogue.scripts.row_lock`): an UPDATE of many takes
    them as they lie, and would wait in a ring with those who ask and end (see `counting`).
    """
    one_of, key = ("", "") if user is None else (" AND key = ?", f"user {user}")
    values = (key,) if key else ()
    # Whoever asks at this moment has put down their charge, and the counters it needed, by then.
    whose, owner = ("", ()) if user is None else (" WHERE owner = ?", (user,))
    yield f"SELECT owner FROM quota_turn{whose} ORDER BY owner{lock}", owner  # noqa: S608
    yield f"SELECT id FROM quota_use WHERE end_at > ?{one_of} ORDER BY id{lock}", (now, *values)  # noqa: S608
    rows = yield (
        f"UPDATE quota_use SET used = 0 WHERE end_at > ?{one_of} RETURNING id",  # noqa: S608
        (now, *values),
    )
    last = (yield "SELECT COALESCE(MAX(id), 0) AS id FROM charge", ())[0]["id"]
    yield (
        f"UPDATE quota_use SET past = ? WHERE end_at > ? AND used = 0{one_of}",  # noqa: S608
        (last, now, *values),
    )
    yield (
        "INSERT INTO quota_reset (key, past) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET past = excluded.past",
        (key, last),
    )
    subject = "everyone" if user is None else f"user {user}"
    yield from record(replace(by.entry("quota.reset", subject), after={"counters": len(rows)}), now)
    return len(rows)


def _subject(row: Row) -> str:
    return f"{row['scope']} {row['subject']}".strip()


def _said(row: Row | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {name: row[name] for name in ("model", "unit", "period", "most")}
