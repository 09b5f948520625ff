"""What the JSON API and the form of one chat change about its place, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat.organising import service
from parley.chat.organising.scripts import Arrangement, State

if TYPE_CHECKING:
    from parley.resources import Resources


@dataclass(frozen=True, slots=True)
class Order:
    """Where a chat should be; None leaves it. `folder` 0 takes it out of its folder."""

    pinned: bool | None = None
    archived: bool | None = None
    folder: int | None = None
    tags: list[str] | None = None


async def apply(resources: Resources, actor: Actor, conversation: int, order: Order) -> list[State]:
    """Where it was before. Raises Invalid, NotFound; tags that do not fit are found before it moves."""
    if order.tags is not None:
        service.clean_tags(order.tags)
    wanted = Arrangement(order.pinned, order.archived, order.folder)
    moved = [] if wanted == Arrangement() else await service.arrange(resources, actor, [conversation], wanted)
    if order.tags is not None:
        await service.set_tags(resources, actor, conversation, order.tags)
    return moved
