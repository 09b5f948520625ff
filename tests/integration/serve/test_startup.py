"""What a first start makes, and what a backup brings back."""

import sqlite3
import stat
import tarfile
from pathlib import Path

import pytest

from parley.backup import write_backup
from parley.files.content import Content
from parley.lib.config import Config, ConfigError
from parley.startup import prepare


def configured(data: Path, **values: str) -> Config:
    return Config.from_environ({"PARLEY_DATA": str(data), **values})


def add_user(config: Config, name: str) -> None:
    with sqlite3.connect(str(config.sqlite_path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at)"
            " VALUES (?, ?, 'x', 'user', 'active', 0)",
            (name, name),
        )
    connection.close()


def users(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [row[0] for row in connection.execute("SELECT username FROM user_account ORDER BY id")]
    connection.close()
    return found


def test_the_first_start_makes_one_private_secret_and_keeps_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    prepare(configured(data))
    secret = configured(data).secret
    assert len(secret) >= 48
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    prepare(configured(data))
    assert configured(data).secret == secret
    assert {path.name for path in data.iterdir()} == {
        "files",
        "parley.db",
        "redis",
        "secret_key",
        "snapshots",
    }


def test_two_copies_do_not_share_a_secret(tmp_path: Path) -> None:
    prepare(configured(tmp_path / "a"))
    prepare(configured(tmp_path / "b"))
    assert configured(tmp_path / "a").secret != configured(tmp_path / "b").secret


def test_a_secret_from_the_environment_is_not_written_down(tmp_path: Path) -> None:
    prepare(configured(tmp_path / "data", PARLEY_SECRET_KEY="Zk3v9XwQ2mT7rB5yN8cJ4hL6pD1fG0sA"))
    assert not (tmp_path / "data" / "secret_key").exists()


def test_an_unreachable_redis_stops_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL: "):
        prepare(configured(tmp_path / "data", REDIS_URL="redis://127.0.0.1:1"))
    assert not (tmp_path / "data").exists()


def test_a_backup_beside_writers_is_whole_and_restores_into_an_empty_directory(tmp_path: Path) -> None:
    config = configured(tmp_path / "data")
    prepare(config)
    add_user(config, "before")
    writer = sqlite3.connect(str(config.sqlite_path), isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint=0")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE user_account SET username = 'unfinished'")
    target = tmp_path / "backup.tar"
    told = write_backup(config, target)
    writer.execute("ROLLBACK")
    writer.close()

    assert told[0] == f"wrote {target}"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "data"]
    restored = tmp_path / "restored"
    with tarfile.open(target) as tar:
        assert sorted(tar.getnames()) == ["backup.json", "parley.db", "secret_key"]
        tar.extractall(restored, filter="data")
    assert users(restored / "parley.db") == ["before"]
    prepare(configured(restored))
    assert configured(restored).secret == configured(tmp_path / "data").secret


def test_a_backup_holds_the_pictures(tmp_path: Path) -> None:
    config = configured(tmp_path / "data")
    prepare(config)
    sha256 = Content.of(config).keep(b"a picture")
    target = tmp_path / "backup.tar"
    write_backup(config, target)
    with tarfile.open(target) as tar:
        tar.extractall(tmp_path / "restored", filter="data")
    assert Content.of(configured(tmp_path / "restored")).read(sha256) == b"a picture"


def test_a_backup_never_overwrites_a_file(tmp_path: Path) -> None:
    config = configured(tmp_path / "data")
    prepare(config)
    (tmp_path / "backup.tar").write_text("an older one")
    with pytest.raises(ConfigError, match="exists already"):
        write_backup(config, tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").read_text() == "an older one"


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    config = configured(tmp_path / "data")
    prepare(config)
    with pytest.raises(ConfigError, match="could not be written"):
        write_backup(config, tmp_path / "nowhere" / "backup.tar")


def test_postgres_is_backed_up_by_its_own_tool(tmp_path: Path) -> None:
    config = configured(tmp_path, DATABASE_URL="postgresql://parley@db/parley")
    with pytest.raises(ConfigError, match="pg_dump"):
        write_backup(config, tmp_path / "backup.tar")
