"""The administrators' list of people, a page for each, and what they decide."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, caller_of, see_other
from parley.accounts.grouping.queries import group_choices
from parley.accounts.people import asking, queries, service, wording
from parley.accounts.people.deciding import DECISIONS, Officer
from parley.accounts.people.pages import NewUserPage, UserFragment, UserPage, UserRow, UsersPage
from parley.accounts.queries import live_sessions
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID, Row
from parley.lib.errors import Invalid, NotFound
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.render import render

PATH = "/admin/users"
PAGE = 50
WAITING = 20  # how many who wait stand above the list


class ActForm(msgspec.Struct):
    """What comes with a decision: why, on which page ("person" or the list), and that it was asked about."""

    reason: str = ""
    page: str = ""
    group: str = ""
    sure: str = ""


class NewUserForm(msgspec.Struct):
    """Somebody's account, made by an administrator."""

    username: str
    password: str = ""
    role: str = "user"
    status: str = "active"


def officer_of(request: AnyRequest, admin: Actor) -> Officer:
    """Who decides, for the audit log."""
    return Officer(admin.id, admin.username, caller_of(request).address)


class UserController(Controller):
    """`/admin/users`: who may use this workspace."""

    path = PATH

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        done: FromQuery[str] = "",
    ) -> Response[Any]:
        """Those who wait first, then everybody else; or whom one looks for."""
        return await _list(request, resources, admin, said=wording.bulk_done(done))

    @get("/new")
    async def new(self, request: AnyRequest, admin: NamedDependency[Actor]) -> Response[Any]:
        """The form for a new account."""
        return render(request, _new_page({"role": "user", "status": "active"}))

    @post("/new")
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Make it; without a password its page shows a link to set one."""
        form = await read_form(request, NewUserForm)
        if form.value is None:
            return render(request, _new_page(form.typed, form.errors), status=400)
        new = service.NewPerson(**msgspec.structs.asdict(form.value))
        try:
            user, token = await service.create(resources, officer_of(request, admin), new)
        except Invalid as error:
            return render(request, _new_page(form.typed, error.fields), status=error.status)
        if not token:
            return see_other(request, f"{PATH}/{user}?done=created")
        return await _person(request, resources, admin, user, said=wording.done("created"), token=token)

    @post("/bulk")
    async def decide_about_all(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """One decision about everybody who is ticked; those of great consequence are asked about first."""
        form = await request.form()
        users = _numbers(form.getall("ids", []))
        verb, reason = str(form.get("verb", "")), str(form.get("reason", "")).replace("\0", "")
        if not users:
            return await _list(request, resources, admin, refused=_("Tick at least one person."))
        if verb == "deletion":
            return see_other(request, f"{PATH}/deletion?ids=" + ",".join(map(str, users)))
        if verb not in DECISIONS:
            raise NotFound(_("There is nothing here."))
        if verb in asking.OF_SEVERAL and not form.get("sure") and len(users) <= service.MOST_AT_ONCE:
            named = await queries.named(resources.db, users)
            able = [row for row in named if row["id"] != admin.id and row["status"] in DECISIONS[verb].before]
            if able:
                return render(request, asking.about_several(verb, able, reason))
        try:
            done, left = await service.decide_about_all(
                resources, officer_of(request, admin), users, DECISIONS[verb], reason=reason
            )
        except Invalid as error:
            return await _list(request, resources, admin, refused=error.message)
        return see_other(request, f"{PATH}?done={verb}-{done}-{left}")

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        done: FromQuery[str] = "",
    ) -> Response[Any]:
        """One account and all that can be decided about it."""
        return await _person(request, resources, admin, id, said=wording.done(done))

    @get([f"/{{id:int}}/{verb}" for verb in asking.OF_ONE])
    async def ask(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """The question before somebody's role changes; back to their page where there is none."""
        verb = request.scope["path"].rpartition("/")[2]
        row = await _known(resources, id)
        if id == admin.id or row["role"] not in DECISIONS[verb].before:
            return see_other(request, f"{PATH}/{id}")
        return render(request, asking.about_one(verb, id, row["username"]))

    @post([f"/{{id:int}}/{verb}" for verb in (*DECISIONS, "sign-out", "group", "reset")])
    async def act(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """What the last part of the address says: a decision, sign-out, group, or a link for a password."""
        verb = request.scope["path"].rpartition("/")[2]
        typed = (await read_form(request, ActForm)).typed
        on_page = typed.get("page") == "person"
        if verb in asking.OF_ONE and not typed.get("sure"):
            return see_other(request, f"{PATH}/{id}/{verb}")
        if verb == "reset":
            token = await service.offer_reset(resources, officer_of(request, admin), id)
            return await _person(request, resources, admin, id, token=token)
        try:
            row = await _act(resources, officer_of(request, admin), id, verb, typed)
        except Invalid as error:
            if not on_page:
                raise
            return await _person(request, resources, admin, id, error=error.message)
        if "hx-request" in request.headers and not on_page:
            return render(request, UserFragment(user=UserRow.of(row, admin.id)))
        return see_other(request, f"{PATH}/{id}?done={verb}" if on_page else PATH)


async def _act(resources: Resources, officer: Officer, user: int, verb: str, typed: dict[str, str]) -> Row:
    if verb == "sign-out":
        return await service.sign_out(resources, officer, user)
    if verb == "group":
        group = typed.get("group", "")
        chosen = int(group) if re.fullmatch(r"[0-9]{1,18}", group) else None
        return await service.move(resources, officer, user, chosen)
    return await service.decide(resources, officer, user, DECISIONS[verb], reason=typed.get("reason", ""))


async def _list(
    request: AnyRequest, resources: Resources, admin: Actor, *, said: str = "", refused: str = ""
) -> Response[Any]:
    asked = {
        name: str(request.query_params.get(name, "")) for name in ("q", "status", "role", "group", "before")
    }
    search = search_of(asked)
    before = int(asked["before"]) if re.fullmatch(r"[0-9]{1,18}", asked["before"]) else LARGEST_ID
    first = search.is_all and before == LARGEST_ID
    waiting = await queries.waiting(resources.db, limit=WAITING + 1) if first else []
    rows = await queries.people(resources.db, search, before=before, limit=PAGE + 1)
    kept = {name: value for name, value in asked.items() if value and name != "before"}
    more = urlencode({**kept, "before": rows[PAGE - 1]["id"]}) if len(rows) > PAGE else ""
    page = UsersPage(
        waiting=[UserRow.of(row, admin.id) for row in waiting[:WAITING]],
        others=[UserRow.of(row, admin.id) for row in rows[:PAGE]],
        search=search,
        statuses=wording.statuses(),
        roles=wording.roles(),
        groups=await group_choices(resources.db),
        more_waiting=len(waiting) > WAITING,
        next_href=f"{PATH}?{more}" if more else "",
        said=said,
        refused=refused,
    )
    return render(request, page, status=400 if refused else 200)


def search_of(asked: dict[str, str]) -> queries.Search:
    """What was looked for; a value that nobody offers looks for everything."""
    group = asked.get("group", "")
    text = asked.get("q", "").replace("\0", "").strip()[:60]
    search = queries.Search(
        text=text,
        status=asked.get("status", "") if asked.get("status") in queries.STATUSES else "",
        role=asked.get("role", "") if asked.get("role") in queries.ROLES else "",
        group=int(group) if re.fullmatch(r"[0-9]{1,18}", group) else 0,
    )
    # Those who wait stand above the whole list already.
    return replace(search, settled=search.is_all)


async def _person(
    request: AnyRequest,
    resources: Resources,
    admin: Actor,
    user: int,
    *,
    said: str = "",
    token: str = "",
    error: str = "",
) -> Response[Any]:
    row = await _known(resources, user)
    page = UserPage(
        user=UserRow.of(row, admin.id),
        group_id=str(row["group_id"] or ""),
        groups=await group_choices(resources.db),
        devices=len(await live_sessions(resources.db, user, now_ms())),
        said=said,
        link=f"{perimeter_of(request).origin(request.scope)}/reset/{token}" if token else "",
        error=error,
    )
    return render(request, page, status=400 if error else 200)


def _numbers(typed: list[Any]) -> list[int]:
    return [int(each) for each in typed if re.fullmatch(r"\d{1,18}", str(each), re.ASCII)]


async def _known(resources: Resources, user: int) -> Row:
    row = await queries.person(resources.db, user)
    if row is None:
        raise NotFound(_("There is no such account."))
    return row


def _new_page(typed: dict[str, str], errors: dict[str, str] | None = None) -> NewUserPage:
    first = [each for each in wording.statuses() if each[0] in ("active", "pending")]
    return NewUserPage(roles=wording.roles(), statuses=first[::-1], typed=typed, errors=errors or {})
