"""Whom news of a revocation concerns."""

import pytest

from parley.accounts.actor import Actor
from parley.accounts.revocation import concerns

ACTOR = Actor(id=7, username="ann", role="user", status="active", session=3, ver=1, language="")


@pytest.mark.parametrize("payload", [b'{"user":7}', b'{"session":3}', None, b"nonsense"])
def test_it_may_be_about_me(payload: bytes | None) -> None:
    assert concerns(ACTOR, payload)


@pytest.mark.parametrize("payload", [b'{"user":8}', b'{"session":7}'])
def test_it_is_about_somebody_else(payload: bytes) -> None:
    assert not concerns(ACTOR, payload)
