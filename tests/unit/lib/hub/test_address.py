"""Redis URLs."""

import ssl

import pytest

from parley.lib.hub import RedisAddress


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///run/r.sock", RedisAddress(path="/run/r.sock")),
        ("unix:///run/r.sock?db=3", RedisAddress(path="/run/r.sock", db=3)),
        ("unix://:word@/run/r.sock", RedisAddress(path="/run/r.sock", password="word")),
        ("redis://box", RedisAddress(host="box")),
        ("redis://box:7000/2", RedisAddress(host="box", port=7000, db=2)),
        ("redis://box?db=2", RedisAddress(host="box", db=2)),
        ("redis://:p%40ss@box/0", RedisAddress(host="box", password="p@ss")),
        ("redis://me:word@[::1]:7000", RedisAddress(host="::1", port=7000, username="me", password="word")),
        ("rediss://box", RedisAddress(host="box", tls=True)),
        ("rediss://box?ssl_cert_reqs=none", RedisAddress(host="box", tls=True, verify=False)),
    ],
)
def test_every_form_of_url_is_read(url: str, address: RedisAddress) -> None:
    assert RedisAddress.parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://:hunter2@box",
        "unix://",
        "redis://:hunter2@box:port",
        "redis://:hunter2@box:70000",
        "redis://:hunter2@box/first",
        "rediss://:hunter2@box?ssl_cert_reqs=maybe",
    ],
)
def test_a_bad_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"Redis URL") as refused:
        RedisAddress.parse(url)
    assert "hunter2" not in str(refused.value)


def test_the_label_for_logs_has_no_password() -> None:
    assert RedisAddress.parse("rediss://me:hunter2@box/1").label == "rediss://box:6379/1"
    assert RedisAddress.parse("unix://:hunter2@/run/r.sock").label == "unix:///run/r.sock"


def test_certificates_are_checked_unless_told_otherwise() -> None:
    checked = RedisAddress.parse("rediss://box").tls_context()
    unchecked = RedisAddress.parse("rediss://box?ssl_cert_reqs=none").tls_context()
    assert checked is not None
    assert unchecked is not None
    assert (checked.verify_mode, checked.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (unchecked.verify_mode, unchecked.check_hostname) == (ssl.CERT_NONE, False)
    assert RedisAddress.parse("redis://box").tls_context() is None
