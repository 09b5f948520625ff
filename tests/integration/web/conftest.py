"""The rules of the web layer are tested at the application of accounts."""

from __future__ import annotations

import pytest
from litestar import Litestar

from parley.lib.config import Config
from tests.integration.accounts.conftest import accounts_app, cheap_hashes

__all__ = ["cheap_hashes"]


@pytest.fixture
def app(config: Config) -> Litestar:
    """Accounts, and one address of each kind behind them."""
    return accounts_app(config)
