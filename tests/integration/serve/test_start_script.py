"""`start.sh` on machines that lack something: one clear line, nothing half made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What start.sh reads before it runs Parley."""
    for name in ("start.sh", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def start(checkout: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(checkout / "start.sh"), *words],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def python_without(checkout: Path, module: str) -> str:
    """An interpreter as Debian ships it without python3-venv."""
    (checkout / "blocked").mkdir()
    (checkout / "blocked" / f"{module}.py").write_text("raise ImportError('not installed')\n")
    script = checkout / "some-python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={checkout}/blocked exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(checkout: Path, module: str) -> None:
    done = start(checkout, PYTHON=python_without(checkout, module))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no venv module" in done.stderr
    assert "python3-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_python_that_is_too_old_is_refused(checkout: Path) -> None:
    old = checkout / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = start_without_python(checkout, old)
    assert done.returncode == 2
    assert "3.11 or newer" in done.stderr


def start_without_python(checkout: Path, old: Path) -> "subprocess.CompletedProcess[str]":
    """A machine whose PATH holds the usual tools and no Python."""
    tools = checkout / "bin"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "cmp"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    return start(checkout, PATH=str(tools), PYTHON=str(old))


def test_an_unknown_command_is_refused(checkout: Path) -> None:
    done = start(checkout, "fly")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown command fly" in done.stderr
