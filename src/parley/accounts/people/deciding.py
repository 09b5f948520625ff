"""The decisions an administrator can take about an account, and who takes one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Officer:
    """The administrator who acts, and from where."""

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Allowed while the column says one of `before`, leads to `after`."""

    act: str  # its name in the audit log
    column: Literal["status", "role"]
    before: tuple[str, ...]
    after: str
    cuts: bool = False  # what the account holds open ends
    signs_out: bool = False  # and where it was signed in it is no more
    stops: str = ""  # the answers under way for it end too; why (generations/facts.py)


APPROVAL = Decision(act="user.approved", column="status", before=("pending", "rejected"), after="active")
REJECTION = Decision(act="user.rejected", column="status", before=("pending",), after="rejected", cuts=True)
DISABLING = Decision(
    act="user.disabled",
    column="status",
    before=("active",),
    after="disabled",
    cuts=True,
    stops="account_off",
)
# What was signed in before stays out: disabling hides login sessions, enabling must not revive them.
ENABLING = Decision(
    act="user.enabled", column="status", before=("disabled",), after="active", cuts=True, signs_out=True
)
PROMOTION = Decision(act="user.made_admin", column="role", before=("user",), after="admin")
DEMOTION = Decision(act="user.made_user", column="role", before=("admin",), after="user", cuts=True)

# By the last part of their address.
DECISIONS = {
    "approval": APPROVAL,
    "rejection": REJECTION,
    "disabling": DISABLING,
    "enabling": ENABLING,
    "promotion": PROMOTION,
    "demotion": DEMOTION,
}
