"""What is told where visitors are let in: whether they would find a model at all."""

from __future__ import annotations

from parley.admin.settings.pages import Note
from parley.chat.picking import Wish, current_of
from parley.lib.db import Database
from parley.routes.queries import choices_of
from parley.settings.answering import ACCESS_VISITOR
from parley.settings.catalogue import Values
from parley.settings.visiting import VISITORS
from parley.web.i18n import _


async def visitors_notes(db: Database, values: Values) -> tuple[Note, ...]:
    """That they would find nothing to ask, as long as that is so."""
    if current_of(await choices_of(db, "visitor"), Wish()):
        return ()
    let_in = values[VISITORS] == "on"
    label = (
        _("Visitors can come in, but no model is open to them.")
        if let_in
        else _("No model is open to visitors yet.")
    )
    links = (
        ("/admin/models", _("Open single models")),
        (f"/admin/settings/{ACCESS_VISITOR.card}#{ACCESS_VISITOR.key}", _("Open all models")),
    )
    return (Note("closed", label, urgent=let_in, links=links),)
