"""Who may use a model. Pure."""

from __future__ import annotations

from typing import Literal

from parley.catalogue.models import ModelRow
from parley.settings.answering import ACCESS_USER, ACCESS_VISITOR
from parley.settings.catalogue import Values


def may_use(model: ModelRow, role: str, values: Values) -> bool:
    """Whether somebody of `role` (visitor, user or admin) may use a model.

    The model's own rule counts, else the site's; administrators may use everything. Hiding is another
    matter: a hidden model is not offered for a question, but stands in as a fallback or behind a route.
    """
    if role == "admin":
        return True
    return rule(model, "user" if role == "user" else "visitor", values) == "allow"


def rule(model: ModelRow, role: Literal["user", "visitor"], values: Values) -> str:
    """`allow` or `deny`."""
    if role == "user":
        return model.access_user or values[ACCESS_USER]
    return model.access_visitor or values[ACCESS_VISITOR]
