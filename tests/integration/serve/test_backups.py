"""A backup brings everything back, or says why not and changes nothing."""

import asyncio
import contextlib
import errno
import hashlib
import io
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import pytest

from parley.backups import manifest, postgres
from parley.backups.manifest import Refused
from parley.backups.reading import verify
from parley.backups.restoring import recover, restore, roll_back, stage, stage_for_restart
from parley.backups.writing import write_backup
from parley.files.content import Content
from parley.lib.config import Config
from parley.migrate import take_snapshot
from parley.startup import keep_secret, prepare
from tests.servers import ROOT

PASSPHRASE = "three quiet otters"


def configured(data: Path, **values: str) -> Config:
    return Config.from_environ({"PARLEY_DATA": str(data), **values})


@contextlib.contextmanager
def database(config: Config) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(str(config.sqlite_path), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    yield connection
    connection.close()


def add_user(config: Config, name: str) -> None:
    with database(config) as connection:
        connection.execute(
            "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at)"
            " VALUES (?, ?, 'x', 'user', 'active', 0)",
            (name, name),
        )


def users(config: Config) -> list[str]:
    with database(config) as connection:
        return [row[0] for row in connection.execute("SELECT username FROM user_account ORDER BY id")]


def tree(folder: Path) -> dict[str, str]:
    """Every file below and its hash: what "nothing changed" means."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Path]:
    """A Parley with a person and a picture, and its backup under a passphrase."""
    folder = tmp_path_factory.mktemp("made")
    prepare(configured(folder / "data"))
    config = configured(folder / "data")
    add_user(config, "before")
    Content.of(config).keep(b"a picture")
    target = folder / "backup.tar"
    write_backup(config, target, PASSPHRASE)
    return config, target


def test_a_backup_restores_into_an_empty_directory(made: tuple[Config, Path], tmp_path: Path) -> None:
    config, target = made
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert config.secret not in target.read_bytes()
    assert sorted(path.name for path in target.parent.iterdir()) == ["backup.tar", "data"]
    told = restore(configured(tmp_path / "new"), target, PASSPHRASE)
    assert told[0].startswith("restored 2 entries")
    back = configured(tmp_path / "new")
    assert back.secret == config.secret
    assert users(back) == ["before"]
    assert Content.of(back).read(hashlib.sha256(b"a picture").hexdigest()) == b"a picture"
    prepare(back)
    assert not (tmp_path / "new" / "restore").exists()
    with pytest.raises(Refused, match="data here already"):
        restore(back, target, PASSPHRASE)


def test_replacing_keeps_what_was_there_aside(made: tuple[Config, Path], tmp_path: Path) -> None:
    _config, target = made
    prepare(configured(tmp_path / "new"))
    add_user(configured(tmp_path / "new"), "mine")
    restore(configured(tmp_path / "new"), target, PASSPHRASE, replace=True)
    assert users(configured(tmp_path / "new")) == ["before"]
    (aside,) = tmp_path.glob("new/replaced-*")
    assert users(configured(aside)) == ["mine"]
    assert (aside / "secret_key").exists()


def test_without_a_passphrase_the_key_stays_out(made: tuple[Config, Path], tmp_path: Path) -> None:
    config, _target = made
    told = write_backup(config, tmp_path / "plain.tar")
    assert any("secret key is NOT in it" in line for line in told)
    assert verify(tmp_path / "plain.tar").key is None
    told = restore(configured(tmp_path / "new"), tmp_path / "plain.tar")
    assert not (tmp_path / "new" / "secret_key").exists()
    assert "the secret key was not in it" in told[-1]
    with pytest.raises(Refused, match="at least 8"):
        write_backup(config, tmp_path / "short.tar", "short")


def test_a_wrong_passphrase_is_refused_and_nothing_changes(made: tuple[Config, Path], tmp_path: Path) -> None:
    _config, target = made
    here = configured(tmp_path / "new")
    prepare(here)
    before = tree(tmp_path)
    for passphrase, why in (("", "its passphrase is needed"), ("three loud otters", "not the one")):
        with pytest.raises(Refused, match=why):
            restore(here, target, passphrase, replace=True)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9, 0.97])
def test_a_truncated_file_is_refused(made: tuple[Config, Path], tmp_path: Path, share: float) -> None:
    whole = made[1].read_bytes()
    body = len(whole.rstrip(b"\0"))
    (tmp_path / "cut.tar").write_bytes(whole[: int(body * share)])
    here = configured(tmp_path / "new")
    with pytest.raises(Refused, match=r"damaged|no backup"):
        restore(here, tmp_path / "cut.tar", PASSPHRASE)
    assert not (tmp_path / "new").exists() or tree(tmp_path / "new") == {}


@pytest.mark.parametrize("at", [600, 5_000, -20_000, -10_700])
def test_an_altered_byte_is_refused(made: tuple[Config, Path], tmp_path: Path, at: int) -> None:
    data = bytearray(made[1].read_bytes())
    at = at if at > 0 else len(bytes(data).rstrip(b"\0")) - 400
    data[at] ^= 1
    (tmp_path / "altered.tar").write_bytes(data)
    with pytest.raises(Refused):
        restore(configured(tmp_path / "new"), tmp_path / "altered.tar", PASSPHRASE)
    assert not (tmp_path / "new").exists() or tree(tmp_path / "new") == {}


def rewritten(source: Path, target: Path, **changes: object) -> None:
    """The backup with another manifest."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in old:
            body = old.extractfile(entry)
            assert body is not None
            if entry.name == manifest.NAME:
                about = msgspec.json.encode(msgspec.json.decode(body.read()) | changes)
                entry.size = len(about)
                body = io.BytesIO(about)
            new.addfile(entry, body)


def test_a_newer_versions_backup_is_refused(made: tuple[Config, Path], tmp_path: Path) -> None:
    newer = {"schema": ["2031-01-01T00:00:00:000000"], "parley": "9.0"}
    for changes in (newer, {"version": 2, "parley": "9.0"}):
        rewritten(made[1], tmp_path / "newer.tar", **changes)
        with pytest.raises(Refused, match=r"newer Parley \(9\.0\)"):
            restore(configured(tmp_path / "new"), tmp_path / "newer.tar", PASSPHRASE)
    assert not (tmp_path / "new" / "parley.db").exists()


def test_a_changed_manifest_is_noticed_by_the_seal(made: tuple[Config, Path], tmp_path: Path) -> None:
    rewritten(made[1], tmp_path / "changed.tar", createdAt=1)
    verify(tmp_path / "changed.tar")
    with pytest.raises(Refused, match="was changed"):
        restore(configured(tmp_path / "new"), tmp_path / "changed.tar", PASSPHRASE)


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "text", "../text")
    for name in ("text", "other.tar"):
        with pytest.raises(Refused, match="no backup of Parley"):
            verify(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.tar", "text"]


def test_an_existing_file_and_a_missing_folder_are_refused(made: tuple[Config, Path], tmp_path: Path) -> None:
    config, target = made
    with pytest.raises(Refused, match="exists already"):
        write_backup(config, target)
    with pytest.raises(Refused, match="could not be written"):
        write_backup(config, tmp_path / "nowhere" / "backup.tar")
    assert list(tmp_path.iterdir()) == []


def test_a_staged_restore_is_put_in_place_by_the_next_start(
    made: tuple[Config, Path], tmp_path: Path
) -> None:
    prepare(configured(tmp_path / "new"))
    add_user(configured(tmp_path / "new"), "mine")
    here = configured(tmp_path / "new")
    assert not stage_for_restart(here, made[1], PASSPHRASE, lambda: False)  # an administrator came meanwhile
    assert not (tmp_path / "new" / "restore").exists()
    assert stage_for_restart(here, made[1], PASSPHRASE, lambda: True)
    with pytest.raises(Refused, match="Another backup"):
        stage_for_restart(here, made[1], PASSPHRASE, lambda: True)
    assert users(here) == ["mine"]
    prepare(here)
    assert users(configured(tmp_path / "new")) == ["before"]
    assert configured(tmp_path / "new").secret == made[0].secret
    assert keep_secret(configured(tmp_path / "new")).secret == made[0].secret
    assert not (tmp_path / "new" / "restore").exists()


def test_a_restore_that_is_killed_at_any_step_leaves_what_was_there(
    made: tuple[Config, Path], tmp_path: Path
) -> None:
    here = configured(tmp_path / "open")
    prepare(here)
    Content.of(here).keep(b"mine")
    with database(here) as reading:  # an open connection keeps the -wal, with somebody in it
        reading.execute("SELECT 1 FROM user_account").fetchall()
        add_user(here, "mine")
        shutil.copytree(here.data, tmp_path / "template")
    template = configured(tmp_path / "template")
    assert (tmp_path / "template" / "parley.db-wal").stat().st_size > 0
    stage(template, made[1], PASSPHRASE, replace=True)
    (tmp_path / "disk").mkdir()
    for more in ([], [str(tmp_path / "disk" / "files")]):
        command = [sys.executable, "-m", "tests.integration.serve.cut_restores", str(template.data)]
        done = subprocess.run(
            [*command, str(tmp_path / "work"), *more], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) >= 10
    shutil.copytree(template.data, tmp_path / "last")
    os.rename(tmp_path / "last" / "parley.db", tmp_path / "last" / "aside.db")
    moves = [[str(tmp_path / "last" / name) for name in ("parley.db", "aside.db")]]
    plan = msgspec.json.encode({"aside": str(tmp_path / "last" / "replaced-1"), "moves": moves})
    (tmp_path / "last" / "swap.json").write_bytes(plan)
    prepare(configured(tmp_path / "last"))  # the start finds the plan before it opens anything
    assert users(configured(tmp_path / "last")) == ["mine"]
    assert not (tmp_path / "last" / "restore").exists()


def broken_disk(patch: pytest.MonkeyPatch, renames: int, *, goes_back: bool) -> None:
    """From now on so many renames work, then one does not, and later ones only if it `goes_back`.

    The plan of moves cannot be removed either.
    """
    left, rename, unlink = [renames], os.rename, Path.unlink

    def renamed(origin: Path, place: Path) -> None:
        left[0] -= 1
        if left[0] == -1 or (left[0] < 0 and not goes_back):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rename(origin, place)

    def unlinked(path: Path, missing_ok: bool = False) -> None:
        if path.name == "swap.json":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(path, missing_ok=missing_ok)

    patch.setattr(os, "rename", renamed)
    patch.setattr(Path, "unlink", unlinked)


@pytest.mark.parametrize("goes_back", [False, True])
def test_what_could_not_even_be_undone_is_put_back_by_the_next_start(
    made: tuple[Config, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, goes_back: bool
) -> None:
    here = configured(tmp_path / "here")
    prepare(here)
    add_user(here, "mine")
    assert here.sqlite_path
    take_snapshot(here.sqlite_path, here.data / "snapshots", "before-m0099_next")
    before = tree(here.data)
    restoring = partial(restore, here, made[1], PASSPHRASE, replace=True)
    acts: list[tuple[int, Callable[[], object]]] = [(6, restoring), (3, partial(roll_back, here))]
    for most, act in acts:
        for renames in range(1, most + 1):
            with monkeypatch.context() as patch:
                broken_disk(patch, renames, goes_back=goes_back)
                with pytest.raises(Refused):
                    act()
            recover(here)
            left = {name: hash for name, hash in tree(here.data).items() if not name.endswith(".part")}
            assert left == before, (renames, left)


def test_a_rollback_puts_the_copy_from_before_the_update_back(tmp_path: Path) -> None:
    prepare(configured(tmp_path))
    config = configured(tmp_path)
    with pytest.raises(Refused, match="no copy of the database"):
        roll_back(config)
    add_user(config, "before")
    assert config.sqlite_path is not None
    take_snapshot(config.sqlite_path, tmp_path / "snapshots", "before-m0099_next")
    add_user(config, "after")
    told = roll_back(config)
    assert users(config) == ["before"]
    (aside,) = tmp_path.glob("replaced-*")
    assert users(configured(aside)) == ["before", "after"]
    assert "before-m0099_next" in told[0]


def killed_after_the_database_was_loaded(here: Config, backup: Path, *, commits: bool) -> None:
    """What a dead process leaves: a plan whose moves are done, and a transaction psql ended by itself."""
    (here.data / "old").write_text("old")
    plan = {
        "aside": str(here.data / "replaced-1"),
        "moves": [[str(here.data / "old"), str(here.data / "new")]],
    }
    (here.data / "swap.json").write_bytes(msgspec.json.encode(plan))
    shutil.copy(here.data / "old", here.data / "new")
    (here.data / "old").rename(here.data / "old.moved")  # as between two file systems
    stage(here, backup, PASSPHRASE, replace=True)
    note = here.data / "swap.xid"
    with contextlib.nullcontext() if commits else pytest.raises(Refused, match="already exists"):
        postgres.load(here.database_url, here.data / "restore" / "parley.dump", note, replace=commits)
    told = recover(here)
    assert ("very end" in told[0], (here.data / "new").exists()) == (commits, commits)
    for left in (note, here.data / "restore", here.data / "old.moved"):
        assert not left.exists(), left


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="needs pg_dump")
def test_postgres_goes_through_its_own_programs(
    postgres_url: str, made: tuple[Config, Path], tmp_path: Path
) -> None:
    async def people(*statements: str) -> list[str]:
        connection = await asyncpg.connect(postgres_url)
        for statement in statements:
            await connection.execute(statement)
        rows = await connection.fetch("SELECT name FROM prompt_of_test")
        await connection.close()
        return [row["name"] for row in rows]

    secret = "Zk3v9XwQ2mT7rB5yN8cJ4hL6pD1fG0sA"
    here = configured(tmp_path / "data", DATABASE_URL=postgres_url, PARLEY_SECRET_KEY=secret)
    asyncio.run(people("CREATE TABLE prompt_of_test (name TEXT)", "INSERT INTO prompt_of_test VALUES ('a')"))
    write_backup(here, tmp_path / "pg.tar", PASSPHRASE)
    assert verify(tmp_path / "pg.tar").engine == "postgres"
    changed = asyncio.run(people("CREATE TABLE newer (a INT)", "UPDATE prompt_of_test SET name = 'b'"))
    with pytest.raises(Refused, match="already exists"):
        restore(here, tmp_path / "pg.tar", PASSPHRASE)
    assert changed == asyncio.run(people()) == ["b"]
    restore(here, tmp_path / "pg.tar", PASSPHRASE, replace=True)
    assert asyncio.run(people("CREATE TABLE newer (a INT)")) == ["a"]
    killed_after_the_database_was_loaded(here, tmp_path / "pg.tar", commits=True)
    assert asyncio.run(people("CREATE TABLE newer (a INT)")) == ["a"]
    killed_after_the_database_was_loaded(here, tmp_path / "pg.tar", commits=False)
    with pytest.raises(Refused, match="is of sqlite, and this Parley runs on postgres"):
        restore(here, made[1], PASSPHRASE, replace=True)
