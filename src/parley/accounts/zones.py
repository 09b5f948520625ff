"""The time zones people can choose, by their names in the IANA database. Pure."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# The areas of the database; the rest are old names ("GB", "PRC") and the zones of no place.
_AREAS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/",
          "Indian/", "Pacific/")  # fmt: skip


@cache
def zones() -> tuple[str, ...]:
    """What is offered, sorted: places, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(_AREAS)))


def is_zone(name: str) -> bool:
    """Whether days can be counted in it. Old names are taken too: browsers say them still."""
    return name in available_timezones()
