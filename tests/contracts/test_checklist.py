"""Every chat line of the acceptance list is shown by a test that exists, or by a manual check."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
MANUAL = re.compile(r"manual: ([^`]+?\))(?= manual:| `|$)")
LAST = 69  # from 70 on the lines are about rooms, calls and traces


def lines() -> dict[int, str]:
    """What shows each line."""
    return {int(number): shown for number, _, shown in ROW.findall((ROOT / "docs/checklist.md").read_text())}


@cache
def functions(module: Path) -> frozenset[str]:
    """The tests of a module; none for one that is not there."""
    if not module.exists():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_every_line_is_there_once_and_in_order() -> None:
    numbers = [int(row[0]) for row in ROW.findall((ROOT / "docs/checklist.md").read_text())]
    assert numbers == list(range(1, LAST + 1))


def test_every_test_that_is_named_exists() -> None:
    named = [(number, *found) for number, shown in lines().items() for found in TEST.findall(shown)]
    assert len(named) > LAST
    assert [each for each in named if each[2] not in functions(ROOT / "tests" / each[1])] == []


def test_every_manual_check_that_is_named_exists() -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs/manual-checks.md").read_text(), re.MULTILINE))
    named = {each for shown in lines().values() for each in MANUAL.findall(shown)}
    assert named
    assert named - headings == set()


def test_every_line_is_shown_in_a_browser_by_hand_or_says_when() -> None:
    bare = [
        number
        for number, shown in lines().items()
        if not re.search(r"`browser/|^manual: |^later: \w+|not yet: \w+", shown)
    ]
    assert bare == []
    assert all(shown.count("manual:") == len(MANUAL.findall(shown)) for shown in lines().values())
