"""Third-party files are exactly what VENDOR.toml says, and nothing else is in their folders."""

import hashlib
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = tomllib.loads((ROOT / "static/vendor/VENDOR.toml").read_text())["file"]


def test_every_vendored_file_has_the_recorded_hash() -> None:
    wrong = [
        entry["path"]
        for entry in ENTRIES
        if hashlib.sha256((ROOT / entry["path"]).read_bytes()).hexdigest() != entry["sha256"]
    ]
    assert wrong == []


def test_every_vendored_file_is_recorded_with_its_licence() -> None:
    licences = {entry["licence_file"] for entry in ENTRIES}
    recorded = {entry["path"] for entry in ENTRIES} | licences | {"static/vendor/VENDOR.toml"}
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in ("static/vendor", "tests/vendor")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert present == recorded
    assert all(entry["version"] and entry["licence"] for entry in ENTRIES)


def test_no_page_loads_anything_from_another_host() -> None:
    for path in [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static").rglob("*.css"),
        *(ROOT / "static/js").rglob("*.js"),
    ]:
        if "vendor" not in path.parts:
            text = path.read_text()
            assert "https://" not in text, path
            assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), path
