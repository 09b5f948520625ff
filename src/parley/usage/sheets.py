"""Lines of a CSV file that a spreadsheet shows and never runs. Pure.

RFC 4180, and of CWE-1236 the advice to put an apostrophe before what a spreadsheet would take for a formula:
https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

BOM = "\ufeff"  # or Excel reads UTF-8 as the system's old encoding
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """A value as a cell; of a text that begins like a formula, its first character is an apostrophe."""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def line(values: Sequence[object]) -> bytes:
    """One line, with its end."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in values])
    return out.getvalue().encode()
