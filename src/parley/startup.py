"""What must be true before the first process starts: checks first, then secret, then schema."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from dataclasses import replace

from parley.lib.config import Config, ConfigError
from parley.migrate import check_database, migrate

DIRECTORIES = ("files", "redis", "snapshots")


def prepare(config: Config) -> list[str]:
    """Make everything under the data directory and migrate; returns the migrations applied.

    The caller owns the data directory. Raises ConfigError; as long as a check can fail nothing has
    been written.
    """
    return asyncio.run(_prepare(config))


async def _prepare(config: Config) -> list[str]:
    config = _recovered(config)  # before anything opens what a restore has left behind
    await check_services(config)
    if (config.data / "restore" / "ready").exists():  # an upload on the page of the first run
        from parley.backups.restoring import apply_staged

        config = apply_staged(config)
    try:
        for name in DIRECTORIES:
            (config.data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_secret(config)
    except OSError as error:
        raise ConfigError(f"PARLEY_DATA {config.data} cannot be written: {error.strerror}") from None
    return await migrate(config.database_url, config.data / "snapshots")


def _recovered(config: Config) -> Config:
    """The config once what a killed restore moved is back: the secret may be another one then."""
    if not (config.data / "swap.json").exists():
        return config
    from parley.backups.restoring import recover

    from_file = config.secret == _kept_secret(config)
    for line in recover(config):
        print(f"parley: {line}", file=sys.stderr)
    return replace(config, secret=_kept_secret(config)) if from_file else config


def _kept_secret(config: Config) -> bytes:
    return config.secret_path.read_bytes().strip() if config.secret_path.exists() else b""


async def check_services(config: Config) -> None:
    """Raise ConfigError when the database, REDIS_URL or a fixed setting cannot be used; changes nothing."""
    if config.pins:
        _check_pins(config)
    await _check_redis(config)
    file = config.sqlite_path
    if file is not None and file.parent != config.data and not file.parent.is_dir():
        raise ConfigError(f"DATABASE_URL: the directory {file.parent} does not exist")
    await check_database(config.database_url)


def _check_pins(config: Config) -> None:
    import parley.settings.service  # noqa: F401  knows every setting
    from parley.settings.pins import check

    check(config.pins)


async def _check_redis(config: Config) -> None:
    if not config.redis_url:
        return
    from parley.lib.hub import ping

    try:
        await ping(config.redis_url)
    except (OSError, ValueError) as error:
        raise ConfigError(f"REDIS_URL: {' '.join(str(error).split()) or type(error).__name__}") from None


def keep_secret(config: Config) -> Config:
    """The config with its secret; the first time one is made and written, readable by us alone."""
    path = config.secret_path
    if config.secret:
        if path.exists():
            path.chmod(0o600)
        return config
    made = secrets.token_urlsafe(48)
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    return replace(config, secret=made.encode())
