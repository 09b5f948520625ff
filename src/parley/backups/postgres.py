"""PostgreSQL's own programs for copies: `pg_dump` and `pg_restore` in the custom format.

https://www.postgresql.org/docs/current/app-pgdump.html and …/app-pgrestore.html. The address goes by
libpq's environment variables: arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from parley.backups.manifest import Refused
from parley.lib.config import environ
from parley.web.i18n import N_

MISSING = N_("%(program)s is not on the PATH of the server: install PostgreSQL's client programs.")
HOLD = "SELECT pg_advisory_xact_lock(7261894306)"  # one restore at a time; next to the migrations' number
FAILED = N_("%(program)s failed: %(why)s")


def dump(database_url: str, target: Path) -> None:
    """One consistent moment of the database in a private file; raises Refused."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    _run("pg_dump", database_url, "--format=custom", "--no-owner", "--no-acl", f"--file={target}")


def load(database_url: str, source: Path, note: Path, *, replace: bool) -> None:
    """Bring a dump in, all or nothing; with `replace` instead of what is there. Raises Refused.

    `note` holds the number of the transaction before it begins: `committed` tells how it ended, also when
    this process was killed and psql went on.
    """
    script, begin = source.with_suffix(".sql"), source.with_suffix(".begin.sql")
    _run("pg_restore", "", "--no-owner", "--no-acl", f"--file={script}", str(source))
    quoted = str(note).replace("'", "''")
    begin.write_text(f"{HOLD};\nSELECT pg_current_xact_id() \\g '{quoted}'\n", "utf-8")
    clear = ["--command=DROP SCHEMA IF EXISTS public CASCADE", "--command=CREATE SCHEMA public"]
    try:
        _run(
            "psql", database_url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--file={begin}", *(clear if replace else []), f"--file={script}",
        )  # fmt: skip
    finally:
        script.unlink(missing_ok=True)
        begin.unlink(missing_ok=True)


def committed(database_url: str, note: Path) -> bool:
    """Whether the transaction of `note` was committed; waits for one that still runs. Raises Refused.

    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
    """
    number = re.search(r"^\s*([0-9]+)\s*$", note.read_text("utf-8"), re.MULTILINE) if note.exists() else None
    if number is None:
        return False
    told = _run(
        "psql", database_url, "--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1",
        "--command=SET lock_timeout = '120s'", "--single-transaction", f"--command={HOLD}",
        f"--command=SELECT pg_xact_status('{number[1]}')",
    )  # fmt: skip
    return "committed" in told


def check(source: Path) -> None:
    """Raise Refused when this is no dump that `pg_restore` could read."""
    _run("pg_restore", "", "--list", str(source))


def _run(program: str, database_url: str, *arguments: str) -> str:
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
    return done.stdout.decode(errors="replace")


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
