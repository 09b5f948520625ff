"""Closing windows that do not want to close.

Chromium now and then never answers the request to give a context up
(https://github.com/duckduckgo/tracker-radar-collector/pull/88 tells of the same), and Playwright waits for
it without end. Ending the renderers of the windows lets it go on; the browser itself is not harmed.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext

GRACE = 30.0  # seconds; a window usually closes in a few hundredths


def close(context: BrowserContext) -> None:
    """Close a context, by force when it takes longer than GRACE: no other may be open in this process."""
    force = threading.Timer(GRACE, _end_renderers)
    force.daemon = True
    force.start()
    try:
        context.close()
    finally:
        force.cancel()


def _end_renderers() -> None:
    for process in _descendants(os.getpid()):
        with suppress(OSError):
            if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0"):
                os.kill(process, signal.SIGKILL)


def _descendants(process: int) -> list[int]:
    """The processes that `process` started, and theirs (proc(5): task/TID/children)."""
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, thread.read_text().split()):
                found += [child, *_descendants(child)]
    return found
