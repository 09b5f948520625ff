"""`python -m tests.screenshots`: take the pictures in docs/screenshots again.

`--all FOLDER` takes every page instead, and puts the pictures there; `--only NAME` just one of them.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.visitor import Workspace
from tests.integration.accounts.provider import providing
from tests.processes import Parley
from tests.screenshots.governing import KEEPER, Governed
from tests.screenshots.shots import FIRST, Shot, shots, take
from tests.screenshots.world import World, founded
from tests.servers import ROOT

KEPT = ROOT / "docs/screenshots"


def main() -> int:
    """Start Parley, give it a life, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--only", action="append", metavar="NAME")
    asked = parser.parse_args()
    folder = asked.all or KEPT
    with (
        upstream_url() as upstream, Parley() as parley, sync_playwright() as playwright,
        providing(**KEEPER) as provider,
    ):  # fmt: skip
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        fresh = World(Workspace(parley, parley.url, None), governed=Governed(cookies={"nobody": None}))
        _report(take(browser, fresh, [*_wanted(FIRST, asked)], folder))
        world = founded(Workspace.founded(parley, browser), browser, upstream, provider.issuer)
        _report(take(browser, world, [*_wanted(shots(world), asked)], folder))
        browser.close()
    return 0


def _report(taken: Iterator[Path]) -> None:
    for path in taken:
        print(path, f"{path.stat().st_size // 1000} KB", flush=True)


def _wanted(all_shots: list[Shot], asked: argparse.Namespace) -> Iterator[Shot]:
    for shot in all_shots:
        if shot.name in asked.only if asked.only else asked.all or shot.kept:
            yield shot


@contextlib.contextmanager
def upstream_url() -> Iterator[str]:
    """Where the models are said to live; it runs for the length of the block."""
    command = [sys.executable, "-m", "tests.upstream"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().split()[-1]}"
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
