"""What the clients of a run saw and what was done to the servers: the witness of the checker."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.page import Page


def now() -> float:
    """Milliseconds since the epoch as a float: comparable with the times in the database."""
    return time.time() * 1000


@dataclass
class Asked:
    """One question, sent until it was acknowledged."""

    key: str  # what the upstream knows it by
    conversation: int
    client_message_id: str
    content: str
    tokens: int
    stamped: bool  # the upstream puts the time into each token: no two calls say the same
    at: float
    sends: int = 0
    acks: list[tuple[int, int, int]] = field(default_factory=list)  # question, answer, generation
    acked_at: float = 0.0
    first_text_at: float = 0.0


@dataclass
class Watched:
    """Everything one client received of one generation, over all its connections."""

    generation: int
    device: str
    events: list[tuple[int, str, str]] = field(default_factory=list)  # seq, type, text or status
    connections: int = 0
    ended: bool = False


@dataclass
class Fault:
    """Something that was done to the servers."""

    at: float
    what: str
    pid: int | None


@dataclass
class History:
    """All of one run."""

    seed: int
    asked: list[Asked] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)  # generations somebody stopped
    heads: list[float] = field(default_factory=list)  # when a stream was opened with success
    refusals: dict[str, int] = field(default_factory=dict)  # answers and errors that made a client try again

    started_in: float = 0.0  # seconds
    settled_in: float = 0.0
    stopped_in: float = 0.0

    def refuse(self, why: str) -> None:
        """Count one more try that failed."""
        self.refusals[why] = self.refusals.get(why, 0) + 1

    def write(self, path: Path, **more: Any) -> None:
        """Keep everything as JSON."""
        path.write_text(json.dumps({**asdict(self), **more}, ensure_ascii=False, default=str))
