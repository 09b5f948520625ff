"""What the environment may say, and the one line it gets when it may not."""

import ipaddress
from pathlib import Path

import pytest

from parley.lib.config import Config, ConfigError

GOOD_SECRET = "Zk3v9XwQ2mT7rB5yN8cJ4hL6pD1fG0sA"


def config(tmp_path: Path, **values: str) -> Config:
    return Config.from_environ({"PARLEY_DATA": str(tmp_path), **values})


def test_nothing_has_to_be_set() -> None:
    made = Config.from_environ({})
    assert (made.host, made.port, made.log_level, made.root_path) == ("127.0.0.1", 3555, "info", "")
    assert made.data.is_absolute()
    assert made.data.name == "data"


def test_database_and_files_live_in_the_data_directory(tmp_path: Path) -> None:
    made = config(tmp_path)
    assert made.database_url == f"sqlite://{tmp_path}/parley.db"
    assert made.sqlite_path == tmp_path / "parley.db"
    assert made.files_url == f"file://{tmp_path}/files"
    assert made.redis_url == ""


def test_reading_the_environment_touches_nothing(tmp_path: Path) -> None:
    config(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_blank_variable_is_an_unset_one(tmp_path: Path) -> None:
    assert config(tmp_path, PORT=" ", REDIS_URL="", PARLEY_SECRET_KEY="").port == 3555


def test_a_secret_from_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(GOOD_SECRET[::-1])
    assert config(tmp_path).secret == GOOD_SECRET[::-1].encode()
    assert config(tmp_path, PARLEY_SECRET_KEY=GOOD_SECRET).secret == GOOD_SECRET.encode()


def test_there_is_no_secret_before_the_first_start(tmp_path: Path) -> None:
    assert config(tmp_path).secret == b""


def test_what_is_secret_is_not_in_the_representation(tmp_path: Path) -> None:
    made = config(
        tmp_path,
        PARLEY_SECRET_KEY=GOOD_SECRET,
        DATABASE_URL="postgresql://parley:hunter2@db/parley",
        REDIS_URL="redis://:hunter2@cache",
    )
    assert "hunter2" not in repr(made)
    assert GOOD_SECRET not in repr(made)


@pytest.mark.parametrize(
    ("written", "host"), [("::", "::"), ("[::1]", "::1"), ("0.0.0.0", "0.0.0.0"), ("localhost", "localhost")]
)
def test_hosts_of_both_families_are_accepted(tmp_path: Path, written: str, host: str) -> None:
    assert config(tmp_path, HOST=written).host == host


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///srv/parley.db",
        "postgresql://parley@db/parley",
        "postgres://parley:w%40rd@db:5433/parley?sslmode=require",
    ],
)
def test_both_engines_are_accepted(tmp_path: Path, url: str) -> None:
    assert config(tmp_path, DATABASE_URL=url).database_url == url


@pytest.mark.parametrize(
    "url", ["redis://cache", "redis://:word@cache:6380/2", "rediss://u:w@cache/", "unix:///run/redis.sock"]
)
def test_redis_may_be_plain_encrypted_or_local(tmp_path: Path, url: str) -> None:
    assert config(tmp_path, REDIS_URL=url).redis_url == url


def test_trusted_proxies_are_networks(tmp_path: Path) -> None:
    networks = config(tmp_path, PARLEY_TRUSTED_PROXIES="10.0.0.0/8, fd00::/8,192.0.2.7").trusted_proxies
    assert networks == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("fd00::/8"),
        ipaddress.ip_network("192.0.2.7/32"),
    )
    assert config(tmp_path, PARLEY_TRUSTED_PROXIES="none").trusted_proxies == ()


def test_a_closing_slash_of_the_root_path_is_dropped(tmp_path: Path) -> None:
    assert config(tmp_path, PARLEY_ROOT_PATH="/team/parley/").root_path == "/team/parley"


REFUSED = [
    ("HOST", "http://0.0.0.0"),
    ("HOST", "two hosts"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("PORT", "http"),
    ("PORT", "３５５５"),
    ("DATABASE_URL", "mysql://db/parley"),
    ("DATABASE_URL", "sqlite://parley.db"),
    ("DATABASE_URL", "sqlite:parley.db"),
    ("DATABASE_URL", "sqlite:///srv/data/"),
    ("DATABASE_URL", "sqlite:///srv/parley.db?mode=ro"),
    ("DATABASE_URL", "postgresql:///parley"),
    ("DATABASE_URL", "postgresql://db"),
    ("DATABASE_URL", "postgresql://db:port/parley"),
    ("REDIS_URL", "cache:6379"),
    ("REDIS_URL", "http://cache"),
    ("REDIS_URL", "redis:///0"),
    ("REDIS_URL", "redis://cache/zero"),
    ("REDIS_URL", "unix://run/redis.sock"),
    ("FILES_URL", "ftp://files"),
    ("FILES_URL", "file://files"),
    ("FILES_URL", "s3:///prefix"),
    ("FILES_URL", "s3://bucket/prefix?endpont=https://x"),
    ("PARLEY_SECRET_KEY", "short"),
    ("PARLEY_SECRET_KEY", GOOD_SECRET[:31]),
    ("PARLEY_SECRET_KEY", "ab" * 40),
    ("PARLEY_SECRET_KEY", "fallback-secret-key-fallback-secret-key"),
    ("PARLEY_SECRET_KEY", "replace-with-strong-secret-0123456789"),
    ("PARLEY_SECRET_KEY", "aichat-super-secret-jwt-key-2025-production-change-me"),
    ("PARLEY_SECRET_KEY", "CHANGE-ME-change-me-CHANGE-ME-change-me"),
    ("PARLEY_ROOT_PATH", "parley"),
    ("PARLEY_ROOT_PATH", "/a b"),
    ("PARLEY_ROOT_PATH", "//evil.example"),
    ("PARLEY_ROOT_PATH", "/../up"),
    ("PARLEY_TRUSTED_PROXIES", "*"),
    ("PARLEY_TRUSTED_PROXIES", "10.0.0.1/8"),
    ("PARLEY_TRUSTED_PROXIES", "proxy.internal"),
    ("PARLEY_LOG_LEVEL", "loud"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_value_that_cannot_be_used_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **{name: value})
    line = str(caught.value)
    assert line.startswith(name)
    assert "\n" not in line


def test_a_weak_secret_file_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(ConfigError, match="secret_key is too weak"):
        config(tmp_path)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_refused_url_is_not_repeated_because_it_may_hold_a_password(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **{name: "mongodb://user:hunter2@host/name"})
    assert "hunter2" not in str(caught.value)
