"""Reading a backup: everything in it is checked before anything of it is used."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from parley.backups import manifest, postgres
from parley.backups.manifest import DAMAGED, DATABASES, NEWER, NO_BACKUP, PIECES, Manifest, Piece, Refused
from parley.lib.config import ConfigError
from parley.migrate import known_steps

BLOCK = 1_048_576
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
ABOUT_THE_NEXT = (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME)  # pax headers; a size of 8 GB needs one
LONGEST_HEADER = 65_536  # bytes


class _Entry(tarfile.TarInfo):
    """A header of the archive; one that would cost more than it is long is refused before it is read.

    Sparse entries claim any size without the bytes, and what stands before an entry is read at once.
    """

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type not in PLAIN and (self.type not in ABOUT_THE_NEXT or self.size > LONGEST_HEADER):
            raise Refused(DAMAGED, why=self.name[:80])
        entry: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]  # typeshed leaves it out
        if entry.sparse is not None:
            raise Refused(DAMAGED, why=entry.name[:80])
        return entry


def verify(path: Path) -> Manifest:
    """What a backup says of itself, with every hash compared and its database opened; blocking.

    The database is unpacked beside the file for a moment. Raises Refused.
    """
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=path.parent) as folder:
        return unpack(path, Path(folder), only_database=True)


def unpack(path: Path, folder: Path, *, only_database: bool = False) -> Manifest:
    """Unpack into the empty `folder` and check all of it: names, sizes, hashes, the database itself.

    Raises Refused for anything that is not as the manifest says, and for a newer Parley's.
    """
    found: list[Piece] = []
    about: Manifest | None = None
    ours = False  # it began like a backup: what is wrong further on is damage
    try:
        with path.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|", tarinfo=_Entry) as tar:
            while (entry := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # a list of all would grow with the number of files
                ours = ours or PIECES.fullmatch(entry.name) is not None
                source = tar.extractfile(entry) if entry.isreg() else None
                if source is None or about is not None:
                    raise Refused(DAMAGED, why=entry.name[:80])
                if entry.name == manifest.NAME:
                    about = _manifest(entry, source, len(found))
                else:
                    found.append(_piece(entry, source, folder, only_database))
    except (tarfile.TarError, EOFError, ValueError) as error:  # ValueError: figures in a header that are none
        why = str(error)[:120]
        raise (Refused(DAMAGED, why=why) if ours else Refused(NO_BACKUP)) from None
    except OSError as error:
        raise Refused(DAMAGED, why=error.strerror or str(error)) from None
    if about is None:
        raise Refused(DAMAGED, why=manifest.NAME) if found else Refused(NO_BACKUP)
    _compare(about, found)
    _open_database(about, folder)
    return about


def _manifest(entry: tarfile.TarInfo, source: IO[bytes], pieces: int) -> Manifest:
    if entry.size > manifest.largest(pieces):
        raise Refused(DAMAGED, why=manifest.NAME)
    about = manifest.read(source.read())
    known = {step.id for step in known_steps()}
    if not set(about.schema) <= known:
        raise Refused(NEWER, version=about.parley[:40])
    return about


def _piece(entry: tarfile.TarInfo, source: IO[bytes], folder: Path, only_database: bool) -> Piece:
    if not PIECES.fullmatch(entry.name):
        raise Refused(NO_BACKUP)
    sha256, size = hashlib.sha256(), 0
    keep = not only_database or entry.name in DATABASES.values()
    with _target(folder / entry.name) if keep else contextlib.nullcontext() as target:
        while block := source.read(BLOCK):
            sha256.update(block)
            size += len(block)
            if target is not None:
                target.write(block)
        if target is not None:
            target.flush()
            os.fsync(target.fileno())
    return Piece(entry.name, size, sha256.hexdigest())


def _target(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _compare(about: Manifest, found: list[Piece]) -> None:
    said, there = {each.name: each for each in about.pieces}, {each.name: each for each in found}
    if len(there) != len(found) or DATABASES[about.engine] not in there:
        raise Refused(DAMAGED, why=manifest.NAME)
    for name in sorted(said.keys() | there.keys()):
        if said.get(name) != there.get(name):
            raise Refused(DAMAGED, why=name)


def _open_database(about: Manifest, folder: Path) -> None:
    path = folder / DATABASES[about.engine]
    if about.engine == "postgres":
        postgres.check(path)
        return
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            rows = connection.execute("SELECT name FROM migration WHERE app_name = 'parley' ORDER BY id")
            recorded = [row[0] for row in rows]
    except (sqlite3.Error, ConfigError) as error:
        raise Refused(DAMAGED, why=str(error)) from None
    if answer != "ok" or recorded != about.schema:
        raise Refused(DAMAGED, why=str(answer)[:120])
