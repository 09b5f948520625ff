"""The hard limits on sizes: what has to fit in a head. Soft limits are half of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAINS = {
    "accounts", "admin", "catalogue", "chat", "connections", "files", "generations", "importing", "prompts",
    "routes", "search", "settings", "sharing",
}  # fmt: skip
LIMITS = {
    "module": 400,
    "function": 50,
    "controller": 25,
    "job": 15,
    "parameters": 7,
    "public methods": 12,
    "foreign imports": 6,
    "test module": 500,
    "test": 40,
    "page": 150,
    "fragment": 80,
    "script": 250,
    "style": 300,
}
# path[::name] -> (what, size allowed, reason and date). The list only shrinks.
ALLOWED: dict[str, tuple[str, int, str]] = {
    "src/parley/lib/markdown.py::_Renderer": (
        "public methods",
        13,
        "one method per token kind, called by name by markdown-it; 2026-11-21",
    ),
}

Finding = tuple[str, str, int]  # where, what, size


def test_nothing_is_larger_than_its_limit() -> None:
    over = [
        f"{where}: {what} {size}, at most {limit}"
        for where, what, size in findings()
        if size > (limit := allowed(where, what))
    ]
    assert over == []


def test_every_exception_is_still_needed() -> None:
    needed = {where for where, what, size in findings() if size > LIMITS[what]}
    assert set(ALLOWED) - needed == set()


def allowed(where: str, what: str) -> int:
    entry = ALLOWED.get(where)
    return entry[1] if entry and entry[0] == what else LIMITS[what]


def findings() -> Iterator[Finding]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        yield from in_python(path, path.read_text())
    for path in sorted((ROOT / "tests").rglob("*.py")):
        yield from in_test(path, path.read_text())
    yield from (finding for pattern, kind in ASSETS for finding in in_assets(pattern, kind))


ASSETS = (("static/js/**/*.js", "script"), ("static/css/**/*.css", "style"), ("templates/**/*.html", "page"))


def in_assets(pattern: str, kind: str) -> Iterator[Finding]:
    for path in sorted(ROOT.glob(pattern)):
        fragment = kind == "page" and path.name.startswith("_")
        yield str(path.relative_to(ROOT)), "fragment" if fragment else kind, lines_of(path.read_text())


def in_python(path: Path, text: str) -> Iterator[Finding]:
    where = str(path.relative_to(ROOT))
    tree = ast.parse(text)
    yield where, "module", lines_of(text)
    yield where, "foreign imports", foreign_imports(path, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            what = "function"
            if "controllers" in path.parts or path.stem == "controllers":
                what = "controller" if node.decorator_list else what
            elif path.stem == "jobs" and isinstance(node, ast.AsyncFunctionDef):
                what = "job"
            yield f"{where}::{node.name}", what, length(node)
            yield f"{where}::{node.name}()", "parameters", parameters(node)
        elif isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
            public = [m for m in methods if not m.name.startswith("_")]
            yield f"{where}::{node.name}", "public methods", len(public)


def in_test(path: Path, text: str) -> Iterator[Finding]:
    where = str(path.relative_to(ROOT))
    yield where, "test module", lines_of(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield f"{where}::{node.name}", "test", length(node)


def foreign_imports(path: Path, tree: ast.Module) -> int:
    """Modules of other domains that this one names."""
    inside = path.relative_to(ROOT / "src" / "parley").parts
    if len(inside) < 2:  # composition roots may know everybody
        return 0
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    domains = [name.split(".")[1] for name in names if name.startswith("parley.")]
    return sum(domain in DOMAINS and domain != inside[0] for domain in domains)


def lines_of(text: str) -> int:
    return text.count("\n")


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in given)


@pytest.mark.parametrize(
    ("text", "what", "size"),
    [
        ("def f(a, b, *, c): ...\n", "parameters", 3),
        ("class A:\n    def f(self): ...\n    def _g(self): ...\n", "public methods", 1),
        ("def f():\n    a = 1\n    return a\n", "function", 3),
        ("from parley.accounts.actor import Actor\nfrom parley.lib.db import one\n", "foreign imports", 1),
    ],
)
def test_sizes_are_measured_as_meant(text: str, what: str, size: int) -> None:
    found = in_python(ROOT / "src" / "parley" / "chat" / "x.py", text)
    assert [n for _, kind, n in found if kind == what] == [size]
