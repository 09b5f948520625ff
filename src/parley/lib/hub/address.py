"""Where a Redis server is, read from a URL as redis-py reads it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

CERT_REQS = ("required", "optional", "none")


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server and database; `path` is set for a unix socket, else `host` and `port` are."""

    path: str = ""
    host: str = ""
    port: int = 6379
    db: int = 0
    username: str = ""
    password: str = ""
    tls: bool = False
    verify: bool = True
    ca_file: str = ""

    @classmethod
    def parse(cls, url: str) -> RedisAddress:
        """Read `unix:///path[?db=0]`, `redis://[[user]:pass@]host[:port][/db]` or `rediss://…`.

        `rediss://` takes `ssl_cert_reqs` (required, optional, none) and `ssl_ca_certs` (a file).
        Raises ValueError with a sentence that does not repeat the URL, because it may hold a password.
        """
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme == "unix":
            if not parts.path:
                raise ValueError("The Redis URL names no socket: write unix:///path/to/redis.sock.")
            return cls(
                path=unquote(parts.path),
                db=_number(options.get("db", "0")),
                username=username,
                password=password,
            )
        if parts.scheme not in ("redis", "rediss"):
            raise ValueError("The Redis URL must start with unix://, redis:// or rediss://.")
        cert_reqs = options.get("ssl_cert_reqs", "required")
        if cert_reqs not in CERT_REQS:
            raise ValueError(f"ssl_cert_reqs in the Redis URL must be one of {', '.join(CERT_REQS)}.")
        return cls(
            host=parts.hostname or "localhost",
            port=_port(url),
            db=_number(options.get("db") or parts.path.strip("/") or "0"),
            tls=parts.scheme == "rediss",
            verify=cert_reqs != "none",
            ca_file=options.get("ssl_ca_certs", ""),
            username=username,
            password=password,
        )

    @property
    def label(self) -> str:
        """The address for logs and error lines, without credentials."""
        if self.path:
            return f"unix://{self.path}"
        return f"{'rediss' if self.tls else 'redis'}://{self.host}:{self.port}/{self.db}"

    def tls_context(self) -> ssl.SSLContext | None:
        """How to check the server's certificate; None without TLS."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("The database in the Redis URL must be a number.")
    return int(text)


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 6379
    except ValueError:
        raise ValueError("The port in the Redis URL must be a number up to 65535.") from None
