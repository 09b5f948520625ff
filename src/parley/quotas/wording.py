"""What people read about their allowances."""

from __future__ import annotations

from parley.lib.errors import OverQuota
from parley.quotas.periods import clock_of, date_of
from parley.quotas.rules import ALL_VISITORS, Slot
from parley.web.i18n import _, ngettext

NANO = 1_000_000_000
SOON = 5.0  # seconds


def amount(unit: str, number: int) -> str:
    """A number of messages or tokens, or money."""
    if unit == "messages":
        return ngettext("%(number)s message", "%(number)s messages", number, number=f"{number:,}")
    if unit == "tokens":
        return ngettext("%(number)s token", "%(number)s tokens", number, number=f"{number:,}")
    return money(number)


def money(nano: int) -> str:
    """US dollars (the currency of the models' prices) from billionths of one: $2.50, exact."""
    whole, rest = divmod(nano, NANO)
    return f"${whole:,}.{f'{rest:09d}'.rstrip('0'):0<2}"


def rounded(nano: int) -> str:
    """The same to a hundredth of a cent: what somebody spent is read, not added up."""
    return money(round(nano, -5))


def allowance(unit: str, period: str, most: int, model: str = "") -> str:
    """An allowance: 50 messages a day."""
    how_much = amount(unit, most)
    says = {
        "day": _("%(amount)s a day", amount=how_much),
        "week": _("%(amount)s a week", amount=how_much),
        "month": _("%(amount)s a month", amount=how_much),
    }[period]
    return _("%(allowance)s with “%(model)s”", allowance=says, model=model) if model else says


def anew(slot: Slot, zone: str) -> str:
    """When an allowance begins anew: a time for days, else a date."""
    own = zone if slot.key.startswith("user ") else "UTC"
    return clock_of(slot.end, own) if slot.period == "day" else date_of(slot.end, own)


def used_up(slot: Slot, zone: str) -> str:
    """The sentence at 100 %."""
    values = {"allowance": allowance(slot.unit, slot.period, slot.most, slot.model), "when": anew(slot, zone)}
    if slot.key.startswith("user "):
        return _("You have used all of your %(allowance)s. More from %(when)s on.", **values)
    if slot.key == ALL_VISITORS:
        return _(
            "The visitors of this site have used all of %(allowance)s. More from %(when)s (UTC) on.", **values
        )
    return _(
        "Visitors from your network have used all of %(allowance)s. More from %(when)s (UTC) on.", **values
    )


def set_aside(slot: Slot, used: int) -> str:
    """The sentence where answers that are being written hold what is left after the `used`."""
    return _(
        "What is left of %(allowance)s (%(used)s used) is set aside for answers that are being written."
        " Wait for one of them.",
        allowance=allowance(slot.unit, slot.period, slot.most, slot.model),
        used=rounded(used) if slot.unit == "money" else amount(slot.unit, used),
    )


def refusal(slot: Slot, zone: str, now: int, used: int, held: int = 0) -> OverQuota:
    """The error of a question that is one too many; `held` is set aside for answers under way.

    When something is left once those have ended, it may be asked then.
    """
    soon = used < slot.most
    return OverQuota(
        set_aside(slot, used) if soon else used_up(slot, zone),
        quota=shown(slot, used, held),
        resets_at=slot.end,
        retry_after=SOON if soon else (slot.end - now) / 1000,
        action=("/usage", _("See usage")),
    )


def shown(slot: Slot, used: int, held: int = 0) -> dict[str, object]:
    """An allowance as programs read it; money in billionths, times in ms.

    `held` is set aside for answers under way: neither used nor free. A message is used when it is asked.
    """
    whose = "user" if slot.key.startswith("user ") else "visitors" if slot.key == ALL_VISITORS else "network"
    return {
        "unit": slot.unit,
        "period": slot.period,
        "model": slot.model or None,
        "of": whose,
        "limit": slot.most,
        "used": used,
        "setAside": held,
        "remaining": max(0, slot.most - used - held),
        "startsAt": slot.start,
        "resetsAt": slot.end,
    }
