"""Deleting accounts: the administrators' page asks for the name, one's own for the password."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, caller_of, forgotten_login, refusal_headers, see_other
from parley.accounts.names import username_key
from parley.accounts.people.controllers.users import officer_of
from parley.accounts.people.queries import named
from parley.accounts.people.service import MOST_AT_ONCE
from parley.admin.leaving import queries, service
from parley.admin.leaving.pages import OWN, DeletionPage, counted, own_page
from parley.lib.db import Row
from parley.lib.errors import AppError, Invalid, NotFound
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.render import render


class DeletionForm(msgspec.Struct):
    """Whose accounts, what becomes of their things ("delete" or "hand_over"), and the word typed."""

    ids: str = ""
    data: str = "delete"
    word: str = ""


class PasswordForm(msgspec.Struct):
    """The password, asked again, or the name of an account without one."""

    password: str = ""
    word: str = ""


class DeletionController(Controller):
    """`/admin/users/deletion`: of one account or several."""

    path = "/admin/users/deletion"

    @get()
    async def ask(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        ids: FromQuery[str] = "",
    ) -> Response[Any]:
        """Who would go, and the question what becomes of their chats."""
        rows = await _chosen(resources, admin, ids)
        return render(request, await _page(resources, rows))

    @post()
    async def delete(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Delete them when the right word was typed."""
        typed = (await read_form(request, DeletionForm)).typed
        rows = await _chosen(resources, admin, typed.get("ids", ""))
        hand_over = typed.get("data") == "hand_over"
        word = typed.get("word", "").strip()
        if username_key(word) != username_key(_word(rows)):
            page = await _page(
                resources, rows, typed=word, hand_over=hand_over, error=_("This is not what to type.")
            )
            return render(request, page, status=400)
        users = [row["id"] for row in rows]
        officer = officer_of(request, admin)
        gone, left = await service.delete_all(resources, officer, users, hand_over=hand_over)
        return see_other(request, f"/admin/users?done=deletion-{gone}-{left}")


class OwnDeletionController(Controller):
    """`/account/deletion`."""

    path = OWN

    @get()
    async def ask(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """What would go."""
        return render(request, await own_page(resources, actor))

    @post()
    async def delete(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Delete it; this browser is signed out."""
        typed = (await read_form(request, PasswordForm)).typed
        named = username_key(typed.get("word", "").strip()) == username_key(actor.username)
        password, caller = typed.get("password", ""), caller_of(request)
        try:
            await service.delete_own(resources, caller, actor, password, named=named)
        except Invalid as error:
            page = await own_page(resources, actor, errors=error.fields)
            return render(request, page, status=error.status)
        except AppError as error:
            page = await own_page(resources, actor, error=_(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))
        return see_other(request, "/login", forgotten_login(request))


async def _chosen(resources: Resources, admin: Actor, ids: str) -> list[Row]:
    """The people an address names. Raises NotFound when nobody is left whom this administrator may delete."""
    users = [int(each) for each in ids.split(",")[:MOST_AT_ONCE] if re.fullmatch(r"[0-9]{1,18}", each)]
    rows = [row for row in await named(resources.db, users) if row["id"] != admin.id]
    if not rows:
        raise NotFound(_("There is no such account."))
    return rows


def _word(rows: list[Row]) -> str:
    return rows[0]["username"] if len(rows) == 1 else str(len(rows))


async def _page(
    resources: Resources, rows: list[Row], *, typed: str = "", hand_over: bool = False, error: str = ""
) -> DeletionPage:
    users = [row["id"] for row in rows]
    chats, files = counted(*await queries.holdings(resources.db, users))
    return DeletionPage(
        ids=",".join(map(str, users)),
        names=[row["username"] for row in rows],
        chats=chats,
        files=files,
        word=_word(rows),
        typed=typed,
        hand_over=hand_over,
        error=error,
    )
