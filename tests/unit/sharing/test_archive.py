"""ZIPs that are sent while they are made."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import AsyncIterator

from parley.sharing.archive import ZipStream
from parley.sharing.contents import in_base64


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_what_is_streamed_is_a_whole_archive() -> None:
    archive = ZipStream()
    sent = b""
    noise = random.Random(1).randbytes(3_000_000)
    async for piece in archive.entry("a/文.json", pieces(b"{", b"}" * 200_000)):
        sent += piece
    async for piece in archive.entry("noise", pieces(noise), packed=False):
        sent += piece
        assert len(piece) < 1_200_000
    async for piece in archive.entry("empty", pieces()):
        sent += piece
    sent += archive.end()
    with zipfile.ZipFile(io.BytesIO(sent)) as read:
        assert read.testzip() is None
        assert read.namelist() == ["a/文.json", "noise", "empty"]
        assert read.read("a/文.json") == b"{" + b"}" * 200_000
        assert read.read("noise") == noise
        assert read.getinfo("noise").compress_type == zipfile.ZIP_STORED


async def test_a_download_that_is_cut_off_leaves_nothing_behind() -> None:
    archive = ZipStream()
    body = archive.entry("a", pieces(*[bytes([n]) * 70_000 for n in range(100)]), packed=False)
    await anext(body)
    await body.aclose()  # type: ignore[attr-defined]


async def test_base64_does_not_depend_on_the_parts() -> None:
    coded = b"".join([piece async for piece in in_base64(pieces(b"a", b"bcde", b"", b"fgh"))])
    assert coded == b"YWJjZGVmZ2g="
