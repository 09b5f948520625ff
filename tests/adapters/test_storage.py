"""One set of promises for both stores of files: a folder, and a bucket behind a real S3 protocol server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from parley.files.content import GRACE, Content
from parley.lib.bucket import Bucket
from parley.lib.errors import NotFound, Unavailable
from parley.lib.storage import Folder, Storage, StorageError


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3, with the bucket `things`."""
    server: WSGIServer = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), handler_class=Quiet
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    import urllib.request

    endpoint = f"http://127.0.0.1:{server.server_port}"
    request = urllib.request.Request(f"{endpoint}/things", method="PUT", headers={"Host": "s3.amazonaws.com"})
    urllib.request.urlopen(request).close()
    yield endpoint
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return Folder(tmp_path / "files")
    endpoint = request.getfixturevalue("s3")
    prefix = hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    return Bucket(f"s3://key:se%2Fcret@things/{prefix}?endpoint={endpoint}&region=us-east-1")


def test_bytes_come_back_whole_and_in_part(storage: Storage) -> None:
    storage.put("ab/abc", b"0123456789")
    assert storage.get("ab/abc") == b"0123456789"
    assert storage.part("ab/abc", 3, 4) == b"3456"
    storage.put("ab/abc", b"new")
    assert storage.get("ab/abc") == b"new"
    assert [name for name, _written in storage.listed("ab")] == ["abc"]
    assert list(storage.listed("cd")) == []


def test_what_is_not_there_is_said_the_same_way(storage: Storage) -> None:
    for look in (storage.get, lambda name: storage.part(name, 0, 1), lambda name: storage.move(name, "x/y")):
        with pytest.raises(FileNotFoundError):
            look("ab/nothing")
    storage.delete("ab/nothing")
    assert not storage.renew("ab/nothing", GRACE)


def test_things_move_and_go(storage: Storage) -> None:
    storage.put("ab/abc", b"x")
    assert storage.renew("ab/abc", GRACE)
    storage.move("ab/abc", "aside/abc")
    assert storage.get("aside/abc") == b"x"
    with pytest.raises(FileNotFoundError):
        storage.get("ab/abc")
    storage.delete("aside/abc")
    assert list(storage.listed("aside")) == []


def test_contents_are_kept_swept_and_brought_back(storage: Storage) -> None:
    content = Content(storage)
    sha256 = content.keep(b"a picture")
    assert content.keep(b"a picture") == sha256
    assert content.part(sha256, 2, 3) == b"pic"
    content.keep_thumb(sha256, b"small")
    assert content.thumb(sha256) == b"small"
    content.put_aside({sha256})
    assert content.read(sha256) == b"a picture"
    assert content.settle(content.aside(), {sha256}) == 0
    assert content.read(sha256) == b"a picture"
    content.put_aside({sha256})
    assert content.settle(content.aside(), set()) == 1
    assert content.thumb(sha256) is None
    with pytest.raises(NotFound):
        content.read(sha256)
    content.keep(b"a picture")
    assert content.read(sha256) == b"a picture"


def test_a_bucket_that_is_not_there_is_a_sentence_without_a_secret(s3: str) -> None:
    for url in (
        f"s3://key:hush@nowhere?endpoint={s3}&region=x",
        "s3://key:hush@b?endpoint=http://127.0.0.1:9",
    ):
        bucket = Bucket(url)
        with pytest.raises(StorageError) as error:
            bucket.put("ab/abc", b"x")
        assert "hush" not in str(error.value)
        with pytest.raises(Unavailable) as said:
            Content(bucket).keep(b"x")
        assert "does not answer" in said.value.message
        assert "hush" not in said.value.message
