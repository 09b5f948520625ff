"""The environment as one frozen value; the only reader of os.environ."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from parley.lib.envfile import parse_env

CHECKOUT = Path(__file__).resolve().parents[3]
VARIABLES = (
    "HOST",
    "PORT",
    "PARLEY_DATA",
    "DATABASE_URL",
    "REDIS_URL",
    "FILES_URL",
    "PARLEY_SECRET_KEY",
    "PARLEY_BACKUP_PASSPHRASE",
    "PARLEY_ROOT_PATH",
    "PARLEY_TRUSTED_PROXIES",
    "PARLEY_LOG_LEVEL",
)
PIN_PREFIX = "PARLEY_SETTING_"  # what follows is a key of the settings; settings/pins.py knows those
LOG_LEVELS = ("debug", "info", "warning", "error")
SECRET_LENGTH = 32  # bytes at least
SECRET_VARIETY = 10  # different characters at least: a real random key of 32 has about 25
# Words found in published defaults and examples: whoever reads them can sign in as anybody.
KNOWN_SECRETS = re.compile(
    r"fallback-secret|replace-with|change-?_?me|change-in-production|your-?_?secret|super-?_?secret"
    r"|secret-?_?key|default-?_?secret|password|example|insecure|0123456789abcdef|abcdefghijkl",
    re.IGNORECASE,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigError(Exception):
    """A setting cannot be used; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Config:
    """How this copy of Parley runs. `redis_url` and `secret` are filled in by `parley serve`."""

    host: str
    port: int
    data: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)  # "" until the embedded server's socket is known
    files_url: str = field(repr=False)  # may hold the secret of a bucket
    secret: bytes = field(repr=False)  # keys are derived from it; b"" until the first start made one
    root_path: str  # "" or "/parley"
    trusted_proxies: tuple[Network, ...]
    log_level: str
    backup_passphrase: str = field(default="", repr=False)  # "": backups hold no secret key
    pins: tuple[tuple[str, str], ...] = ()  # settings the environment decides: (variable, value)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check everything; raises ConfigError, touches nothing.

        Without `environ`: this process's environment over the `.env` file of the checkout. Blank
        means unset. The secret comes from PARLEY_SECRET_KEY, else from the file the first start made.
        """
        given = _environment() if environ is None else environ
        values = {name: given.get(name, "").strip() for name in VARIABLES}
        data = Path(values["PARLEY_DATA"] or CHECKOUT / "data").expanduser().absolute()
        return cls(
            host=_host(values["HOST"] or "127.0.0.1"),
            port=_port(values["PORT"] or "3555"),
            data=data,
            database_url=_database_url(values["DATABASE_URL"] or f"sqlite://{data / 'parley.db'}"),
            redis_url=_redis_url(values["REDIS_URL"]),
            files_url=_files_url(values["FILES_URL"] or f"file://{data / 'files'}"),
            secret=_secret(values["PARLEY_SECRET_KEY"], data / "secret_key"),
            root_path=_root_path(values["PARLEY_ROOT_PATH"]),
            trusted_proxies=_networks(values["PARLEY_TRUSTED_PROXIES"] or "127.0.0.0/8, ::1"),
            log_level=_log_level(values["PARLEY_LOG_LEVEL"] or "info"),
            backup_passphrase=values["PARLEY_BACKUP_PASSPHRASE"],
            pins=tuple(
                sorted((name, text) for name, text in given.items() if _is_pin(name) and text.strip())
            ),
        )

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        if self.database_url.startswith("sqlite://"):
            return Path(self.database_url.removeprefix("sqlite://"))
        return None

    @property
    def secret_path(self) -> Path:
        """Where the first start keeps the secret it made."""
        return self.data / "secret_key"


def environ() -> Mapping[str, str]:
    """The environment of this process, for handing it on to a child."""
    return os.environ


def point_piccolo_at(database_url: str) -> None:
    """Make Piccolo's own look-up find `piccolo_conf` and this database."""
    os.environ["PICCOLO_CONF"] = "parley.piccolo_conf"
    os.environ["DATABASE_URL"] = database_url


