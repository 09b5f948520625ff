"""The first field of a multipart body: found in whatever pieces it comes, and nothing of the body is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.web.peeking import MOST, Peeking

KIND = "multipart/form-data; boundary=cut"


def part(head: str, text: str) -> str:
    return f"--cut\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n"


TOKEN, FILE = part('name="_csrf"', "abc"), part('name="file"; filename="a.png"', "x" * 20)
GOOD = (TOKEN + FILE + "--cut--\r\n").encode()


def looked(body: bytes, size: int, kind: str = KIND) -> tuple[str, bytes]:
    """What is found in a body that comes in pieces of `size` and what is read afterwards."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    messages: list[Any] = [{"type": "http.request", "body": each, "more_body": True} for each in pieces]
    messages[-1]["more_body"] = False
    messages.append({"type": "http.disconnect"})
    coming = iter(messages)

    async def receive() -> Any:
        return next(coming)

    async def look() -> tuple[str, bytes]:
        peeking = Peeking(receive)
        found = await peeking.first_field(kind, "_csrf")
        read = b""
        while (message := await peeking())["type"] == "http.request":
            read += message["body"]
        return found, read

    return asyncio.run(look())


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_it_is_found_in_any_pieces(size: int) -> None:
    assert looked(GOOD, size) == ("abc", GOOD)


@pytest.mark.parametrize(
    "body",
    [
        FILE + TOKEN + "--cut--\r\n",
        part('name="_csrf"; filename="a"', "abc") + "--cut--\r\n",
        part('name="other"', "abc") + TOKEN + "--cut--\r\n",
        part('name="_csrf"', "a" * MOST) + "--cut--\r\n",
        part('name="_csrf"', "abc")[:-2],  # broke off
        "x" * 3 * MOST,
        "",
    ],
)
def test_what_is_not_first_or_too_long_is_nothing(body: str) -> None:
    for size in (5, 100_000):
        assert looked(body.encode(), size) == ("", body.encode())


def test_another_kind_of_body_or_a_hostile_one_is_nothing() -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=other"):
        assert looked(GOOD, 50, kind) == ("", GOOD)
    assert looked(GOOD.replace(b"abc", b"\xff\xfe"), 50)[0] == ""
