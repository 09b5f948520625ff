"""How much of what a model can read this chat fills. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from parley.chat import measures, notices, pages
from parley.chat.queries import PathMessage
from parley.lib.tokens import PER_TURN, estimate
from parley.settings.answering import DEFAULT_WINDOW
from parley.web.i18n import _

WARN_AT = 80  # per cent
FULL_AT = 100


def gauge(path: Sequence[PathMessage], window: int | None = None) -> pages.Gauge | None:
    """The gauge under the composer; None for an empty chat.

    Counted from the last answer that has counts, and estimated for what is newer. `window`: tokens the
    chosen model can read; None takes what the last answer was given.
    """
    if not path:
        return None
    counted = next((n for n in range(len(path) - 1, -1, -1) if path[n].completion_tokens is not None), None)
    used = 0
    if counted is not None:
        used = (path[counted].prompt_tokens or 0) + (path[counted].completion_tokens or 0)
    newer = path if counted is None else path[counted + 1 :]
    used += sum(estimate(message.text) + PER_TURN for message in newer)
    last = next((message.window_tokens for message in reversed(path) if message.window_tokens), None)
    room = window or last or DEFAULT_WINDOW.default
    cut = counted is not None and any(
        n.get("code") == "left_out" for n in notices.stored(path[counted].notices)
    )
    return _gauge(used, room, full=cut and window in (None, last))


def _gauge(used: int, room: int, *, full: bool) -> pages.Gauge:
    percent = min(FULL_AT, round(used * 100 / room))
    if full or percent >= FULL_AT:
        level, says = "full", _("This chat is longer than the model can read: older messages are left out.")
    elif percent >= WARN_AT:
        level, says = (
            "warn",
            _("Almost all of what the model can read is used. Soon older messages are left out."),
        )
    else:
        level, says = "", ""
    title = _(
        "About %(used)s of the %(room)s tokens this model can read",
        used=measures.short_count(used),
        room=measures.short_count(room),
    )
    return pages.Gauge(percent=FULL_AT if full else percent, level=level, says=says, title=title)
