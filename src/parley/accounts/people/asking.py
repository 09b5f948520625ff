"""Which decisions are asked about once more before they are taken, and in what words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from parley.lib.db import Row
from parley.web.i18n import _, ngettext
from parley.web.render import Page

OF_ONE = ("promotion", "demotion")
OF_SEVERAL = ("disabling", "rejection")  # of one, their page has a form for it


@dataclass(frozen=True, slots=True, kw_only=True)
class SurePage(Page):
    """The question before a decision: about whom, what follows, and the form that takes it."""

    template: ClassVar[str] = "accounts/sure.html"
    title: str
    says: str
    label: str
    path: str
    back: str
    fields: list[tuple[str, str]]
    names: list[str]
    reason: str | None = None  # None: it takes none


def about_one(verb: str, user: int, name: str) -> SurePage:
    """The question about one person; `verb` is of OF_ONE."""
    if verb == "promotion":
        title = _("Make %(name)s an administrator?", name=name)
        label = _("Make an administrator")
        says = _(
            "Administrators decide about people, models, keys, allowances and settings, and see every trace."
            " They could make you an ordinary user, too."
        )
    else:
        title = _("Make %(name)s an ordinary user?", name=name)
        label = _("Make an ordinary user")
        says = _("They cannot open the administrators' pages any more, and what they have open ends.")
    here = f"/admin/users/{user}"
    fields = [("page", "person")]
    return SurePage(
        title=title, says=says, label=label, path=f"{here}/{verb}", back=here, fields=fields, names=[]
    )


def about_several(verb: str, people: Sequence[Row], reason: str) -> SurePage:
    """The question about those who are ticked and whose status allows it; `verb` is of OF_SEVERAL."""
    n = len(people)
    if verb == "disabling":
        title, label = ngettext("Disable %(n)s account?", "Disable %(n)s accounts?", n), _("Disable")
        says = _("They are out at once, and answers under way stop. Their chats stay.")
    else:
        title, label = ngettext("Decline %(n)s person?", "Decline %(n)s people?", n), _("Decline")
        says = _("Those who wait for approval read at their next try that they were declined.")
    return SurePage(
        title=title,
        says=says,
        label=label,
        path="/admin/users/bulk",
        back="/admin/users",
        fields=[("verb", verb), *(("ids", str(row["id"])) for row in people)],
        names=[row["username"] for row in people],
        reason=reason,
    )
