"""`.env` files: `NAME=value` lines, read as data and never run by a shell."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_env(text: str) -> dict[str, str]:
    """The variables of an env file; a later line wins.

    Blank lines, `#` comments and a leading `export` are allowed, values may be quoted; nothing is
    expanded. Raises ValueError that names the line.
    """
    found: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().removeprefix("export ").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not NAME.fullmatch(name.strip()):
            raise ValueError(f"line {number} is not NAME=value")
        found[name.strip()] = _value(value.strip(), number)
    return found


def _value(value: str, number: int) -> str:
    quote = value[:1]
    if quote in ("'", '"'):
        end = value.find(quote, 1)
        rest = value[end + 1 :].strip()
        if end < 0 or (rest and not rest.startswith("#")):
            raise ValueError(f"line {number} has an unfinished quote")
        return value[1:end]
    return re.split(r"\s+#", value, maxsplit=1)[0].rstrip()
