"""Chores of the worker: looking for new models."""

from __future__ import annotations

from parley.catalogue import service
from parley.resources import Resources


async def refresh_due(resources: Resources) -> None:
    """Ask every connection whose list of models is old; ends with the slowest of them, at most 15 s."""
    await service.refresh_due(resources)
