"""Which machine is asking: proxies are believed only as far as they are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_address(text: str) -> Address | None:
    """An address as proxies write it (`1.2.3.4:5`, `[2001:db8::1]:443`, mapped IPv4), or None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Whether the machine at the other end of the socket is one of our proxies."""
    address = parse_address(peer)
    return address is not None and any(address in network for network in trusted)


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The rightmost hop no trusted proxy vouches for; `peer` itself when it is no trusted proxy.

    `forwarded_for` holds the values of X-Forwarded-For in the order received. Every proxy appends the
    address it saw, so only what trusted hops wrote (the right end) is true. "" when the peer has no address
    (unix socket).
    """
    hops = [hop for value in forwarded_for for hop in value.split(",") if hop.strip()]
    current = parse_address(peer)
    while current is not None and hops and any(current in network for network in trusted):
        earlier = parse_address(hops.pop())
        if earlier is None:
            break
        current = earlier
    return str(current) if current is not None else ""


def address_range(address: str) -> str:
    """What one household or company has at least: the /24 or /64 of an address, "" when it has none."""
    parsed = parse_address(address)
    if parsed is None:
        return ""
    prefix = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
