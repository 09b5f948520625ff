"""What an administrator decided about every page: name, colour, notices. One value for the process. Pure.

Pages are drawn without asking the database for it: settings/mirror.py puts the newest value here, at the
start, when something changed, and every 30 s.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Banner:
    """The notice on every page; whoever closes it does not see the same text again."""

    text: str
    level: str  # "info", "warn" or "bad"
    id: str


@dataclass(frozen=True, slots=True)
class Look:
    """How the site looks and is reached."""

    name: str = "Parley"
    letter: str = ""  # in place of the drawing before the name
    mark: str = ""  # the picture in place of both; its id, see files/sitemarks.py
    accent: str = ""  # the file name of the stylesheet below /branding/, "" without a colour of its own
    accent_css: str = ""
    greeting: str = ""
    starters: tuple[str, ...] = ()
    login_text: str = ""
    footer: str = ""
    banner: Banner | None = None
    origin: str = ""  # what links for others begin with; "" as the request came
    language: str = ""  # for everybody who chose none; "" as the browser asks
    heartbeat: float = 15.0  # seconds of silence after which a stream says that it lives

    def picture(self, size: str) -> str:
        """The address of the mark's picture below the root path, for who knows that there is one."""
        return f"/branding/{mark_file(self.mark, size)}"

    @property
    def plate(self) -> str:
        """The theme in which the mark needs a ground of its own: "light", "dark" or ""."""
        return plate_of(self.mark)

    def greets(self, username: str) -> str:
        """The greeting for somebody, "" when nobody wrote one."""
        return self.greeting.replace("{user}", username)

    def titled(self, title: str) -> str:
        """The title of a page, whose template ends it with our name."""
        kept = title.removesuffix("Parley")
        return title if kept == title or self.name == "Parley" else kept + self.name


SIZES = ("32", "96", "180", "192", "512", "maskable")  # of a mark: pixels, and one that may be cut round


def mark_file(mark: str, size: str) -> str:
    """The file name of a mark in one of SIZES."""
    return f"mark-{mark}-{size}.png"


def plate_of(mark: str) -> str:
    """What `Look.plate` says, of any mark."""
    return mark.partition("-")[2]


PLAIN = Look()
_now = PLAIN


def look() -> Look:
    """The look that is in force in this process."""
    return _now


def wear(new: Look) -> None:
    """Put another look in force."""
    global _now
    _now = new
