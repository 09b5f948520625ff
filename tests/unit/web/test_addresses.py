"""The client's address, whatever anybody writes into headers."""

import ipaddress

import pytest

from parley.web.addresses import address_range, client_address, is_trusted

TRUSTED = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        ("10.0.0.2", ["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
        ("10.0.0.2", ["not an address"], "10.0.0.2"),
        ("10.0.0.2", ["1.1.1.1, nonsense, 10.0.0.7"], "10.0.0.7"),
        ("::1", ["[2001:db8::5]:443"], "2001:db8::5"),
        ("::ffff:10.0.0.2", ["198.51.100.1:55"], "198.51.100.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_rightmost_hop_that_no_trusted_proxy_vouches_for(
    peer: str, forwarded: list[str], expected: str
) -> None:
    assert client_address(peer, forwarded, TRUSTED) == expected


def test_without_trusted_proxies_headers_say_nothing() -> None:
    assert client_address("10.0.0.2", ["198.51.100.1"], ()) == "10.0.0.2"
    assert not is_trusted("10.0.0.2", ())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("", ""),
        ("unix", ""),
    ],
)
def test_neighbours_share_a_range(address: str, expected: str) -> None:
    assert address_range(address) == expected
