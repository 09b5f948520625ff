"""`.env.example`, the documentation and the code name the same variables."""

import re
from pathlib import Path

from parley.lib.config import VARIABLES, Config
from parley.lib.envfile import parse_env

ROOT = Path(__file__).parents[2]


class Watched(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(key)
        return default


def test_the_example_lists_exactly_the_variables_that_are_read() -> None:
    environ = Watched()
    Config.from_environ(environ)
    listed = parse_env((ROOT / ".env.example").read_text())
    assert set(listed) == environ.asked == set(VARIABLES)


def test_the_example_as_it_is_means_the_defaults() -> None:
    listed = parse_env((ROOT / ".env.example").read_text())
    assert Config.from_environ(listed) == Config.from_environ({})


def test_every_variable_is_documented() -> None:
    for path in ("docs/configuration.md", "README.md", "README.zh.md"):
        documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / path).read_text(), re.MULTILINE))
        assert documented >= set(VARIABLES), path
        assert documented <= {*VARIABLES, "PYTHON"}, path
