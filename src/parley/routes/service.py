"""What a chosen model stands for: itself, or the models its route leads to now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parley.catalogue.models import ModelRow
from parley.catalogue.queries import model_row
from parley.lib.clock import now_ms
from parley.lib.errors import Conflict, NotFound
from parley.routes.queries import RouteRow, route_named
from parley.routes.rules import judged
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources


async def resolve(
    resources: Resources, public_id: str, *, needs: frozenset[str] = frozenset()
) -> list[ModelRow]:
    """The models that may answer for `public_id`, best first: itself, or the targets its route has now.

    `needs` are capabilities the question asks for; only a route looks at them. Raises NotFound when nothing
    stands behind the id, Conflict when no rule of a route applies.
    """
    route = await route_named(resources.db, public_id)
    if route is not None:
        return await _targets(resources, route, needs)
    found = await model_row(resources.db, public_id)
    if found is None:
        raise NotFound(_("This model is not there any more. Choose another one."), code="model_not_found")
    return [found]


async def _targets(resources: Resources, route: RouteRow, needs: frozenset[str]) -> list[ModelRow]:
    if not route.enabled:
        raise Conflict(
            _("The route “%(name)s” is turned off. Choose another model.", name=route.name), code="route_off"
        )
    found = {target: await model_row(resources.db, target) for target in {r.target for r in route.rules}}
    models = {target: model for target, model in found.items() if model is not None}
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    verdicts = judged(route.rules, models, now=now, needs=needs)
    targets = dict.fromkeys(verdict.rule.target for verdict in verdicts if verdict.applies)
    if not targets:
        raise Conflict(
            _("No rule of “%(name)s” fits now. Choose a model, or ask an admin.", name=route.name),
            code="no_route",
        )
    return [models[target] for target in targets]
