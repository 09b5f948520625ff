"""Verbs on routes, and what a chosen model stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.catalogue.models import ModelRow
from parley.catalogue.queries import model_row
from parley.lib.errors import NotFound
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources


async def resolve(
    resources: Resources, public_id: str, *, needs: frozenset[str] = frozenset()
) -> list[ModelRow]:
    """The models that may answer for `public_id`, best first: itself, or the targets of a route.

    `needs` are capabilities the question asks for. Raises NotFound when nothing stands behind the id.
    """
    found = await model_row(resources.db, public_id)
    if found is None:
        raise NotFound(_("This model is not there any more. Choose another one."), code="model_not_found")
    return [found]
