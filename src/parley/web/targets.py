"""Where a person may be sent after signing in."""

from __future__ import annotations

import re

# One slash that is not followed by another slash or a backslash (browsers read both as a host), then no
# control characters, spaces or backslashes: URL parsers drop them or turn them into slashes.
_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def safe_target(target: str | None, default: str = "/") -> str:
    """`target` when it is a path on this site, else `default`. Never a host, a scheme or a second slash."""
    if not target or len(target) > 2000 or not _PATH.fullmatch(target):
        return default
    if re.match(r"/(%2f|%5c|%09|%0a|%0d)", target, re.IGNORECASE):
        return default
    return target
