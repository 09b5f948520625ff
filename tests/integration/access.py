"""Who may open which address: the one table that tests/integration/test_access_matrix.py asks about.

How to add an address: the most specific pattern wins, that is an exact path before one that ends in `*`, a
longer one before a shorter, one with a method before one without. When no line fits, or another audience is
meant, add a line with one of the AUDIENCES. An address without a line fails the test.

`owned=True`: the address names something by its id that belongs to one person (the member of the tests); for
everybody else, administrators too, it is not there. Single cells that differ are
named: `user="none"`.

A cell says how the door answers, not what is behind it:
  in       somebody may pass (whatever is then said about the words they sent)
  login    sent to sign in (401 to programs)
  wait     sent to the page about waiting (423 to programs)
  refused  403
  none     404: for them the address does not exist
"""

from __future__ import annotations

from dataclasses import dataclass, field

ACTORS = ("nobody", "visitor", "pending", "user", "other", "admin")
Cells = dict[str, str]

AUDIENCES: dict[str, Cells] = {
    name: dict(zip(ACTORS, cells.split(), strict=True))
    for name, cells in {
        # nobody visitor pending user other admin
        "everybody": "in in in in in in",
        "chat": "login in wait in in in",
        "account": "login refused wait in in in",
        "admin": "login none wait none none in",
        # an address nothing is behind, and one that wants a proof nobody here has
        "nothing": "none none none none none none",
        "proof": "login login login login login login",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    path: str
    audience: str
    method: str = ""
    owned: bool = False
    but: Cells = field(default_factory=dict)

    def fits(self, method: str, path: str) -> bool:
        """Whether this line is about the address."""
        if self.method and self.method != method:
            return False
        return path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path

    def weight(self) -> tuple[bool, int, bool]:
        """More specific lines weigh more."""
        return not self.path.endswith("*"), len(self.path), bool(self.method)

    def cells(self) -> Cells:
        """What is expected of everybody."""
        cells = dict(AUDIENCES[self.audience])
        if self.owned:
            for actor in ("visitor", "other", "admin"):
                cells[actor] = "none" if cells[actor] == "in" else cells[actor]
        return {**cells, **self.but}


def line(path: str, audience: str, *, method: str = "", owned: bool = False, **but: str) -> Line:
    """A line of the table; `but` are single cells."""
    return Line(path, audience, method, owned, but)


TABLE: tuple[Line, ...] = (
    # The doors of entry, and what a browser needs before it is in.
    line("/", "everybody", nobody="login", pending="wait"),
    line("/setup", "everybody"),
    line("/setup/restore", "nothing"),  # until there is an administrator
    line("/login", "everybody", method="GET", pending="wait"),
    line("/login", "everybody", method="POST"),
    line("/login/code", "proof", method="GET"),
    line("/login/code", "everybody", method="POST"),
    line("/login/passkey", "proof"),
    line("/login/passkey/options", "everybody"),
    line("/login/oidc", "nothing"),  # until it is set up
    line("/login/oidc/callback", "proof"),
    line("/register", "everybody", method="GET", pending="wait"),
    line("/register", "everybody", method="POST"),
    line("/reset/{token:str}", "nothing"),  # the address is the right; this one is made up
    line("/visit", "everybody", pending="wait"),
    line("/pending", "everybody", nobody="login"),
    line("/logout", "proof", visitor="refused"),  # on to sign in; their session ended with the next line
    line("/api/auth/logout", "everybody", nobody="login"),
    line("/api/auth/me", "account", pending="in"),
    line("/preferences", "everybody"),
    line("/api/auth/register", "everybody"),
    line("/api/auth/login", "everybody"),
    line("/healthz", "everybody"),
    line("/readyz", "everybody"),
    line("/api/settings/health", "everybody"),
    line("/api/settings/branding", "everybody"),
    line("/branding/{name:str}", "nothing"),
    line("/branding/notice/closing", "everybody"),
    line("/static/*", "nothing"),  # a file that is not there
    line("/manifest.webmanifest", "everybody"),
    line("/sw.js", "everybody"),
    line("/offline", "everybody"),
    line("/frame/*", "everybody"),
    line("/s/*", "nothing"),  # the address is the right; this one is made up
    # Chat: what visitors may do too.
    line("/chat*", "chat"),
    line("/chat/{id:int}*", "chat", owned=True),
    line("/chat/{id:int}/restoration", "chat", owned=True, user="none"),  # it is not deleted
    line("/chat/{id:int}/keeping", "chat", owned=True, user="none"),  # it is not temporary
    line("/chat/{id:int}/presence", "chat", owned=True, user="none"),
    line("/chat/folders/{id:int}*", "chat", owned=True),
    line("/messages/{id:int}*", "chat", owned=True),
    line("/messages/{id:int}/regenerations", "chat", owned=True, user="none"),  # it answers nothing
    line("/messages/{id:int}/edit*", "chat", owned=True, user="none"),  # it is an answer
    line("/messages/{id:int}/restoration", "chat", owned=True, user="none"),
    line("/generations/{id:int}*", "chat", owned=True),
    line("/events", "chat"),
    line("/search", "chat"),
    line("/keys", "chat"),
    line("/f/*", "chat"),
    line("/f/chat/{id:int}/*", "chat", owned=True),
    line("/f/chat/folders/{id:int}", "chat", owned=True),
    line("/f/messages/{id:int}/*", "chat", owned=True),
    line("/files/{id:int}", "chat", owned=True, user="none"),  # its bytes are not there
    line("/avatars/{id:int}", "chat", visitor="none", user="none", other="none", admin="none"),  # no face
    line("/api/search", "chat"),
    line("/api/quota", "chat"),
    line("/usage", "chat"),  # their own meter
    # For people with an account.
    line("/files", "account"),
    line("/f/prompts", "account"),
    line("/exports", "account"),
    line("/prompts*", "account"),
    line("/prompts/{id:int}*", "account", owned=True),
    line("/prompts/{id:int}/restoration", "account", owned=True, user="none"),  # it is not deleted
    line("/prompts/{id:int}/versions/*", "account", owned=True, user="none"),  # it has one
    line("/chat/{id:int}/share", "account", owned=True),
    line("/chat/{id:int}/export*", "account", owned=True),
    line("/chat/{id:int}/print", "account", owned=True),
    line("/messages/{id:int}/share", "account", owned=True),
    line("/account*", "account"),
    line("/account/imports/{id:int}*", "account", owned=True),
    line("/account/shares/{id:int}*", "account", owned=True),
    line("/account/sessions/{id:int}/*", "account", owned=True, user="none"),
    line("/account/security/passkeys/{id:int}/*", "account", owned=True, user="none"),
    line("/account/security/identities/{id:int}/*", "account", owned=True, user="none"),
    line("/usage*", "account"),
    line("/traces*", "account"),
    line("/main/logs/task-trace", "account"),
    line("/traces/{id:int}*", "account", other="none"),  # an administrator sees all
    line(
        "/traces/{id:int}/comparison", "account", user="none", other="none", admin="none"
    ),  # with none named
    line("/api/*", "account"),
    line("/api/task-trace/{id:int}*", "account", other="none"),
    line("/api/models/{id:path}", "account", user="none", other="none", admin="none"),  # no such model
    line("/api/models/{id:path}", "admin", method="PATCH", admin="none"),
    line("/api/sessions/{id:int}*", "account", owned=True),
    line("/api/generations/{id:int}/*", "account", owned=True),
    line("/api/imports/{id:int}", "account", owned=True),
    line("/api/prompts/{id:int}", "account", owned=True),
    line("/api/shares", "account", method="POST", owned=True),
    line("/api/shares/{id:int}", "account", owned=True),
    line("/api/chat/stream", "account", owned=True),
    line("/api/chat/stream/cancel", "account", owned=True),
    # For administrators.
    line("/admin*", "admin"),
    line("/admin/users/{id:int}/second-factor/removal", "admin", admin="none"),  # they have none
    line("/admin/users/deletion", "admin", admin="none"),  # nobody is named
    line("/admin/search/{name:str}*", "admin", admin="none"),  # no such engine
    line("/admin/sign-in/test", "admin", admin="none"),  # not set up
    line("/admin/settings/history/undo", "admin", admin="none"),
    line("/admin/backups/{name:str}/*", "admin", admin="none"),
    line("/admin/models/model", "admin", admin="none"),
    line("/admin/quotas/{id:int}/deletion", "admin", admin="none"),
    line("/traces/cleanup", "admin"),
    line("/api/task-trace/cleanup", "admin"),
    line("/api/models/bulk", "admin"),
    line("/api/models/refresh", "admin"),
    line("/api/connections*", "admin"),
    line("/api/users*", "admin"),
    line("/api/routes*", "admin"),
    line("/api/settings/system", "admin"),
)


def expected(method: str, path: str) -> Cells | None:
    """The cells of an address, None when no line is about it."""
    fitting = [each for each in TABLE if each.fits(method, path)]
    return max(fitting, key=Line.weight).cells() if fitting else None
