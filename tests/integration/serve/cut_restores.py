"""Kill a restore before each of its steps, and let the next start find what is left.

`python -m tests.integration.serve.cut_restores TEMPLATE WORK [FILES]`: TEMPLATE is a data directory with a
checked backup in `restore`; prints how many kills were survived, or what one of them lost. With FILES the
attached files are somewhere else, as on another file system: no rename leads there.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parley.backups import manifest
from parley.backups.restoring import install, recover
from parley.lib.config import Config

MOST = 60


def tree(folder: Path) -> dict[str, str]:
    """Every file that counts, by its hash: not the unpacked backup, nor what was put aside."""
    named = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named.items()
        if not re.match(r"restore/|replaced-|swap\.part|.*\.moved", str(name))
    }


def killing(at: int, apart: Path) -> None:
    """From now on this process dies before its step number `at`: a rename or a removal."""
    left = [at]

    def stepping(real: Callable[..., Any], *, moves: bool) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            if moves and len({Path(each).is_relative_to(apart) for each in args}) == 2:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            return real(*args, **options)

        return step

    os.rename = stepping(os.rename, moves=True)
    os.unlink = stepping(os.unlink, moves=False)


def killed(config: Config, at: int, apart: Path) -> bool:
    """Restore in a child that dies before a step; False when it came to its end before."""
    child = os.fork()
    if not child:
        killing(at, apart)
        folder = config.data / "restore"
        about = manifest.read((folder / manifest.NAME).read_bytes())
        install(config, folder, about, replace=True)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def tried(places: list[Path], at: int) -> tuple[bool, bool, dict[str, str]]:
    """Whether a restore was killed at that step, whether it was undone, and what is there at last."""
    template, work, *elsewhere = places
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(template, work)
    values = {"PARLEY_DATA": str(work)}
    for files in elsewhere:
        shutil.move(work / "files", files)
        values["FILES_URL"] = f"file://{files}"
    config = Config.from_environ(values)
    dead = killed(config, at, elsewhere[0].parent if elsewhere else work / "nowhere")
    told = recover(config)
    for files in elsewhere:
        shutil.move(files, work / "files")
    assert "swap.json" not in os.listdir(work)
    return dead, bool(told), tree(work)


def main(*places: Path) -> int:
    """How many kills were survived."""
    survived = 0
    before, (_dead, _undone, restored) = tree(places[0]), tried([*places], 10_000)
    assert before != restored
    for at in range(1, MOST):
        dead, undone, left = tried([*places], at)
        if not dead:
            break
        assert left == before or (left == restored and not undone), (at, undone, left, before)
        survived += 1
    return survived


if __name__ == "__main__":
    print(main(*map(Path, sys.argv[1:])))
