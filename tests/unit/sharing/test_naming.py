"""What downloads are called."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from parley.sharing.naming import attachment, file_stem


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Lighthouses", "Lighthouses"),
        ("会话：标题 👋", "会话：标题 👋"),
        ("../../etc/passwd", "etc passwd"),
        ('a/b\\c:d*e?f"g<h>i|j', "a b c d e f g h i j"),
        ("line\nbreak\ttab\x00", "line break tab"),
        ("photo\u202egnp.exe", "photognp.exe"),  # it would be shown backwards
        ("ends with dots. . .", "ends with dots"),
        ("NUL", "chat"),
        ("con.txt", "chat"),
        ("...", "chat"),
        ("", "chat"),
        ("字" * 300, "字" * 80),
    ],
)
def test_a_title_becomes_a_name_every_system_takes(title: str, stem: str) -> None:
    assert file_stem(title, "chat") == stem


@pytest.mark.parametrize("stem", ["Plain name", "会话 “标题”", 'say "hi"', "naïve; filename=x"])
def test_a_name_arrives_whole_and_breaks_no_header(stem: str) -> None:
    value = attachment(stem, "md")
    assert value.isascii()
    assert value.count('"') == 2
    if f'"{stem}.md"' not in value:
        assert unquote(value.rpartition("UTF-8''")[2]) == f"{stem}.md"
