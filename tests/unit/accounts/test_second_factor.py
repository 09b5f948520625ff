"""Codes of an app and recovery codes."""

import re
from base64 import b32encode

import pytest

from parley.accounts.twofactor import codes

# RFC 6238 appendix B, SHA-1, cut to the six digits apps show: seconds -> code.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(("at", "code"), VECTORS.items())
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert codes.step_of(SECRET, code, at) == at // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    step = 1111111109 // 30
    assert codes.step_of(SECRET, "081 804", (step + 1) * 30) == step
    assert codes.step_of(SECRET, "081804", (step - 1) * 30) == step
    assert codes.step_of(SECRET, "081804", (step + 2) * 30) is None
    assert codes.step_of(SECRET, "081804", (step - 2) * 30) is None


@pytest.mark.parametrize("typed", ["", "08180", "0818040", "08180x", "٠٨١٨٠٤", "\ud800", "-81804"])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert codes.step_of(SECRET, typed, 1111111109) is None


def test_recovery_codes_are_ten_and_forgive_how_they_are_typed() -> None:
    made = codes.new_codes()
    assert len(set(made)) == codes.CODES
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", each) for each in made)
    typed = made[0].upper().replace("-", " ")
    assert codes.code_hash(1, typed) == codes.code_hash(1, made[0]) != codes.code_hash(2, made[0])


def test_the_picture_holds_the_address_an_app_reads() -> None:
    address = codes.address(SECRET, "ada", "Parley")
    assert address == f"otpauth://totp/Parley:ada?secret={SECRET}&issuer=Parley"
    assert codes.picture(address).startswith("data:image/svg+xml")
