"""An upload while it is written, without a server."""

from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parley.importing import uploading
from parley.lib.errors import StorageFull

Usage = namedtuple("Usage", "free")


def sending(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    headers = {"content-type": "multipart/form-data; boundary=b"}
    return SimpleNamespace(headers=headers, content_length=None, receive=receive)


async def test_a_disk_that_others_fill_meanwhile_keeps_its_spare_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([2 * uploading.SPARE, uploading.SPARE - 1])
    monkeypatch.setattr("shutil.disk_usage", lambda _place: Usage(next(free)))
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.zip"\r\n\r\nPK\3\4\r\n--b--\r\n'
    with pytest.raises(StorageFull):
        await uploading.received(sending(body), SimpleNamespace(data=tmp_path), 1_000_000)  # type: ignore[arg-type]
    assert list((tmp_path / "imports").iterdir()) == []
