"""What a backup costs those who write meanwhile: `python -m tests.bench --backup`."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figures import Row
from tests.pairs import pairs_written
from tests.processes import Parley
from tests.servers import ROOT, eventually

FILLING = 500_000  # rows, some 40 MB
BUDGET = 100.0  # transactions a second while it is made


def _filled(path: Path) -> float:
    """Megabytes of the database file afterwards."""
    connection = sqlite3.connect(path, timeout=15)
    rows = ((f"filling {number:060}",) for number in range(FILLING))
    statement = "INSERT INTO login_throttle (key, failures, last_at, locked_until) VALUES (?, 0, 9e15, 0)"
    connection.executemany(statement, rows)
    connection.commit()
    [pages], [size] = (
        connection.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size")
    )
    connection.close()
    return float(pages * size / 1e6)


def backup_rows() -> list[Row]:
    """Start Parley, fill its database, and write as fast as it goes, without a backup and during one."""
    with Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley:
        path = parley.data / "parley.db"
        size = _filled(path)
        environ = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PARLEY_DATA": str(parley.data),
            "PARLEY_BACKUP_PASSPHRASE": "three quiet otters",
        }  # fmt: skip
        command = [sys.executable, "-m", "parley", "backup", str(parley.data.parent / "backup.tar")]
        with pairs_written(path) as written:
            eventually(lambda: written[0] > 50, "writes are under way")
            before, began = written[0], time.monotonic()
            time.sleep(5)
            alone = (written[0] - before) / (time.monotonic() - began)
            before, began = written[0], time.monotonic()
            subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, check=True)
            took = time.monotonic() - began
            during = (written[0] - before) / took
    return [
        Row("writes without a backup", "1/s", alone),
        Row("writes while a backup is made", "1/s", during, BUDGET, at_least=True),
        Row(f"backup of {size:.0f} MB", "s", took),
    ]
