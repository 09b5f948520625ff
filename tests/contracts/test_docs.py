"""Documentation names what exists, and recipes stay short."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
ADR_PARTS = ("Status", "Context", "Decision", "Consequences", "Rejected")
# A file name in back-quotes: a path with a slash, or a well-known file at the top.
FILE = re.compile(
    r"`((?:\.?/)?(?:[\w.-]+/)+[\w.-]+\.\w+|[A-Z][\w.-]*\.(?:md|toml)|start\.sh|Dockerfile|\.env\.example)`"
)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text()
    linked = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    missing = [name for name in linked if not (path.parent / name).exists()]
    named = [
        name for name in FILE.findall(text) if not re.search(r"\b[A-Z]{4,}\b[./]", name.removesuffix(".md"))
    ]
    missing += [name for name in named if not is_there(name)]
    assert missing == []


def is_there(name: str) -> bool:
    """Named from the top, or from the package; data files of a running copy are not ours."""
    name = name.removeprefix("./")
    return name.startswith("data/") or any((base / name).exists() for base in (ROOT, ROOT / "src" / "parley"))


@pytest.mark.parametrize("path", sorted((ROOT / "docs/how-to").glob("*.md")), ids=lambda path: path.stem)
def test_a_recipe_has_at_most_four_steps(path: Path) -> None:
    steps = re.findall(r"^\d+\. ", path.read_text(), re.MULTILINE)
    assert 1 <= len(steps) <= 4


@pytest.mark.parametrize("path", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_says_why_and_what_was_rejected_on_one_page(path: Path) -> None:
    text = path.read_text()
    assert [part for part in ADR_PARTS if f"**{part}" not in text] == []
    assert text.count("\n") <= 60


def test_the_changelog_has_an_entry_for_this_version() -> None:
    import parley

    text = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{parley.__version__}]" in text


def test_both_readmes_tell_the_same_story() -> None:
    """The same headings in the same order, the same commands."""
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh.md"))
    assert english.count("\n## ") == chinese.count("\n## ")
    assert code(english) == code(chinese)


def code(text: str) -> list[str]:
    """What is to be typed: the lines of code blocks without their comments."""
    blocks = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL))
    return [line.split("  #")[0].rstrip() for line in blocks.splitlines() if not line.startswith("#")]
