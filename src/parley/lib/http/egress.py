"""Which addresses an outbound request may reach, decided on the resolved address, never on the name.

`ipaddress.is_global` is not enough: Python 3.11 calls NAT64, 6to4, multicast and several metadata
services global. So the ranges are listed here (IANA special-purpose registries, RFC 6890, and the
metadata addresses of the large clouds).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address


class Reach(enum.Enum):
    """How far an address is away."""

    PUBLIC = "public"
    PRIVATE = "private"  # this machine and its own networks
    FORBIDDEN = "forbidden"  # nobody's business: metadata, link-local, multicast, disguises


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of caller may reach and how much it may read. Times in seconds, sizes in bytes."""

    name: str
    private: bool = False  # loopback and private networks, single-label names
    ports: frozenset[int] | None = None  # None: any
    connect_timeout: float = 5.0
    read_timeout: float = 60.0  # between bytes
    total_timeout: float = 900.0  # of a whole streamed answer
    max_bytes: int = 64 * 1024 * 1024  # of a whole answer, after decoding


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take, in seconds; None is as the profile says."""

    connect: float | None = None
    headers: float | None = None  # from the request sent to the status line
    idle: float | None = None  # between bytes of the body
    total: float | None = None


CONNECTION_ADMIN = Profile("connection-admin", private=True)
PUBLIC = Profile(
    "public", ports=frozenset({80, 443}), read_timeout=10.0, total_timeout=20.0, max_bytes=10 * 1024 * 1024
)

FORBIDDEN_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # "this host": Linux connects 0.0.0.0 to itself
            "100.100.100.200/32",  # metadata, Alibaba Cloud
            "168.63.129.16/32",  # metadata, Azure
            "169.254.0.0/16",  # link-local, and most metadata services
            "192.0.0.0/24",  # protocol assignments, metadata of Oracle Cloud (.192)
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
PRIVATE_V4 = tuple(
    map(
        IPv4Network,
        (
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT, Tailscale
            "127.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarking; the fake addresses of local proxies
        ),
    )
)
PUBLIC_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo, ORCHID and other assignments
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 hides an IPv4 address
            "3fff::/20",  # documentation
            "fd00:ec2::254/128",  # metadata, AWS
            "fd20:ce::254/128",  # metadata, Google Cloud
        ),
    )
)
PRIVATE_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: an interface id that carries an IPv4 address

_LOCAL_NAMES = (".local", ".internal", ".localhost", ".lan", ".home.arpa", ".onion")
# Controls, spaces, backslash: parsers disagree about them, so no address of ours holds one.
_CONFUSING = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff\\]")


def reach_of(address: Address) -> Reach:
    """How far `address` is; an IPv6 address that carries an IPv4 address is judged by that one."""
    if isinstance(address, IPv4Address):
        return _reach_v4(address)
    if address.ipv4_mapped is not None:
        return _reach_v4(address.ipv4_mapped)
    if address in NAT64:  # real on IPv6-only networks, for public addresses only
        inner = _reach_v4(IPv4Address(int(address) & 0xFFFFFFFF))
        return Reach.PUBLIC if inner is Reach.PUBLIC else Reach.FORBIDDEN
    return _reach_v6(address)


def _reach_v4(address: IPv4Address) -> Reach:
    if any(address in network for network in FORBIDDEN_V4):
        return Reach.FORBIDDEN
    if any(address in network for network in PRIVATE_V4):
        return Reach.PRIVATE
    return Reach.PUBLIC


def _reach_v6(address: IPv6Address) -> Reach:
    if any(address in network for network in FORBIDDEN_V6) or address.scope_id is not None:
        return Reach.FORBIDDEN
    if any(address in network for network in PRIVATE_V6):
        return Reach.PRIVATE
    isatap = (int(address) >> 32) & 0xFFFFFFFF in ISATAP
    return Reach.PUBLIC if address in PUBLIC_V6 and not isatap else Reach.FORBIDDEN


def may_reach(address: Address, profile: Profile) -> bool:
    """Whether `profile` may connect to `address`."""
    reach = reach_of(address)
    return reach is Reach.PUBLIC or (reach is Reach.PRIVATE and profile.private)


def allowed(addresses: Iterable[str], profile: Profile) -> bool:
    """Whether a name may be used: it has addresses and *every* one is permitted.

    One private address among public ones is how a rebinding name looks.
    """
    parsed = [ip_address(address) for address in addresses]
    return bool(parsed) and all(may_reach(address, profile) for address in parsed)


def is_confusing(url: str) -> bool:
    """Whether `url` holds characters on which parsers disagree, or names somebody (`user@host`)."""
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    return bool(_CONFUSING.search(url)) or "@" in authority or "%" in authority


def name_is_local(host: str) -> bool:
    """Whether a name can only mean something on the local network (`redis`, `printer.local`)."""
    bare = host.rstrip(".").lower()
    return ("." not in bare and ":" not in bare) or bare.endswith(_LOCAL_NAMES)
