"""A backup made to do harm is refused, soon and with nothing left behind."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from parley.backups import manifest
from parley.backups.manifest import Manifest, Refused, Sealed
from parley.backups.reading import verify
from parley.backups.restoring import READY, STAGED, apply_staged, restore
from parley.lib.config import Config

HUGE = 1 << 32  # bytes that a header claims


def entry(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    for field, value in more.items():
        setattr(made, field, value)
    return made


def old_sparse() -> bytes:
    """GNU's first form of a file with holes: offset and length of its one piece, then its size."""
    header = bytearray(entry("parley.db", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    header[386:398] = header[483:495] = b"%011o\0" % HUGE
    header[398:410] = b"%011o\0" % 0
    return summed(header)


def summed(header: bytearray) -> bytes:
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def pax(**headers: str) -> bytes:
    made = entry("parley.db", pax_headers={name.replace("_", "."): text for name, text in headers.items()})
    return made.tobuf(tarfile.PAX_FORMAT)


def plain(made: tarfile.TarInfo, data: bytes = b"") -> bytes:
    made.size = made.size or len(data)
    return made.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "holes": old_sparse,
    "holes by pax": lambda: pax(GNU_sparse_map=f"{HUGE},0", GNU_sparse_size=str(HUGE)),
    "figures that are none": lambda: pax(GNU_sparse_map="a,b", GNU_sparse_size="x"),
    "a header of gigabytes": lambda: plain(entry("x", tarfile.XHDTYPE, size=HUGE), b"1"),
    "a size that is not there": lambda: plain(entry("parley.db", size=HUGE), b"1"),
    "a symbolic link": lambda: plain(entry("parley.db", tarfile.SYMTYPE, linkname="/etc/passwd")),
    "a hard link": lambda: plain(entry("parley.db", tarfile.LNKTYPE, linkname="../secret_key")),
    "a device": lambda: plain(entry("parley.db", tarfile.CHRTYPE)),
    "a way out": lambda: plain(entry("files/ab/../../x"), b"1"),
    "from the root": lambda: plain(entry("/parley.db"), b"1"),
    "the key itself": lambda: plain(entry("secret_key"), b"1"),
    "twice the same": lambda: plain(entry("parley.db"), b"1") * 2,
    "a long manifest": lambda: plain(entry(manifest.NAME), b"[" * 100_000),
    "a deep manifest": lambda: plain(entry(manifest.NAME), b"[" * 60_000),
    "a link after a piece": lambda: (
        plain(entry("parley.db"), b"1") + plain(entry("files/ab/c", tarfile.SYMTYPE, linkname="/"))
    ),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_it_is_refused_and_leaves_nothing(tmp_path: Path, how: str) -> None:
    (tmp_path / "hostile.tar").write_bytes(HOSTILE[how]() + bytes(1024))
    with pytest.raises(Refused, match=r"damaged|no backup"):
        restore(Config.from_environ({"PARLEY_DATA": str(tmp_path / "new")}), tmp_path / "hostile.tar")
    with pytest.raises(Refused, match=r"damaged|no backup"):
        verify(tmp_path / "hostile.tar")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["hostile.tar"]


@pytest.mark.parametrize(
    ("salt", "memory", "lanes"), [("AAAA", 64, 1), ("A" * 24, 8, 16), ("A" * 24, 1 << 30, 1)]
)
def test_figures_for_the_key_that_would_eat_the_machine(salt: str, memory: int, lanes: int) -> None:
    sealed = Sealed(salt, 1, memory, lanes, "A" * 16, "A" * 64)
    about = Manifest(parley="1", createdAt=1, engine="sqlite", schema=[], filesInside=True, key=sealed)
    with pytest.raises(Refused, match="damaged"):
        manifest.opened(about, "three quiet otters")


def test_what_cannot_be_put_in_place_is_tried_once(tmp_path: Path) -> None:
    config = Config.from_environ({"PARLEY_DATA": str(tmp_path)})
    staged = tmp_path / STAGED
    staged.mkdir()
    (staged / manifest.NAME).write_bytes(b"{}")
    (staged / READY).touch()
    with pytest.raises(Refused):
        apply_staged(config)
    assert not (staged / READY).exists()
