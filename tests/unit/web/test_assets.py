"""Static files: their addresses, and the sizes we promise."""

import gzip
from pathlib import Path

import pytest

from parley.web.assets import Assets, bare_style, plain_script

KIB = 1024


def packed(assets: Assets, *names: str) -> int:
    return sum(len(gzip.compress(assets.body(name), 9)) for name in names)


def test_the_chat_page_loads_at_most_32_kib_of_script() -> None:
    assert packed(Assets(), "vendor/htmx.js", "js/parley.js") <= 32 * KIB


def test_account_pages_load_at_most_18_kib_of_script() -> None:
    assert packed(Assets(), "js/entry.js") <= 18 * KIB


def test_styles_and_icons_stay_within_their_budgets() -> None:
    assert packed(Assets(), "css/parley.css") <= 14 * KIB
    assert packed(Assets(), "img/icons.svg") <= 6 * KIB


def test_an_address_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = Assets("/parley", tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("b {}")
    after = Assets("/parley", tmp_path).url("a.css")
    assert before.startswith("/parley/static/")
    assert before != after


def test_an_unknown_file_has_no_address() -> None:
    with pytest.raises(KeyError):
        Assets().url("js/nothing.js")


def test_a_module_becomes_a_plain_script() -> None:
    module = b"// Why.\nimport { a } from './a.js';\nexport const b = a;\nexport function c() {}\n"
    assert plain_script(module) == b"const b = a;\nfunction c() {}\n"


def test_a_style_is_served_without_remarks_and_indentation() -> None:
    assert bare_style(b"/* Why. */\n.a {\n  color: red;  /* odd */\n}\n") == b"\n.a {\ncolor: red;  \n}\n"
