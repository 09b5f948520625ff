"""The pages one can go to from anywhere: the account menu, the tree of settings and the palette read it.

A domain with a page of its own adds a line; labels are message ids, shown through `_`. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its address below the root path, its name and its icon."""

    path: str
    label: str
    icon: str


ACCOUNT = (
    Place("/account/profile", N_("Your account"), "user"),
    Place("/account/preferences", N_("Preferences"), "sliders"),
    Place("/account/avatar", N_("Profile picture"), "camera"),
    Place("/account/chat", N_("Your chats"), "chat"),
    Place("/prompts", N_("Prompts"), "slash"),
    Place("/chat/folders", N_("Folders and archive"), "folder"),
    Place("/usage", N_("Usage"), "chart"),
    Place("/account/shares", N_("Shared links"), "share"),
    Place("/account/data", N_("Your data"), "download"),
    Place("/account/imports", N_("Imports"), "import"),
    Place("/traces", N_("Traces"), "footprints"),
    Place("/account/security", N_("Signing in"), "key"),
    Place("/account/sessions", N_("Signed-in devices"), "devices"),
)
ADMIN = (
    (
        N_("Models"),
        (
            Place("/admin/connections", N_("Connections"), "plug"),
            Place("/admin/models", N_("Models"), "think"),
            Place("/admin/routes", N_("Routes"), "latest"),
            Place("/admin/search", N_("Web search"), "globe"),
            Place("/admin/settings", N_("Settings"), "sliders"),
            Place("/admin/assistant", N_("Picture of the assistant"), "camera"),
        ),
    ),
    (
        N_("People"),
        (
            Place("/admin/users", N_("Users"), "users"),
            Place("/admin/sign-in", N_("Signing in here"), "key"),
            Place("/admin/groups", N_("Groups"), "folder"),
            Place("/admin/invitations", N_("Invitations"), "share"),
            Place("/admin/usage", N_("Usage of everybody"), "chart"),
            Place("/admin/quotas", N_("Quotas"), "clock"),
            Place("/admin/ratings", N_("Ratings"), "like"),
        ),
    ),
    (
        N_("Keeping"),
        (
            Place("/admin/backups", N_("Backups"), "save"),
            Place("/admin/audit", N_("Audit log"), "check"),
            Place("/admin/log", N_("System log"), "text"),
        ),
    ),
)
Group = tuple[str, tuple[Place, ...]]


def places(*, admin: bool, visitor: bool = False) -> tuple[Group, ...]:
    """The groups of pages somebody may open, with their headings; an administrator's own pages come last.

    A visitor has a chat and nothing else.
    """
    if visitor:
        return ()
    own: tuple[Group, ...] = ((N_("You"), ACCOUNT),)
    return (*ADMIN, *own) if admin else own
