"""What one person makes of the models: favourites, recently used, and the default of new chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.catalogue import scripts
from parley.catalogue.queries import is_offered
from parley.catalogue.scripts import mark_used as note_used
from parley.lib.db import Database
from parley.lib.errors import NotFound
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

__all__ = ["default_model", "marks", "note_used", "set_default", "set_favourite"]

Marks = dict[str, tuple[bool, int]]  # public id -> (favourite, ms of the last use or 0)
RECENT = 5  # models a picker shows as recently used


async def marks(db: Database, owner: int) -> Marks:
    """Every mark of a person; models may be gone meanwhile."""
    rows = await db.fetch("SELECT model, favourite, used_at FROM model_mark WHERE owner = ?", owner)
    return {row["model"]: (bool(row["favourite"]), row["used_at"]) for row in rows}


def recent(of: Marks, limit: int = RECENT) -> list[str]:
    """The public ids used last, newest first."""
    used = sorted((-used_at, model) for model, (_favourite, used_at) in of.items() if used_at)
    return [model for _used, model in used[:limit]]


async def default_model(db: Database, owner: int) -> str:
    """The public id a person chose for new chats; "" for none."""
    rows = await db.fetch("SELECT default_model FROM user_account WHERE id = ?", owner)
    return rows[0]["default_model"] if rows else ""


async def set_favourite(resources: Resources, actor: Actor, model: str, favourite: bool) -> None:
    """Mark a model or route that `actor` is offered, or take the mark away; raises NotFound for others.

    Taking away works for a model that is not offered any more, too.
    """
    if favourite:
        await _check(resources, actor, model)
    await resources.db.write_relaxed(scripts.mark_favourite, actor.id, model[:300], favourite)


async def set_default(resources: Resources, actor: Actor, model: str) -> None:
    """Choose a model or route that `actor` is offered for new chats, "" for none; raises NotFound else."""
    if model:
        await _check(resources, actor, model)
    await resources.db.write(scripts.set_default, actor.id, model)


async def _check(resources: Resources, actor: Actor, model: str) -> None:
    if not await is_offered(resources.db, actor, model):
        raise NotFound(
            _("The model “%(model)s” is not available. Choose another one.", model=model[:100]),
            code="model_not_found",
        )