def _environment() -> dict[str, str]:
    path = CHECKOUT / ".env"
    try:
        written = parse_env(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    for name in written:
        if name.startswith("PARLEY_") and name not in VARIABLES and not _is_pin(name):
            raise ConfigError(f"{path}: {name} is not a setting; see .env.example for those that are")
    return {**written, **os.environ}


def _is_pin(name: str) -> bool:
    return name.startswith(PIN_PREFIX)


def _host(host: str) -> str:
    if re.search(r"[\s/@]|://", host):
        raise ConfigError(f"HOST must be an address or a name, like 127.0.0.1 or ::, not {host!r}")
    return host.removeprefix("[").removesuffix("]")


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ConfigError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _split(name: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of a URL with one of these schemes; errors never repeat it, it may hold a password."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{name} is not a usable address: {error}") from None
    if parts.scheme not in schemes or "://" not in url:
        raise ConfigError(f"{name} must start with {wanted}")
    return parts


def _database_url(url: str) -> str:
    parts = _split("DATABASE_URL", url, ("sqlite", "postgresql", "postgres"))
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.startswith("/") or parts.path.endswith("/"):
            raise ConfigError("DATABASE_URL needs an absolute file path: sqlite:///srv/parley/parley.db")
        if parts.query or parts.fragment:
            raise ConfigError("DATABASE_URL takes no options after a SQLite path")
    elif not parts.hostname or parts.path in ("", "/"):
        raise ConfigError("DATABASE_URL needs a host and a database: postgresql://user:password@host/name")
    return url


def _redis_url(url: str) -> str:
    if not url:
        return ""
    parts = _split("REDIS_URL", url, ("redis", "rediss", "unix"))
    if parts.scheme == "unix":
        if parts.netloc or len(parts.path) < 2:
            raise ConfigError("REDIS_URL needs an absolute socket path: unix:///run/redis.sock")
    elif not parts.hostname or not re.fullmatch(r"(/[0-9]*)?", parts.path):
        raise ConfigError("REDIS_URL needs a host and maybe a database number: redis://host:6379/0")
    return url


def _files_url(url: str) -> str:
    parts = _split("FILES_URL", url, ("file", "s3"))
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ConfigError("FILES_URL needs an absolute directory: file:///srv/parley/files")
    if parts.scheme == "s3" and not parts.netloc:
        raise ConfigError("FILES_URL needs a bucket: s3://bucket/prefix")
    if parts.scheme == "s3" and not {name for name, _value in parse_qsl(parts.query)} <= {
        "endpoint",
        "region",
    }:
        raise ConfigError("FILES_URL takes endpoint and region after the bucket, nothing else")
    return url


def _secret(text: str, path: Path) -> bytes:
    where = "PARLEY_SECRET_KEY" if text else str(path)
    if not text:
        try:
            text = path.read_text("utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from None
    advice = "use the output of: openssl rand -base64 48"
    if len(text.encode()) < SECRET_LENGTH or len(set(text)) < SECRET_VARIETY:
        raise ConfigError(f"{where} is too weak (at least {SECRET_LENGTH} random characters); {advice}")
    if KNOWN_SECRETS.search(text):
        raise ConfigError(f"{where} is a published default that anybody can look up; {advice}")
    return text.encode()


def _root_path(path: str) -> str:
    path = path.rstrip("/")
    if path and (not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path) or "/." in path):
        raise ConfigError(f"PARLEY_ROOT_PATH must look like /parley, not {path!r}")
    return path


def _networks(text: str) -> tuple[Network, ...]:
    if text == "none":
        return ()
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(
            f"PARLEY_TRUSTED_PROXIES must list addresses or networks, or say none: {error}"
        ) from None


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ConfigError(f"PARLEY_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {text!r}")
    return text.lower()
