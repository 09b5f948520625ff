"""Credentials at rest."""

from __future__ import annotations

from typing import TypedDict

import pytest

from parley.lib.secretbox import KeyUnreadable, SecretBox


class Place(TypedDict):
    """Where a value is stored."""

    table: str
    row: int
    column: str


HERE: Place = {"table": "connection", "row": 7, "column": "key"}
BOX = SecretBox(b"a secret of this installation, long enough")


def test_what_was_sealed_opens_at_its_place() -> None:
    sealed = BOX.seal("sk-canary-数据", **HERE)
    assert "canary" not in sealed
    assert sealed.startswith("v1:")
    assert BOX.unseal(sealed, **HERE) == "sk-canary-数据"


def test_the_same_text_is_never_sealed_alike() -> None:
    assert BOX.seal("a", **HERE) != BOX.seal("a", **HERE)


@pytest.mark.parametrize(
    "place",
    [
        {"table": "connection", "row": 8, "column": "key"},
        {"table": "account", "row": 7, "column": "key"},
        {"table": "connection", "row": 7, "column": "other"},
    ],
)
def test_a_moved_value_does_not_open(place: Place) -> None:
    with pytest.raises(KeyUnreadable):
        BOX.unseal(BOX.seal("a", **HERE), **place)


def test_a_damaged_value_does_not_open() -> None:
    sealed = BOX.seal("a", **HERE)
    for at in range(len(sealed)):
        flipped = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        try:
            opened = BOX.unseal(flipped, **HERE)
        except KeyUnreadable:
            continue
        assert opened == "a", "only unused bits of base64 may change without harm"
    for odd in ("", "v1", "v1:::", sealed[:-4], sealed + ":x", "v2" + sealed[2:], "schlüssel"):
        with pytest.raises(KeyUnreadable):
            BOX.unseal(odd, **HERE)


def test_another_secret_says_to_enter_the_key_again() -> None:
    sealed = BOX.seal("a", **HERE)
    with pytest.raises(KeyUnreadable, match="Enter it again"):
        SecretBox(b"another secret").unseal(sealed, **HERE)


def test_an_older_secret_still_opens_while_the_new_one_seals() -> None:
    sealed = BOX.seal("a", **HERE)
    rotated = SecretBox(b"another secret", [b"a secret of this installation, long enough"])
    assert rotated.unseal(sealed, **HERE) == "a"
    assert rotated.seal("a", **HERE).split(":")[1] != sealed.split(":")[1]
