"""`python -m tests.screenshots`: take the pictures in docs/screenshots again.

`--all FOLDER` takes every page instead, and puts the pictures there; `--only NAME` just one of them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.visitor import Workspace
from tests.processes import Parley
from tests.screenshots.shots import shots, take
from tests.screenshots.world import founded
from tests.servers import ROOT

KEPT = ROOT / "docs/screenshots"


def main() -> int:
    """Start Parley, give it a life, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--only", action="append", metavar="NAME")
    asked = parser.parse_args()
    upstream = subprocess.Popen(
        [sys.executable, "-m", "tests.upstream"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with upstream, Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley, sync_playwright() as playwright:
        assert upstream.stdout is not None
        port = upstream.stdout.readline().split()[-1]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        world = founded(Workspace.founded(parley, browser), browser, f"http://127.0.0.1:{port}")
        wanted = [
            shot
            for shot in shots(world)
            if (shot.name in asked.only if asked.only else asked.all or shot.kept)
        ]
        for path in take(browser, world, wanted, asked.all or KEPT):
            print(path, f"{path.stat().st_size // 1000} KB", flush=True)
        browser.close()
        upstream.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
