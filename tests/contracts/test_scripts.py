"""Our scripts and styles keep the rules that let web/assets.py join them without a bundler."""

import re
from collections import Counter
from pathlib import Path

import pytest

from parley.web.assets import BUNDLES, STATIC, plain_script

SCRIPTS = sorted((STATIC / "js").glob("*.js"))
FEATURES = sorted((STATIC / "js/features").glob("*.js"))
STYLES = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = STATIC.parent / "templates"
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("bundle", ["js/entry.js", "js/parley.js"])
def test_no_top_level_name_is_used_twice_in_one_bundle(bundle: str) -> None:
    names = Counter(
        name for part in BUNDLES[bundle] for name in TOP_LEVEL.findall((STATIC / part).read_text())
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_every_import_names_something_its_module_exports() -> None:
    for script in SCRIPTS:
        for names, source in re.findall(
            r"^import \{ ([^}]+) \} from '\./(\w+)\.js';$", script.read_text(), re.M
        ):
            exported = re.findall(
                r"^export (?:async )?(?:function|const|let|class) (\w+)",
                (STATIC / "js" / f"{source}.js").read_text(),
                re.M,
            )
            assert {name.strip() for name in names.split(",")} <= set(exported), (script.name, source)


@pytest.mark.parametrize("bundle", ["js/entry.js", "js/parley.js"])
def test_a_bundle_holds_every_module_its_parts_import(bundle: str) -> None:
    parts = {Path(part).stem for part in BUNDLES[bundle]}
    for part in BUNDLES[bundle]:
        assert (
            set(re.findall(r"^import .* from '\./(\w+)\.js';$", (STATIC / part).read_text(), re.M)) <= parts
        )


def test_no_import_or_export_is_left_after_joining() -> None:
    for script in SCRIPTS:
        assert not re.search(rb"^\s*(import|export)\b", plain_script(script.read_bytes()), re.MULTILINE), (
            script.name
        )


def test_every_script_and_style_is_served() -> None:
    bundled = {part for parts in BUNDLES.values() for part in parts}
    assert {path.relative_to(STATIC).as_posix() for path in [*SCRIPTS, *STYLES]} <= bundled


def test_a_feature_stands_alone_and_says_how_it_starts() -> None:
    for path in FEATURES:
        text = path.read_text()
        assert not re.search(r"^\s*import\b", text, re.M), path.name
        assert re.search(r"^export (async )?function start\(", text, re.M), path.name


def test_scripts_and_styles_stay_small() -> None:
    for path in [*SCRIPTS, *FEATURES]:
        assert len(path.read_text().splitlines()) <= 250, path.name
    for path in STYLES:
        assert len(path.read_text().splitlines()) <= 300, path.name


def test_no_string_of_a_style_opens_a_comment_or_goes_over_a_line() -> None:
    for path in [*STYLES, *sorted((STATIC / "css/features").glob("*.css"))]:
        text = path.read_text()
        assert not re.search(r"""url\("[^"]*/\*""", text), path.name
        assert all(line.count('"') % 2 == 0 for line in text.splitlines()), path.name


def test_every_word_a_script_says_comes_from_the_page() -> None:
    words = set(re.findall(r"\bdata-([a-z-]+)=", (TEMPLATES / "_words.html").read_text()))
    said = {
        name
        for script in [*SCRIPTS, *FEATURES]
        for name in re.findall(r"\bword\('(\w+)'\)", script.read_text())
    }
    said |= {"stopped", "complete"}
    assert {re.sub(r"[A-Z]", lambda letter: "-" + letter[0].lower(), name) for name in said} == words


def test_every_icon_in_use_is_in_the_sprite_and_no_other_is() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img/icons.svg").read_text()))
    source = "\n".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    source += "\n".join(path.read_text() for path in (STATIC.parent / "src").rglob("*.py"))
    used = {name for name in drawn if re.search(rf"""["']{name}["']|#{name}\b""", source)}
    asked = set(re.findall(r"""\bicon\(["']([\w-]+)["']""", source))
    assert asked <= drawn
    assert used == drawn


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on", text), path
