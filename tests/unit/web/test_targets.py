"""Where `?next=` may lead."""

import pytest

from parley.web.targets import safe_target


@pytest.mark.parametrize("target", ["/", "/chat", "/chat/7?at=3#m", "/parley/chat", "/搜索?q=中文"])
def test_a_path_of_this_site_is_kept(target: str) -> None:
    assert safe_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "%2f%2fevil.example",
        "/%2f/evil.example",
        "/%5Cevil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "/chat\r\nSet-Cookie: a=b",
        "chat",
        "/" + "a" * 2001,
    ],
)
def test_everything_else_leads_to_the_default(target: str | None) -> None:
    assert safe_target(target, "/chat") == "/chat"
