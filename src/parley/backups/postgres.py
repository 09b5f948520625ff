"""PostgreSQL's own programs for copies: `pg_dump` and `pg_restore` in the custom format.

https://www.postgresql.org/docs/current/app-pgdump.html and …/app-pgrestore.html. The address goes by
libpq's environment variables: arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from parley.backups.manifest import Refused
from parley.lib.config import environ
from parley.web.i18n import N_

MISSING = N_("%(program)s is not on the PATH of the server: install PostgreSQL's client programs.")
FAILED = N_("%(program)s failed: %(why)s")


def dump(database_url: str, target: Path) -> None:
    """One consistent moment of the database in a private file; raises Refused."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    _run("pg_dump", database_url, "--format=custom", "--no-owner", "--no-acl", f"--file={target}")


def load(database_url: str, source: Path, *, replace: bool) -> None:
    """Bring a dump in, all or nothing; with `replace` instead of what is there. Raises Refused."""
    script = source.with_suffix(".sql")
    _run("pg_restore", "", "--no-owner", "--no-acl", f"--file={script}", str(source))
    clear = ["--command=DROP SCHEMA IF EXISTS public CASCADE", "--command=CREATE SCHEMA public"]
    try:
        _run(
            "psql", database_url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            *(clear if replace else []), f"--file={script}",
        )  # fmt: skip
    finally:
        script.unlink(missing_ok=True)


def check(source: Path) -> None:
    """Raise Refused when this is no dump that `pg_restore` could read."""
    _run("pg_restore", "", "--list", str(source))


def _run(program: str, database_url: str, *arguments: str) -> None:
    binary = shutil.which(program)
    if binary is None:
        raise Refused(MISSING, program=program)
    done = subprocess.run(  # noqa: S603  our own arguments
        [binary, *arguments],
        env={**environ(), **_address(database_url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        why = " ".join(done.stderr.decode(errors="replace").split())[:300]
        raise Refused(FAILED, program=program, why=why or str(done.returncode))


def _address(database_url: str) -> Mapping[str, str]:
    """The address as https://www.postgresql.org/docs/current/libpq-envars.html wants it."""
    if not database_url:
        return {}
    parts = urlsplit(database_url)
    options = dict(parse_qsl(parts.query))
    given = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": options.get("sslmode", ""),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {name: value for name, value in given.items() if value}
