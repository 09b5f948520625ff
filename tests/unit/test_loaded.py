"""What the web process carries before anybody asked for it."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from parley.app import create_app
from parley.lib.config import Config
create_app(Config.from_environ())
print(sorted({"PIL", "anthropic", "obstore", "pydantic", "pypdf", "webauthn"} & set(sys.modules)))
"""


def test_large_libraries_come_with_what_needs_them(tmp_path: Path) -> None:
    """Each is 2 to 9 MB; Litestar would load Pydantic because Piccolo brings it."""
    here = {
        "PARLEY_DATA": str(tmp_path),
        "PARLEY_SECRET_KEY": secrets.token_urlsafe(48),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **here},
    )
    assert told.stdout == "[]\n"
