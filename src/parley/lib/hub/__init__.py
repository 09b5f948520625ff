"""Live news between processes over Redis pub/sub; the database already holds what is said here."""

from parley.lib.hub.address import RedisAddress
from parley.lib.hub.hub import Hub, Listener, ping

__all__ = ["Hub", "Listener", "RedisAddress", "ping"]
