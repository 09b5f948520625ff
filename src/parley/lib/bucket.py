"""A bucket of an S3-compatible service as a store of bytes, through obstore. Blocking.

`s3://[key:secret@]bucket[/prefix][?endpoint=https://…&region=…]`. What the address does not say comes from
the usual variables (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, …), which
obstore reads itself (its "S3Config"). It opens its own connections: the one exception beside lib/http.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from parley.lib.clock import now_ms
from parley.lib.storage import StorageError

if TYPE_CHECKING:
    from obstore.store import S3Store

TIMEOUT = timedelta(seconds=30)  # of one request
CONNECT = timedelta(seconds=5)
RETRIES = 2
LISTED_AT_ONCE = 1000


class Bucket:
    """Part of a bucket. An object is on the service or it is not: S3 has no halves."""

    def __init__(self, url: str) -> None:
        self._store = _opened(url)

    def put(self, name: str, data: bytes) -> None:
        """One PUT, or the parts of a large one."""
        import obstore

        with _told(name):
            obstore.put(self._store, name, data)

    def get(self, name: str) -> bytes:
        """All bytes."""
        import obstore

        with _told(name):
            return bytes(obstore.get(self._store, name).bytes())

    def part(self, name: str, start: int, length: int) -> bytes:
        """One ranged GET."""
        import obstore

        with _told(name):
            return bytes(obstore.get_range(self._store, name, start=start, length=length))

    def renew(self, name: str, seconds: float) -> bool:
        """Objects have one date, that of their writing: an older one has to be put again."""
        import obstore

        try:
            with _told(name):
                written: float = obstore.head(self._store, name)["last_modified"].timestamp()
        except FileNotFoundError:
            return False
        return now_ms() / 1000 - written < seconds / 2

    def move(self, name: str, to: str) -> None:
        """Copied, then removed."""
        import obstore

        with _told(name):
            obstore.rename(self._store, name, to)

    def delete(self, name: str) -> None:
        """Remove it."""
        import obstore

        with contextlib.suppress(FileNotFoundError), _told(name):
            obstore.delete(self._store, name)

    def listed(self, folder: str) -> Iterator[tuple[str, float]]:
        """Names, a page of a thousand at a time."""
        import obstore

        with _told(folder):
            for page in obstore.list(self._store, prefix=folder, chunk_size=LISTED_AT_ONCE):
                for each in page:
                    yield each["path"].rpartition("/")[2], each["last_modified"].timestamp()


def _opened(url: str) -> S3Store:
    from obstore.store import S3Store

    parts = urlsplit(url)
    given: dict[str, Any] = dict(parse_qsl(parts.query))
    if parts.username and parts.password:
        given["access_key_id"], given["secret_access_key"] = unquote(parts.username), unquote(parts.password)
    plain = str(given.get("endpoint", "")).startswith("http://")
    try:
        return S3Store(
            parts.hostname or "",
            prefix=parts.path.strip("/") or None,
            client_options={"timeout": TIMEOUT, "connect_timeout": CONNECT, "allow_http": plain},
            retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
            **given,
        )
    except Exception as error:
        raise StorageError(type(error).__name__) from None  # its text may hold what the address holds


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Errors of obstore as ours."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        if "NoSuchBucket" in str(error):
            raise StorageError("NoSuchBucket") from None
        raise FileNotFoundError(name) from None
    except (BaseError, OSError) as error:
        raise StorageError(type(error).__name__) from None  # its text repeats requests
