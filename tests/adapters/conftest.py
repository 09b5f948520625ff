"""What the tests of adapters share."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator

import pytest

from parley.lib.http import HttpClient
from tests.adapters.kinds import SERVED, Bench
from tests.upstream import upstream


@pytest.fixture(params=SERVED)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Each served kind in turn; no test may send what the vendor would refuse."""
    if request.param == "anthropic":
        importlib.import_module("anthropic")  # a second that no test should have to wait
    http = HttpClient()
    async with upstream() as server:
        here = Bench(request.param, server, http)
        yield here
    await http.aclose()
    assert here.complaints() == []
