"""The environment as one frozen value; the only reader of os.environ."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigError(Exception):
    """A setting cannot be used; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    """How this copy of Parley runs. `redis_url` and `secret` are filled in by `parley serve`."""

    host: str
    port: int
    data: Path
    database_url: str
    redis_url: str  # "" until the embedded server's socket is known
    files_url: str
    secret: bytes  # 32 bytes or more; keys are derived from it
    root_path: str  # "" or "/parley"
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check everything; raises ConfigError, touches nothing."""
        raise NotImplementedError


def environ() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def _scheme(url: str) -> str:
    return urlsplit(url).scheme
