"""Which addresses may be reached; the regression list of what worked on others."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from parley.lib.http import CONNECTION_ADMIN, PUBLIC, Refused, checked_url
from parley.lib.http.egress import Reach, allowed, may_reach, name_is_local, reach_of

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "::127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "3fff::1",
    "100::1",
    "2606:4700::5efe:7f00:1",
    "4000::1",
]
PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.5",
    "::1",
    "fd00::8",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_nobody_reaches_disguises_and_metadata(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.FORBIDDEN
    assert not may_reach(ip_address(address), CONNECTION_ADMIN)
    assert not may_reach(ip_address(address), PUBLIC)


@pytest.mark.parametrize("address", PRIVATE)
def test_only_an_administrators_connection_reaches_private_addresses(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.PRIVATE
    assert may_reach(ip_address(address), CONNECTION_ADMIN)
    assert not may_reach(ip_address(address), PUBLIC)


@pytest.mark.parametrize("address", OPEN)
def test_everybody_reaches_public_addresses(address: str) -> None:
    assert may_reach(ip_address(address), PUBLIC)


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    assert allowed(["1.1.1.1", "8.8.8.8"], PUBLIC)
    assert not allowed(["1.1.1.1", "10.0.0.1"], PUBLIC)
    assert not allowed([], PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "unix:/run/x.sock",
        "ws://a.example/",
        "http://",
        "http:///path",
        "a.example/v1",
        "http://127.0.0.1\\@1.1.1.1/",
        "http://user@a.example/",
        "http://a.example@b.example/",
        "http://a.example/\tb",
        "http://a.example/\r\nHost: b",
        "http://a.example:0/",
        "http://a.example:65536/",
        "http://[fe80::1%25lo]/",
        "http://a\u00ad.example/",
        "http://a\u200b.example/",
    ],
)
def test_what_parsers_disagree_about_is_no_address(url: str) -> None:
    for profile in (CONNECTION_ADMIN, PUBLIC):
        with pytest.raises(Refused):
            checked_url(url, profile)


@pytest.mark.parametrize(
    "host",
    [
        "redis",
        "printer.local",
        "db.internal",
        "localhost",
        "localhost.",
        "a.lan",
    ],
)
def test_local_names_are_not_public(host: str) -> None:
    assert name_is_local(host)
    with pytest.raises(Refused):
        checked_url(f"http://{host}/", PUBLIC)
    assert checked_url(f"http://{host}/", CONNECTION_ADMIN).host == host.lower()


def test_public_callers_keep_to_the_ports_of_the_web() -> None:
    assert checked_url("https://a.example/x", PUBLIC)
    with pytest.raises(Refused):
        checked_url("http://a.example:6379/", PUBLIC)
    assert checked_url("http://a.example:11434/v1", CONNECTION_ADMIN).port == 11434
