"""Tests that share something dear stay with one worker."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all of them")
@pytest.mark.xdist_group("groups")
def test_groups_reach_the_scheduler(request: pytest.FixtureRequest) -> None:
    """It reads them from the names; a pytest that keeps names elsewhere drops them without a word."""
    assert request.node.nodeid.endswith("@groups")
