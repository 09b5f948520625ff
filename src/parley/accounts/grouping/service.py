"""The verbs of administrators about groups."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from parley.accounts.grouping import scripts
from parley.accounts.people.deciding import Officer
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid, NotFound
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LONGEST_NAME = 60


async def create(resources: Resources, officer: Officer, name: str) -> None:
    """Make a group. Raises Invalid with the field "name"."""
    shown = _checked(name)
    _settle(await resources.db.write(scripts.create, shown, shown.lower(), officer, now_ms()))


async def rename(resources: Resources, officer: Officer, group: int, name: str) -> None:
    """Give a group another name. Raises Invalid with the field "name", or NotFound."""
    shown = _checked(name)
    _settle(await resources.db.write(scripts.rename, group, shown, shown.lower(), officer, now_ms()))


async def delete(resources: Resources, officer: Officer, group: int) -> None:
    """Dissolve a group; its people stay. Raises NotFound."""
    if not await resources.db.write(scripts.delete, group, officer, now_ms()):
        raise _unknown()


def _checked(name: str) -> str:
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    if not shown:
        raise _refused(_("Fill this in."))
    if max(len(shown), len(shown.lower())) > LONGEST_NAME:
        raise _refused(_("Use at most %(n)s characters.", n=LONGEST_NAME))
    return shown


def _settle(outcome: str) -> None:
    if outcome == "taken":
        raise _refused(_("Another group has this name."))
    if outcome == "full":
        raise _refused(_("There can be at most %(n)s groups.", n=scripts.MOST))
    if outcome == "unknown":
        raise _unknown()


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"name": sentence})


def _unknown() -> AppError:
    return NotFound(_("There is no such group."))
