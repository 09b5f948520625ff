"""The file in which connections travel."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections import transfer
from parley.connections.transfer import Carried, CarriedSecrets, Parcel, Sealing
from parley.lib.errors import Invalid

SECRETS = CarriedSecrets(keys=["sk-1"], headers={"X-A": "b"})
HERE = Carried(provider="openai", name="Here", baseUrl="https://a.example/v1")
CHEAP = msgspec.structs.replace(transfer.new_sealing(), n=2**14)


def test_what_was_sealed_opens_with_the_passphrase_only() -> None:
    key = transfer.key_from("long enough", CHEAP)
    HERE.sealed = transfer.seal(SECRETS, HERE, key)
    assert "sk-1" not in HERE.sealed
    assert transfer.opened(HERE, key) == SECRETS
    with pytest.raises(Invalid, match="passphrase"):
        transfer.opened(HERE, transfer.key_from("long enough!", CHEAP))


@pytest.mark.parametrize("change", [{"baseUrl": "https://evil.example/v1"}, {"provider": "custom"}])
def test_a_changed_address_does_not_get_the_key(change: dict[str, str]) -> None:
    key = bytes(32)
    sealed = transfer.seal(SECRETS, HERE, key)
    with pytest.raises(Invalid, match="the file was changed"):
        transfer.opened(msgspec.structs.replace(HERE, sealed=sealed, **change), key)


@pytest.mark.parametrize("sealed", ["", "!", "QQ==", "A" * 400])
def test_a_damaged_value_is_refused(sealed: str) -> None:
    with pytest.raises(Invalid):
        transfer.opened(msgspec.structs.replace(HERE, sealed=sealed), bytes(32))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "parley-connections"),
        ('{"format": "other"}', "parley-connections"),
        ('{"format": "parley-connections", "version": 2}', "version 2"),
        ('{"format": "parley-connections", "version": 1, "connections": [{}]}', "provider"),
        ('{"format": "parley-connections", "version": 1, "connections": 3}', "damaged"),
        ("x" * 2_000_001, "2 MB"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(text: str | bytes, word: str) -> None:
    with pytest.raises(Invalid, match=word):
        transfer.read(text)


@pytest.mark.parametrize("wish", [{"n": 2**30}, {"r": 1000}, {"p": 100}, {"kdf": "md5"}])
def test_a_file_cannot_make_the_key_cost_more_than_it_should(wish: dict[str, Any]) -> None:
    sealing = {**msgspec.to_builtins(transfer.new_sealing()), **wish}
    with pytest.raises(Invalid, match="damaged"):
        transfer.read(json.dumps({"format": "parley-connections", "version": 1, "seal": sealing}))


def test_a_file_reads_as_it_was_written() -> None:
    parcel = Parcel(exportedAt="2026-11-21", connections=[HERE], seal=Sealing(salt="A" * 24))
    assert transfer.read(transfer.write(parcel)) == parcel


def test_fallbacks_are_named_by_the_ids_of_this_installation() -> None:
    overrides = {"hidden": True, "fallbacks": ["3:gpt:x", "4:lost", "demo"]}
    assert transfer.renamed(overrides, {3: 12}) == {"hidden": True, "fallbacks": ["12:gpt:x", "demo"]}
    assert transfer.renamed({"hidden": True}, {}) == {"hidden": True}


def test_a_short_passphrase_protects_nothing() -> None:
    assert transfer.checked_passphrase("12345678") == "12345678"
    with pytest.raises(Invalid, match="8"):
        transfer.checked_passphrase("1234567")
