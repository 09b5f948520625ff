"""Messages of the answer stream: server-sent events whose unnamed data are htmx partials.

What we rely on in htmx 4.0.1 (read in dist/htmx.js and dist/ext/hx-sse.js):
* `<hx-partial hx-target hx-swap>` becomes a `<template>` by a regular expression over the whole message
  before it is parsed. So no text of a model may bring a literal `<hx-`: all here is escaped or sanitised.
* All partials of one message are swapped in order, in one turn of the event loop: nobody sees half a message.
* An empty partial empties its target: `swapEmpty` is asked for the main swap only, which `hx-swap="none"` on
  the connecting element turns off. A partial whose target is missing is skipped without an error.
* A named event is dispatched and never swapped; `hx-sse:close="done"` then closes the stream.
* Lines end at LF, CRLF or CR. `Last-Event-ID` is the id of the last complete message, so a message's id
  must be the seq of the last fact it shows; `done` repeats it.
"""

from __future__ import annotations

import re

_LINE_END = re.compile(r"\r\n|\r|\n")

OPENED = b": open\n\n"  # sends the headers, also of a generation that is still silent
KEEP_ALIVE = b": keep-alive\n\n"


def partial(target: str, swap: str, html: str) -> str:
    """Markup that swaps `html` into the elements `target` selects; both must be ours, `html` safe."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


def message(seq: int, data: str, event: str = "") -> bytes:
    """One server-sent event; its data may have any line ends."""
    name = f"event: {event}\n" if event else ""
    lines = "\ndata: ".join(_LINE_END.split(data))
    return f"id: {seq}\n{name}data: {lines}\n\n".encode()
