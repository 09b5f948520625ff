"""What a page declares is what its template uses; every page has a title."""

import dataclasses
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import jinja2.nodes
import pytest
from jinja2 import meta

from parley.web.render import TEMPLATES, Page, Renderer

ROOT = Path(__file__).parents[2]
FRAMES = {
    "base.html",
    "app.html",
    "entry.html",
    "settings.html",
}  # whole documents without a page of their own


def environment() -> jinja2.Environment:
    return Renderer(root="", version="", asset=lambda path: path).environment


def subclasses(of: type[Page]) -> Iterator[type[Page]]:
    for cls in of.__subclasses__():
        yield from subclasses(cls)
        if "template" in vars(cls):
            yield cls


def all_pages() -> list[type[Page]]:
    for path in sorted((ROOT / "src").rglob("pages.py")):
        importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    # A slotted dataclass is made twice; only the second is in its module.
    found = {cls for cls in subclasses(Page) if getattr(sys.modules[cls.__module__], cls.__name__) is cls}
    return sorted(found, key=str)


def trees(name: str) -> dict[str, jinja2.nodes.Template]:
    """The syntax tree of a template and of all it extends or includes; macros are not followed."""
    found: dict[str, jinja2.nodes.Template] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        tree = environment().parse((TEMPLATES / current).read_text())
        found[current] = tree
        named = [node.template for node in tree.find_all(jinja2.nodes.Include)]
        named += [node.template for node in tree.find_all(jinja2.nodes.Extends)]
        for chosen in named:  # an include may choose between two
            constants = (
                [chosen] if isinstance(chosen, jinja2.nodes.Const) else chosen.find_all(jinja2.nodes.Const)
            )
            waiting += [constant.value for constant in constants if str(constant.value).endswith(".html")]
    return found


def loaded(tree: jinja2.nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "load"}


def made(tree: jinja2.nodes.Template) -> set[str]:
    """Loop variables, `set` and imported macros: an included fragment may use them too."""
    stored = {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx != "load"}
    imported = [name for node in tree.find_all(jinja2.nodes.FromImport) for name in node.names]
    return stored | {name if isinstance(name, str) else name[1] for name in imported}


def declared(page: type[Page]) -> set[str]:
    fields = {field.name for field in dataclasses.fields(page)}
    properties = {n for cls in page.__mro__ for n, v in vars(cls).items() if isinstance(v, property)}
    return fields | properties


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: f"{page.__module__}.{page.__name__}")
def test_a_template_uses_only_what_its_page_declares(page: type[Page]) -> None:
    found = trees(page.template)
    asked = set().union(*(meta.find_undeclared_variables(tree) for tree in found.values()))
    known = {*environment().globals, "ui"}.union(*(made(tree) for tree in found.values()))
    assert asked - known - declared(page) == set()


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: f"{page.__module__}.{page.__name__}")
def test_a_page_declares_only_what_its_template_uses(page: type[Page]) -> None:
    used = set().union(*(loaded(tree) for tree in trees(page.template).values()))
    fields = {field.name for field in dataclasses.fields(page)}
    in_properties = {field for field in fields if read_by_a_property(page, field)}
    assert fields - used - in_properties == set()


def read_by_a_property(page: type[Page], field: str) -> bool:
    """A field may exist for a property that the template prints."""
    getters = [v.fget for cls in page.__mro__ for v in vars(cls).values() if isinstance(v, property)]
    return any(getter is not None and field in getter.__code__.co_names for getter in getters)


def page_templates() -> list[str]:
    paths = [path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")]
    whole = [path for path in paths if not path.name.startswith("_") and path.parts[0] != "macros"]
    return sorted(str(path) for path in whole if str(path) not in FRAMES)


@pytest.mark.parametrize("name", page_templates())
def test_every_page_sets_its_title(name: str) -> None:
    assert re.search(r"\{%-? block title -?%\}", (TEMPLATES / name).read_text())


def test_every_template_is_used() -> None:
    used = {name for page in all_pages() for name in trees(page.template)}
    everything = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    named = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert {n for n in named - used if f'"{n}"' not in everything and f'"{n}"' not in source} == set()
