"""Verbs on routes; and what a chosen model stands for: itself, or the models its route leads to now."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from parley.audit.acting import act_of, noted
from parley.audit.entries import Entry
from parley.catalogue.models import ModelRow
from parley.catalogue.queries import all_models, model_row
from parley.lib.clock import now_ms
from parley.lib.errors import Conflict, Invalid, NotFound
from parley.routes import scripts
from parley.routes.queries import RouteRow, route_named
from parley.routes.rules import judged
from parley.routes.typed import LONGEST_SLUG, clean_name, rules_of, slug_of
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

MOST_NAMESAKES = 100


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
    models = {model.id: model for model in await all_models(resources.db)}
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    verdicts = judged(route.rules, models, now=now, needs=needs)
    # A connection whose list of models failed may still answer: better asked last than nobody.
    fitting = [each for each in verdicts if each.applies] + [
        each for each in verdicts if each.against == "failing"
    ]
    targets = dict.fromkeys(each.rule.target for each in fitting)
    if not targets:
        raise Conflict(
            _("No rule of “%(name)s” fits now. Choose a model, or ask an admin.", name=route.name),
            code="no_route",
        )
    return [models[target] for target in targets]


async def create(resources: Resources, name: str, rules: object, *, enabled: bool = True) -> int:
    """A new route; its id. A name that is taken gets a number behind its slug. Raises Invalid."""
    name = clean_name(name)
    encoded = await _encoded(resources, rules)
    slug = slug_of(name)
    for number in range(1, MOST_NAMESAKES):
        wanted = slug if number == 1 else f"{slug[: LONGEST_SLUG - 4]}-{number}"
        note = act_of("route.added", f"route {wanted}", after={"name": name, "enabled": enabled})
        insert = noted(scripts.insert, partial(_unless_taken, note))
        id = await resources.db.write(insert, wanted, name, enabled, encoded, now_ms())
        if id is not None:
            return id
    raise Invalid(_("There are too many routes of this name."), fields={"name": _("Choose another name.")})


def _unless_taken(note: Entry, id: int | None) -> Entry | None:
    return note if id is not None else None


async def update(
    resources: Resources, route: RouteRow, *, name: str | None, rules: object, enabled: bool | None
) -> None:
    """Change what is given; None leaves it. Raises Invalid, NotFound."""
    new_name = route.name if name is None else clean_name(name)
    encoded = msgspec.json.encode(route.rules).decode() if rules is None else await _encoded(resources, rules)
    on = route.enabled if enabled is None else enabled
    old = msgspec.json.encode(route.rules).decode()
    note = act_of(
        "route.changed",
        f"route {route.slug}",
        before={"name": route.name, "enabled": route.enabled, "rules": old},
        after={"name": new_name, "enabled": on, "rules": encoded},
    )
    update = noted(scripts.update, lambda done: note if done else None)
    if not await resources.db.write(update, route.id, new_name, on, encoded, now_ms()):
        raise NotFound(_("There is no such route."))


async def remove(resources: Resources, route: RouteRow) -> None:
    """Delete a route; chats that used it ask for another model."""
    note = act_of("route.deleted", f"route {route.slug}", before={"name": route.name})
    await resources.db.write(noted(scripts.delete, lambda gone: note if gone else None), route.id)


async def _encoded(resources: Resources, rules: object) -> str:
    known = {model.id for model in await all_models(resources.db)}
    return msgspec.json.encode(rules_of(rules, known)).decode()
