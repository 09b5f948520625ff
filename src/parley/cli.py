"""The command line: `python -m parley COMMAND`. Heavy imports happen inside the commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

import parley
from parley.lib.config import Config, ConfigError

if TYPE_CHECKING:
    from parley.lib.db import Database

P = ParamSpec("P")
T = TypeVar("T")
BAD_CONFIG = 2  # exit status


def one_line_errors(command: Callable[P, T]) -> Callable[P, T]:
    """A setting that cannot be used ends the command with one line and status 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            click.echo(f"parley: {error}", err=True)
            sys.exit(BAD_CONFIG)

    return run


@click.group()
@click.version_option(parley.__version__, prog_name="parley")
def main() -> None:
    """Parley: a self-hosted AI chat and team workspace."""
    os.umask(0o077)  # what is written holds conversations and secrets


@main.command()
def serve() -> None:
    """Prepare everything and run redis, worker and web until a stop signal."""
    from parley.supervisor import main as supervise

    sys.exit(supervise())


@main.command()
@click.option("--owned", is_flag=True, hidden=True, help="The caller holds the lock of the data directory.")
@one_line_errors
def prepare(owned: bool) -> None:
    """Make directories and secret, copy the database if it must change, migrate it."""
    _prepare(Config.from_environ(), owned)


@main.command()
@one_line_errors
def migrate() -> None:
    """The same as prepare, under the name people look for."""
    _prepare(Config.from_environ(), owned=False)


def _prepare(config: Config, owned: bool) -> None:
    from parley.startup import prepare
    from parley.supervisor import own_data

    with contextlib.nullcontext() if owned else own_data(config.data):
        for name in prepare(config):
            click.echo(f"migrated the database: {name}", err=True)


@main.command()
@click.option("--fd", type=int, help="An open listening socket to serve on.")
@one_line_errors
def web(fd: int | None) -> None:
    """Run the web process alone."""
    config = _running_config("web")
    from parley.server import run_web

    sys.exit(run_web(config, socket.socket(fileno=fd) if fd is not None else None))


@main.command()
@one_line_errors
def worker() -> None:
    """Run one worker process alone."""
    config = _running_config("worker")
    from parley.worker import main as work

    sys.exit(work(config))


def _running_config(process: str) -> Config:
    config = Config.from_environ()
    if not config.secret:
        raise ConfigError(
            f"there is no secret yet in {config.data}: run parley prepare, or set PARLEY_SECRET_KEY"
        )
    # structlog imports rich when it can, for coloured tracebacks: 60 ms and 8 MB in each process.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    from parley.lib.logging import configure_logging

    configure_logging(config.log_level, process=process, files=config.data / "logs")
    return config


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@one_line_errors
def backup(file: Path) -> None:
    """Write everything into one file; safe while Parley runs.

    PARLEY_BACKUP_PASSPHRASE in the environment seals the secret key into it; without, the key is left out.
    """
    from parley.backups.writing import write_backup

    config = Config.from_environ()
    for line in write_backup(config, file, config.backup_passphrase):
        click.echo(line)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Put what is here now aside.")
@one_line_errors
def restore(file: Path, replace: bool) -> None:
    """Put a backup back. Parley must not run. The passphrase is PARLEY_BACKUP_PASSPHRASE, or asked for."""
    from parley.backups import manifest
    from parley.backups.restoring import restore as put_back
    from parley.supervisor import own_data

    config = Config.from_environ()
    with own_data(config.data):
        try:
            lines = put_back(config, file, config.backup_passphrase, replace=replace)
        except manifest.Refused as refused:
            if refused.sentence != manifest.NO_PASSPHRASE or not sys.stdin.isatty():
                raise
            typed = click.prompt("Passphrase", hide_input=True)
            lines = put_back(config, file, typed, replace=replace)
    for line in lines:
        click.echo(line)


@main.command()
@one_line_errors
def rollback() -> None:
    """Put back the copy of the database made before the last update. Parley must not run."""
    from parley.backups.restoring import roll_back
    from parley.supervisor import own_data

    config = Config.from_environ()
    with own_data(config.data):
        for line in roll_back(config):
            click.echo(line)


@main.command()
@one_line_errors
def reindex() -> None:
    """Have the search index made anew; the running worker does it, the newest messages first."""
    from parley.chat.searching.changes import forget_version

    _with_database(lambda database: database.write(forget_version))
    click.echo("noted: the worker makes the search index anew")


@main.group()
def audit() -> None:
    """The log of what administrators did and who signed in."""


@audit.command("verify")
@one_line_errors
def audit_verify() -> None:
    """Status 0 when the log is as it was written; else 1 and the first entry that is not."""
    from parley.audit.queries import Beginning, beginning
    from parley.audit.verifying import verify

    async def look(database: Database) -> tuple[tuple[int, str], Beginning]:
        return await verify(database), await beginning(database)

    (count, fault), begins = _with_database(look)
    if fault:
        click.echo(f"parley: {fault}; {count} entries before it are as they were written", err=True)
        sys.exit(1)
    click.echo(f"{count} entries are as they were written")
    if begins.removed_at is not None:
        day = datetime.fromtimestamp(begins.removed_at / 1000, UTC).date()
        click.echo(f"verified from entry {begins.seq + 1}; earlier ones were removed by retention on {day}")


@audit.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="json", show_default=True)
@one_line_errors
def audit_export(form: str) -> None:
    """Write the whole log to the standard output: CSV, or one JSON object a line."""
    from parley.audit.exporting import comma_separated, json_lines

    async def pour(database: Database) -> None:
        pieces = comma_separated(database) if form == "csv" else json_lines(database)
        async for piece in pieces:
            sys.stdout.buffer.write(piece)

    _with_database(pour)


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    config = Config.from_environ()

    async def run() -> T:
        from parley.lib.db import open_database

        database = open_database(config.database_url)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


@main.command()
@one_line_errors
def check() -> None:
    """Say whether the configuration can be used; changes nothing."""
    from parley.embedded import find_server
    from parley.startup import check_services

    config = Config.from_environ()
    asyncio.run(check_services(config))
    redis = "REDIS_URL answers" if config.redis_url else f"own server, {find_server()}"
    click.echo(f"listen     {config.host} port {config.port}, root path {config.root_path or '/'}")
    click.echo(f"data       {config.data}")
    click.echo(f"database   {config.sqlite_path or 'PostgreSQL answers'}")
    click.echo(f"redis      {redis}")
    click.echo(f"secret     {'present' if config.secret else 'made at the first start'}")


@main.command()
@one_line_errors
def health() -> None:
    """Status 0 when the running copy answers /readyz (the container's health check)."""
    from parley.supervisor import is_ready, public_url

    config = Config.from_environ()
    if not is_ready(config, patience=5.0):
        click.echo(f"parley: {public_url(config)} is not ready", err=True)
        sys.exit(1)
    click.echo("ready")
