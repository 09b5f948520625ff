"""Allowances: a page for administrators, JSON for programs, and everybody's own meter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.catalogue.queries import all_models
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.quotas import queries, service, wire
from parley.quotas.deciding import By
from parley.quotas.pages import MeterLine, QuotasPage, RuleLine, SpentLine
from parley.quotas.periods import PERIODS, period_of
from parley.quotas.rules import GROUP, SCOPES, UNITS, USER, Rule
from parley.resources import Resources
from parley.settings.general import TIME_ZONE
from parley.settings.queries import load
from parley.web.envelope import ok
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/quotas"
ROWS = 50


class AllowanceForm(msgspec.Struct):
    """What an administrator gives to whom; an empty limit is without limit."""

    scope: str
    unit: str
    period: str
    limit: str = ""
    person: str = ""  # the name, where the scope is one person
    model: str = ""


class ResetForm(msgspec.Struct):
    """Whose counters; "" is everybody's."""

    user: str = ""


class QuotaController(Controller):
    """`/admin/quotas`: who may use how much, and who did."""

    path = PAGE

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Every allowance, one person's meters (`person`), and who used what in a `period`.

        `own` and `spent` are places in the two lists.
        """
        return render(request, await _page(resources, request.query_params))

    @post()
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Give an allowance; one of the same kind is replaced."""
        form = await read_form(request, AllowanceForm)
        try:
            if form.value is None:
                raise Invalid(_("This allowance cannot be kept."), fields=form.errors)
            await service.put(resources, _by(request, admin), await _rule(resources, form.value))
        except Invalid as error:
            page = await _page(resources, {}, typed=form.typed, errors=error.fields)
            return render(request, page, status=400)
        return _back(resources, "changed")

    @post("/{id:int}/deletion")
    async def delete(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Take an allowance away."""
        await service.drop(resources, _by(request, admin), id)
        return _back(resources, "deleted")

    @post("/resets")
    async def reset(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Let one person, or everybody, begin anew now."""
        typed = (await read_form(request, ResetForm)).typed.get("user", "")
        # What is no id is nobody (0), never everybody.
        await service.reset(resources, _by(request, admin), _number(typed) if typed else None)
        return _back(resources, "reset")

    @post("/everyone")
    async def apply_to_everyone(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Forget what single people were given."""
        await service.apply_to_everyone(resources, _by(request, admin))
        return _back(resources, "applied")


class UserQuotaController(Controller):
    """`/api/users/{id}/quota`, for administrators."""

    path = "/api/users/{id:int}/quota"

    @get()
    async def show(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """What counts for somebody now, and what they were given themselves."""
        return ok(await _quota_of(resources, id))

    @put()
    async def change(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: JSONBody[wire.OwnQuota],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Give somebody an allowance of their own; `limit` null lets the default count again."""
        kind = (data.model, data.unit, data.period)
        await service.put_own(resources, _by(request, admin), id, kind, data.limit)
        return ok(await _quota_of(resources, id))


@get("/api/quota", opt=FOR_VISITORS)
async def mine(actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> dict[str, Any]:
    """How much of each of one's allowances is used, the fullest first; none is without limit."""
    return ok({"quotas": wire.meters(await queries.meter_of(resources.db, actor, now_ms()))})


ROUTES: tuple[ControllerRouterHandler, ...] = (QuotaController, UserQuotaController, mine)


async def _quota_of(resources: Resources, user: int) -> dict[str, Any]:
    found = await queries.meter_of_user(resources.db, user, now_ms())
    return {
        "quotas": wire.meters(found),
        "own": wire.own(await queries.personal_rules(resources.db, user)),
    }


def _by(request: AnyRequest, admin: Actor) -> By:
    return By(admin.id, admin.username, perimeter_of(request).address(request.scope))


def _back(resources: Resources, done: str) -> Redirect:
    return Redirect(f"{resources.config.root_path}{PAGE}?done={done}", status_code=303)


async def _rule(resources: Resources, form: AllowanceForm) -> Rule:
    """What was typed as an allowance; raises Invalid with fields."""
    scope, subject = form.scope, ""
    if scope == USER:
        subject = str(await service.person_named(resources, form.person))
    elif scope.startswith(f"{GROUP} "):
        scope, _space, subject = scope.partition(" ")
    most = service.number_of(form.limit, form.unit)
    return Rule(0, scope, subject, form.model, form.unit, form.period, most)


async def _page(
    resources: Resources,
    view: Mapping[str, str],
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> QuotasPage:
    db, values = resources.db, await load(resources.db)
    period = view.get("period", "")
    period = period if period in dict(PERIODS) else "month"
    since = period_of(period, now_ms(), values[TIME_ZONE]).start
    own = await queries.own_rules(db, after=_number(view.get("own", "")), limit=ROWS + 1)
    spent = await queries.spent(db, since, after=_place(view.get("spent", "")), limit=ROWS + 1)
    count = await queries.own_rules_count(db)
    person, person_id, meters, fault = await _meters(resources, view.get("person", ""))
    groups = [(f"{GROUP} {id}", _("Group: %(name)s", name=name)) for id, name in await queries.groups(db)]
    scopes = [(scope, _(label)) for scope, label in SCOPES if scope != GROUP]
    return QuotasPage(
        shared=[RuleLine.of(each) for each in await queries.shared_rules(db)],
        own=[RuleLine.of(each) for each in own[:ROWS]],
        own_count=count,
        own_more=str(own[ROWS - 1].rule.id) if len(own) > ROWS else "",
        spent=[SpentLine.of(each) for each in spent[:ROWS]],
        spent_more=f"{spent[ROWS - 1].tokens}-{spent[ROWS - 1].owner}" if len(spent) > ROWS else "",
        period=period,
        periods=[(word, _(label)) for word, label in PERIODS],
        scopes=[*scopes[:-1], *groups, scopes[-1]],
        models=[("", _("All models together")), *((each.id, each.name) for each in await all_models(db))],
        units=[(word, _(label)) for word, label in UNITS],
        person=person,
        person_id=person_id,
        meters=[MeterLine.of(meter, own=False) for meter in meters],
        done=_done(view.get("done", "")),
        typed=typed or {},
        errors={**(errors or {}), **fault},
    )


async def _meters(resources: Resources, name: str) -> tuple[str, int, list[queries.Meter], dict[str, str]]:
    """The meters of the person with this name, or what is wrong with it."""
    if not name.strip():
        return "", 0, [], {}
    try:
        user = await service.person_named(resources, name)
    except Invalid as error:
        return name[:40], 0, [], {"of": error.fields["person"]}
    return name[:40], user, await queries.meter_of_user(resources.db, user, now_ms()), {}


def _done(word: str) -> str:
    return {
        "changed": _("Saved. It counts from the next question on."),
        "deleted": _("The allowance was taken away."),
        "reset": _("Reset: what was used so far does not count any more."),
        "applied": _("Groups and defaults count for everyone now."),
    }.get(word, "")


def _number(text: str) -> int:
    """An id in an address; whatever is none is 0."""
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else 0


def _place(text: str) -> tuple[int, int] | None:
    """A place in the list of who used what; whatever is none begins at the top."""
    found = re.fullmatch(r"(\d{1,18})-(\d{1,18})", text, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
