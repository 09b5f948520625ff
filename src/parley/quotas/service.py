"""The verbs of administrators about allowances."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from parley.accounts import queries as accounts
from parley.accounts.names import username_key
from parley.catalogue.scripts import row_lock
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.quotas import deciding
from parley.quotas.deciding import By
from parley.quotas.periods import PERIODS
from parley.quotas.rules import GROUP, SCOPES, UNITS, USER, Rule
from parley.quotas.wording import NANO
from parley.settings.catalogue import number_from
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LARGEST = 10**15  # of any unit
LONGEST_MODEL = 300
_GROUPED = re.compile(r"[1-9]\d{0,2}([ ,]\d{3})+(\.\d+)?")


async def put(resources: Resources, by: By, rule: Rule) -> int:
    """Keep an allowance; one of the same kind is replaced.

    Raises Invalid with fields, and NotFound for a person or a group that does not exist.
    """
    errors = {
        name: _("This cannot be used here.")
        for name, value, known in (
            ("scope", rule.scope, SCOPES), ("unit", rule.unit, UNITS), ("period", rule.period, PERIODS),
        )
        if value not in dict(known)
    }  # fmt: skip
    if rule.most is not None and not 0 <= rule.most <= LARGEST:
        errors["limit"] = _("This cannot be used here.")
    if len(rule.model) > LONGEST_MODEL or "\0" in rule.model:
        errors["model"] = _("This cannot be used here.")
    if errors:
        raise Invalid(_("This allowance cannot be kept."), fields=errors)
    table = {USER: "user_account", GROUP: "user_group"}.get(rule.scope)
    if table is not None:
        found = await resources.db.fetch(f"SELECT id FROM {table} WHERE id = ?", _id(rule.subject))  # noqa: S608
        if not found:
            raise NotFound(
                _("There is no such account.") if rule.scope == USER else _("There is no such group.")
            )
    return await resources.db.write(deciding.put, rule, by, now_ms())


async def put_own(
    resources: Resources, by: By, user: int, kind: tuple[str, str, str], most: int | None
) -> None:
    """Somebody's own allowance; `kind` is model, unit, period, and None lets the default count again."""
    model, unit, period = kind
    if await accounts.user_by_id(resources.db, user) is None:
        raise NotFound(_("There is no such account."))
    if most is None:
        await resources.db.write(deciding.drop_own, user, kind, by, now_ms())
    else:
        await put(resources, by, Rule(0, USER, str(user), model, unit, period, most))


async def drop(resources: Resources, by: By, id: int) -> None:
    """Forget an allowance; raises NotFound."""
    if not await resources.db.write(deciding.drop, id, by, now_ms()):
        raise NotFound(_("This allowance was deleted meanwhile."))


async def reset(resources: Resources, by: By, user: int | None) -> int:
    """Set somebody's counters (None: everybody's) to zero; how many. Raises NotFound."""
    if user is not None and await accounts.user_by_id(resources.db, user) is None:
        raise NotFound(_("There is no such account."))
    return await resources.db.write(deciding.reset, user, by, now_ms(), row_lock(resources.db))


async def apply_to_everyone(resources: Resources, by: By) -> int:
    """Forget what single people were given; how many allowances."""
    return await resources.db.write(deciding.apply_to_everyone, by, now_ms())


async def person_named(resources: Resources, name: str) -> int:
    """The id of the account with this name; raises Invalid with a field."""
    row = await accounts.user_by_key(resources.db, username_key(name.replace("\0", "").strip()[:40]))
    if row is None or row["role"] == "visitor":
        fault = _("There is no account of this name.")
        raise Invalid(fault, fields={"person": fault})
    return int(row["id"])


def number_of(text: str, unit: str) -> int | None:
    """What was typed as a limit: "" is None, money is typed in dollars. Raises Invalid with a field."""
    text = text.strip()
    if _GROUPED.fullmatch(text):  # 2,500 is clear; 2,50 is not what would be left without its comma
        text = text.replace(",", "").replace(" ", "")
    if not text:
        return None
    fault = (
        _("Type an amount from 0 to %(high)s, for example 2.50.", high=f"{LARGEST // NANO:,}")
        if unit == "money"
        else number_from(0, LARGEST)
    )
    try:
        number = Decimal(text) * (NANO if unit == "money" else 1)
    except ArithmeticError:  # of a text that is no number, and of 1e999999
        raise Invalid(fault, fields={"limit": fault}) from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= LARGEST:
        raise Invalid(fault, fields={"limit": fault})
    return int(number)


def _id(text: str) -> int:
    """An id as a form says it; 0, which nothing has, for what is none."""
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else 0
