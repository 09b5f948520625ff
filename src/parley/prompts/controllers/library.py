"""`/prompts`: plain forms that redirect, and the list above the composer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.lib.clock import local_now
from parley.lib.errors import Invalid
from parley.prompts import pages, queries, service
from parley.prompts.access import PromptRow, may_change, prompt_for_reader, prompt_for_writer
from parley.prompts.scripts import Wording
from parley.prompts.variables import with_given
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/prompts"


class PromptForm(msgspec.Struct):
    """What the form sends; a box that is not ticked sends nothing."""

    command: str = ""
    title: str = ""
    body: str = ""
    shared: str = ""


class PromptController(Controller):
    """The library and one prompt."""

    path = PAGE

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
        after: FromQuery[str] = "",
        deleted: FromQuery[int] = 0,
    ) -> Response[str]:
        """One's own prompts and the shared ones."""
        command, _sep, id = after.rpartition("~")
        place = (command, int(id)) if id.isdecimal() and len(id) < 19 else ("", 0)
        search = q.replace("\0", "")[:200]
        rows = await queries.library(
            resources.db, actor.id, search=search, after=place, limit=queries.PAGE + 1
        )
        shown = rows[: queries.PAGE]
        page = pages.LibraryPage(
            prompts=[pages.line(row, actor) for row in shown],
            search=search,
            next_href=_next(search, shown[-1]) if len(rows) > len(shown) else "",
            deleted=deleted,
        )
        return render(request, page)

    @get("/new")
    async def new(self, request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
        """An empty form."""
        return render(request, pages.PromptPage(id=None, command="", title="", body="", shared=False))

    @post()
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """A new prompt."""
        form = await read_form(request, PromptForm)
        typed = form.value or PromptForm()
        try:
            await service.create(resources, actor, _wording(typed))
        except Invalid as error:
            return render(request, _refused(None, typed, error), status=400)
        return _back(resources)

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """One prompt: to change by who may, to read by the others; and what it said before."""
        prompt = await prompt_for_reader(resources.db, id, actor)
        changes = may_change(prompt, actor)
        page = pages.PromptPage(
            id=prompt.id,
            command=prompt.command,
            title=prompt.title,
            body=prompt.body,
            shared=prompt.shared,
            author="" if prompt.owner == actor.id else prompt.author,
            may_change=changes,
            versions=await _versions(resources, prompt) if changes else [],
        )
        return render(request, page)

    @post("/{id:int}")
    async def update(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Say it differently; the words before it stay as a version."""
        prompt = await prompt_for_writer(resources.db, id, actor)
        form = await read_form(request, PromptForm)
        typed = form.value or PromptForm()
        try:
            await service.change(resources, actor, prompt, _wording(typed))
        except Invalid as error:
            return render(request, _refused(prompt.id, typed, error), status=400)
        return _back(resources)

    @post("/{id:int}/versions/{number:int}/restoration")
    async def go_back(
        self,
        id: FromPath[int],
        number: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Redirect:
        """Use an earlier wording again."""
        prompt = await prompt_for_writer(resources.db, id, actor)
        await service.go_back(resources, actor, prompt, number)
        return _back(resources, f"/{id}")

    @post("/{id:int}/deletion")
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """Delete it; the page it leads to can undo that."""
        prompt = await prompt_for_writer(resources.db, id, actor)
        await service.delete(resources, prompt)
        return _back(resources, f"?deleted={id}" if prompt.owner == actor.id else "")

    @post("/{id:int}/restoration")
    async def restore(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """Undo a deletion."""
        await service.restore(resources, actor, id)
        return _back(resources)


class OfferedController(Controller):
    """`/f/prompts`: what the composer offers after a slash."""

    path = "/f/prompts"

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        q: FromQuery[str] = "",
    ) -> Response[str]:
        """Prompts whose command or title fits; date, time and name are filled in already."""
        rows = await queries.offered(resources.db, actor.id, q.replace("\0", "")[:60])
        now = local_now()
        given = {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", "user": actor.username}
        lines = [pages.line(replace(row, body=with_given(row.body, given)), actor) for row in rows]
        return render(request, pages.OfferedFragment(prompts=lines))


def _wording(typed: PromptForm) -> Wording:
    return service.checked(typed.command, typed.title, typed.body, shared=bool(typed.shared))


def _refused(id: int | None, typed: PromptForm, error: Invalid) -> pages.PromptPage:
    return pages.PromptPage(
        id=id,
        command=typed.command,
        title=typed.title,
        body=typed.body,
        shared=bool(typed.shared),
        errors=error.fields or {"": error.message},
    )


async def _versions(resources: Resources, prompt: PromptRow) -> list[pages.VersionLine]:
    rows = await queries.versions(resources.db, prompt.id)
    return [pages.version_line(row, prompt.version) for row in rows]


def _next(search: str, last: PromptRow) -> str:
    return f"{PAGE}?{urlencode({'q': search, 'after': f'{last.command}~{last.id}'})}"


def _back(resources: Resources, rest: str = "") -> Redirect:
    return Redirect(f"{resources.config.root_path}{PAGE}{rest}", status_code=303)
