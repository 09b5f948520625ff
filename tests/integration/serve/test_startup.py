"""What a first start makes."""

import stat
from pathlib import Path

import pytest

from parley.lib.config import Config, ConfigError
from parley.startup import prepare


def configured(data: Path, **values: str) -> Config:
    return Config.from_environ({"PARLEY_DATA": str(data), **values})


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
