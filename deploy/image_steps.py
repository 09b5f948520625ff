"""Runs what the Dockerfile would run, in a clean directory and without a container engine.

    python deploy/image_steps.py DIRECTORY [--venv PATH]

COPY takes only what `.dockerignore` lets through; RUN lines of the build stage are executed with the
image's paths moved below DIRECTORY; then the result must pass check, prepare, serve, health and
SIGTERM with exactly the files and variables of the image. Not run: package installation (it needs
the image's Debian) and the change of user. `--venv` uses an installed environment instead of making
one. Exit status 0 when everything held.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
VENV = "/opt/venv"


class Step(NamedTuple):
    """One instruction of the Dockerfile."""

    stage: int
    word: str
    rest: str


def steps(text: str) -> list[Step]:
    """The instructions in order; continued lines are joined, comments dropped."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    found: list[Step] = []
    stage = -1
    for line in joined:
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Step(stage, word, rest.strip()))
    return found


def sent_to_the_engine() -> set[str]:
    """The top-level names that `.dockerignore` (nothing, but …) lets through."""
    lines = [line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()]
    assert lines[[bool(line) and not line.startswith("#") for line in lines].index(True)] == "*"
    return {line[1:] for line in lines if line.startswith("!")}


class Image:
    """The directories that stand for the two stages."""

    def __init__(self, directory: Path, venv: Path | None) -> None:
        self.directory = directory
        self.given_venv = venv
        self.venv = venv or directory / "venv"
        self.environ: dict[str, str] = {}
        self.command: list[str] = []
        self.health: list[str] = []

    def build(self) -> None:
        """Every step of the Dockerfile that can be run here."""
        for step in steps((ROOT / "Dockerfile").read_text()):
            if step.word == "COPY":
                self._copy(step)
            elif step.word == "RUN" and "apt-get" not in step.rest:
                self._run(step)
            elif step.word == "ENV" and step.stage == 1:
                self.environ |= dict(part.split("=", 1) for part in shlex.split(step.rest))
            elif step.word == "CMD":
                self.command = json.loads(step.rest)
            elif step.word == "HEALTHCHECK":
                self.health = json.loads(step.rest.partition(" CMD ")[2])

    def app(self, stage: int) -> Path:
        """/app of a stage."""
        path = self.directory / f"stage{stage}" / "app"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _copy(self, step: Step) -> None:
        *sources, target = [part for part in step.rest.split() if not part.startswith("--")]
        for source in sources:
            if "--from=build" in step.rest:
                if source != VENV:  # one environment serves both: it cannot be moved
                    shutil.copytree(self.app(0) / source.removeprefix("/app/"), self.app(step.stage) / target)
                continue
            if source not in sent_to_the_engine():
                raise SystemExit(f"COPY {source}: .dockerignore does not let it through")
            self._copy_in(ROOT / source, self.app(step.stage) / target)

    def _copy_in(self, source: Path, target: Path) -> None:
        if source.is_dir():
            left_out = shutil.ignore_patterns("__pycache__", "*.mo")
            shutil.copytree(source, target, ignore=left_out)
        else:
            shutil.copy(source, target / source.name if target.is_dir() else target)

    def _run(self, step: Step) -> None:
        if self.given_venv and fnmatch.fnmatch(step.rest, "*pip install*"):
            return
        line = step.rest.replace(VENV, str(self.venv))
        line = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", line)
        subprocess.run(["/bin/sh", "-ec", line], cwd=self.app(step.stage), check=True)

    def try_out(self) -> None:
        """Check, prepare, serve, health, stop."""
        data = self.directory / "data"
        data.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environ = {name: self._moved(value) for name, value in self.environ.items()}
        environ |= {"PARLEY_DATA": str(data), "PORT": str(port), "TMPDIR": str(self.directory)}
        environ["PATH"] = f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        for command in (["python", "-m", "parley", "check"], ["python", "-m", "parley", "prepare"]):
            subprocess.run(command, cwd=self.app(1), env=environ, check=True)
        self._serve(environ)

    def _moved(self, value: str) -> str:
        return value.replace(VENV, str(self.venv)).replace("/app", str(self.app(1)))

    def _serve(self, environ: dict[str, str]) -> None:
        with subprocess.Popen(
            self.command, cwd=self.app(1), env=environ, stdout=subprocess.PIPE, text=True
        ) as parley:
            assert parley.stdout is not None
            line = parley.stdout.readline()
            print(line, end="")
            try:
                assert line.startswith("Parley is ready"), "it did not become ready"
                subprocess.run(self.health, cwd=self.app(1), env=environ, check=True)
            finally:
                parley.send_signal(signal.SIGTERM)
            assert parley.wait(40) == 0, f"it ended with {parley.returncode}"


def main() -> None:
    """The command line."""
    reader = argparse.ArgumentParser(description="Run the steps of the Dockerfile without an engine.")
    reader.add_argument("directory", type=Path)
    reader.add_argument("--venv", type=Path)
    given = reader.parse_args()
    given.directory.mkdir(parents=True)
    image = Image(given.directory.resolve(), given.venv.absolute() if given.venv else None)
    image.build()
    image.try_out()
    print("the image's steps hold")


if __name__ == "__main__":
    main()
