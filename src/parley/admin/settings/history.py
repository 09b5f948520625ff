"""What was changed, by whom, and back; settings as a file. Administrators only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

import parley
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.admin.settings import transfer
from parley.admin.settings.authors import author_of
from parley.admin.settings.controllers import PATH
from parley.admin.settings.pages import in_words
from parley.chat.presenting import moment
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.settings import mirror, service
from parley.settings.catalogue import CARDS, SETTINGS
from parley.settings.queries import Change, changes, load
from parley.web.i18n import _
from parley.web.render import Page, render

SHOWN = 50  # changes on one page


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as the page shows it."""

    id: int
    key: str
    label: str
    before: str
    after: str
    iso: str
    at: str
    who: str
    undoable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Page):
    """`/admin/settings/history`; `more` is the change before which it goes on, 0 at the end."""

    template: ClassVar[str] = "admin/settings/history.html"
    rows: list[ChangeRow]
    key: str
    label: str
    more: int
    saved: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage(Page):
    """`/admin/settings/import`: the form, then what would change."""

    template: ClassVar[str] = "admin/settings/import.html"
    document: str = ""
    asked: bool = False
    rows: tuple[tuple[str, str, str], ...] = ()
    same: int = 0
    left_out: tuple[tuple[str, str, str], ...] = ()
    error: str = ""


class HistoryController(Controller):
    """`/admin/settings/history`."""

    path = f"{PATH}/history"

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        key: FromQuery[str] = "",
        before: FromQuery[int] = 0,
        saved: FromQuery[bool] = False,
    ) -> Response[str]:
        """The newest changes, of one setting or of all."""
        return render(request, await _history(resources, key, before, saved=saved))

    @post("/undo")
    async def undo(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """The value from before a change again."""
        form = await request.form()
        id = str(form.get("id", ""))
        try:
            key = await service.undo(
                resources, int(id) if id.isdecimal() and len(id) < 19 else 0, author_of(request, admin)
            )
        except AppError as error:
            words = " ".join(error.fields.values()) if isinstance(error, Invalid) else ""
            page = await _history(resources, "", 0, error=words or error.message)
            return render(request, page, status=error.status)
        await mirror.refresh(resources)
        return see_other(request, f"{PATH}/history?saved=true&key={key}")


class TransferController(Controller):
    """`/admin/settings/export` and `/admin/settings/import`."""

    path = PATH

    @get("/export")
    async def export(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[bytes]:
        """Everything somebody decided, as a file. Keys of connections are no settings and not in it."""
        body = transfer.document_of(await load(resources.db), parley.__version__)
        headers = {"Content-Disposition": 'attachment; filename="parley-settings.json"'}
        return Response(body, media_type="application/json", headers=headers)

    @get("/import")
    async def ask(self, request: AnyRequest, admin: NamedDependency[Actor]) -> Response[str]:
        """The form for the file."""
        return render(request, ImportPage())

    @post("/import")
    async def take(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """What the file would change; with `sure` it does. What does not fit stays out and is listed."""
        form = await request.form()
        text = str(form.get("document", ""))
        try:
            plan = transfer.plan_of(transfer.read_document(text), await load(resources.db))
            if form.get("sure"):
                await service.change(resources, plan.given, author_of(request, admin))
        except Invalid as error:
            return render(request, ImportPage(document=text, error=error.message), status=error.status)
        if form.get("sure"):
            await mirror.refresh(resources)
            return see_other(request, f"{PATH}/history?saved=true")
        rows = tuple(
            (_label(step.key), _say(step.key, step.before), _say(step.key, step.after)) for step in plan.steps
        )
        page = ImportPage(document=text, asked=True, rows=rows, same=plan.same, left_out=plan.left_out)
        return render(request, page)


async def _history(
    resources: Resources, key: str, before: int, *, saved: bool = False, error: str = ""
) -> HistoryPage:
    rows = await changes(resources.db, key[:64], max(0, before), SHOWN + 1)
    more = rows[SHOWN - 1].id if len(rows) > SHOWN else 0
    label = _label(key) if key in SETTINGS else key[:64]
    shown = [_row(row) for row in rows[:SHOWN]]
    return HistoryPage(rows=shown, key=key[:64], label=label, more=more, saved=saved, error=error)


def _row(row: Change) -> ChangeRow:
    known = row.key in SETTINGS
    return ChangeRow(
        id=row.id,
        key=row.key,
        label=_label(row.key) if known else row.key,
        before=_say(row.key, _read(row.before)),
        after=_say(row.key, _read(row.after)),
        iso=moment(row.at).iso,
        at=moment(row.at).text,
        who=row.actor_name or _("the system"),
        undoable=known and row.key not in transfer.NOT_KEPT,  # its picture is gone
    )


def _label(key: str) -> str:
    setting = SETTINGS.get(key)
    card = CARDS.get(setting.card, "")
    return f"{_(card)} · {_(setting.label)}" if card else _(setting.label)


def _read(value: str) -> object:
    return msgspec.json.decode(value) if value else None


def _say(key: str, value: object) -> str:
    if value is None:
        return _("default")
    return in_words(SETTINGS.get(key), value) if key in SETTINGS else str(value)
