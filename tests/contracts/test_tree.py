"""What a clone must and must not hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written in pieces, or this file would find itself.
MACHINE_PATHS = re.compile(r"/wor" + r"k/(main|shared|\.)|/tm" + r"p/bash_|/roo" + r"t/\.")
REGISTRIES = re.compile(r"https?://[a-z.]*(py" + r"pi|pythonh" + r"osted|np" + r"mjs|deb" + r"ian)\.")
VAGUE = re.compile(r"(^|_)(utils|helpers|common|misc)$|Manager$|^(handle|process|do)_")
# Names that a library calls.
GIVEN_NAMES = {"handle_exit", "handle_async_request", "MigrationManager"}


def tracked() -> list[Path]:
    """The files of the repository; of the tree, where there is none (an unpacked archive)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    skipped = {".venv", "data", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        if "vendor" in path.parts:
            continue
        try:
            found.append((path.relative_to(ROOT), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_place_of_one_machine_or_a_registry() -> None:
    named = [
        f"{path}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATHS.search(line) or REGISTRIES.search(line)
    ]
    assert named == []


def test_the_licence_is_there_and_named() -> None:
    assert "MIT License" in (ROOT / "LICENSE").read_text()
    assert 'license = "MIT"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_without_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.split(r"\n(?=[a-zA-Z0-9])", text)
    pinned = [entry for entry in entries if re.match(r"[a-zA-Z0-9._-]+(\[[a-z,]+\])?==", entry)]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert len(pinned) == len([entry for entry in entries if entry[:1].isalnum()])


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev"])
def test_what_is_asked_for_is_in_the_lock(stem: str) -> None:
    asked = re.findall(r"^([a-zA-Z][a-zA-Z0-9._-]*)", (ROOT / f"{stem}.in").read_text(), re.MULTILINE)
    locked = set(
        re.findall(r"^([a-zA-Z0-9._-]+)(?:\[.*?\])?==", (ROOT / f"{stem}.txt").read_text(), re.MULTILINE)
    )
    assert {name.lower().replace("_", "-") for name in asked} - {name.lower() for name in locked} == set()


def test_names_say_something() -> None:
    vague = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        if VAGUE.search(path.stem):
            vague.append(str(path))
        for node in ast.walk(ast.parse(path.read_text())):
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            if isinstance(node, kinds) and VAGUE.search(node.name) and node.name not in GIVEN_NAMES:
                vague.append(f"{path.name}: {node.name}")
    assert vague == []


def test_public_functions_say_what_they_promise() -> None:
    silent = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        tree = ast.parse(path.read_text())
        if ast.get_docstring(tree) is None:
            silent.append(f"{path.name}: module")
        for node in tree.body:
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            if isinstance(node, kinds) and not node.name.startswith("_") and ast.get_docstring(node) is None:
                silent.append(f"{path.name}: {node.name}")
    assert silent == []
