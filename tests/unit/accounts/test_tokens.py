"""Which tokens are believed."""

import base64
import json
from typing import Any

import jwt
import pytest

from parley.accounts.tokens import MAX_LIFE_S, Claims, Keyring, new_secret, secret_hash, sign, verify

NOW = 1_800_000_000
RING = Keyring.of(b"one secret of at least 32 bytes!!")
CLAIMS = Claims(user=7, ver=3, session_secret="abc")


def forged(key: bytes | None = None, headers: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token as ours but for `changes` (None leaves a claim out)."""
    payload = jwt.decode(sign(RING, CLAIMS, now_s=NOW), options={"verify_signature": False})
    payload = {name: value for name, value in {**payload, **changes}.items() if value is not None}
    return jwt.encode(
        payload, key or RING.keys[RING.current], "HS256", headers=headers or {"kid": RING.current}
    )


def unsigned(alg: str) -> str:
    """A token that says it needs no signature."""
    _head, body, _signature = sign(RING, CLAIMS, now_s=NOW).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": RING.current}).encode())
    return f"{head.rstrip(b'=').decode()}.{body}."


def test_a_genuine_token_says_who_it_is() -> None:
    assert verify(RING, sign(RING, CLAIMS, now_s=NOW), now_s=NOW) == CLAIMS


def test_an_earlier_key_still_verifies_until_it_leaves_the_ring() -> None:
    old = sign(RING, CLAIMS, now_s=NOW)
    rotated = Keyring.of(b"another secret of at least 32 byte", b"one secret of at least 32 bytes!!")
    assert verify(rotated, old, now_s=NOW) == CLAIMS
    assert verify(Keyring.of(b"another secret of at least 32 byte"), old, now_s=NOW) is None


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS512", "RS256"])
def test_the_algorithm_is_not_the_tokens_to_choose(alg: str) -> None:
    assert verify(RING, unsigned(alg), now_s=NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
        {"jku": "https://evil.example/keys"},
        {"kid": "unknown", "x5u": "https://evil.example"},
    ],
)
def test_the_key_comes_from_our_ring_alone(headers: dict[str, Any]) -> None:
    assert verify(RING, forged(headers=headers), now_s=NOW) is None
    assert verify(RING, forged(key=b"x" * 32), now_s=NOW) is None


@pytest.mark.parametrize("missing", ["exp", "iat", "aud", "iss", "sub", "ver", "sid"])
def test_every_claim_must_be_there(missing: str) -> None:
    assert verify(RING, forged(**{missing: None}), now_s=NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"iss": "another-issuer"},
        {"exp": NOW - 60},
        {"nbf": NOW + 120},
        {"iat": NOW + 120, "exp": NOW + 200},
        {"exp": NOW + MAX_LIFE_S + 60},
        {"exp": 10**18},
        {"exp": "tomorrow"},
        {"sub": "seven"},
        {"sub": "-7"},
        {"ver": "3"},
        {"sid": ""},
        {"sid": 5},
    ],
)
def test_wrong_claims_are_not_believed(changes: dict[str, Any]) -> None:
    assert verify(RING, forged(**changes), now_s=NOW) is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "ä.ö.ü", "e30.e30."])
def test_nonsense_is_no_token(text: str) -> None:
    assert verify(RING, text, now_s=NOW) is None


def test_clocks_may_differ_a_little() -> None:
    token = sign(RING, CLAIMS, now_s=NOW, life_s=100)
    assert verify(RING, token, now_s=NOW - 20) == CLAIMS
    assert verify(RING, token, now_s=NOW + 120) == CLAIMS
    assert verify(RING, token, now_s=NOW + 140) is None


def test_secrets_are_long_and_stored_as_something_else() -> None:
    one, two = new_secret(), new_secret()
    assert one != two
    assert len(one) >= 43
    assert one not in secret_hash(one)
    assert len(secret_hash(one)) == 64
