"""What a browser does with the stream of an answer, without a browser: partials are put into their places."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from parley.lib.markdown import render_document
from tests.client import Event

_PARTIAL = re.compile(
    r'<hx-partial hx-target="#g\d+-([\w>\[\]-]+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.DOTALL
)
_TAG = re.compile(r"<[^>]+>")
STATES = {"complete": ("done",), "stopped": ("cancelled",), "failed": ("error", "interrupted")}


@dataclass
class Page:
    """One open page with one answer on it."""

    generation: int
    device: str
    places: dict[str, str] = field(default_factory=dict)  # done, open, ...: what stands there
    ids: list[int] = field(default_factory=list)
    state: str = ""  # what the last message said: complete, stopped, failed
    connections: int = 0

    @property
    def ended(self) -> bool:
        """Whether the page closed its stream."""
        return bool(self.state)

    @property
    def text(self) -> str:
        """What a person reads."""
        return plain(self.places.get("done", "") + self.places.get("open", ""))

    def take(self, event: Event) -> None:
        """Do what htmx does with one message."""
        self.ids.append(event.id)
        data = event.data.decode()
        if event.name == b"done":
            found = re.search(r'"state":\s*"(\w+)"', data)
            self.state = found[1] if found else "nothing"
            return
        for place, swap, markup in _PARTIAL.findall(data):
            before = self.places.get(place, "") if swap == "beforeend" else ""
            self.places[place] = before + markup


def plain(markup: str) -> str:
    """Markup as words with single spaces."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def rendered(text: str) -> str:
    """The words of a whole answer, rendered at once."""
    return plain(str(render_document(text)))
