"""What the queue may ask for."""

from __future__ import annotations

from typing import Any

from parley.generations.runs import Runs


async def start_generation(ctx: dict[Any, Any], generation: int) -> None:
    """Start a run and return: arq's time-outs and retries have no say in a running answer."""
    runs: Runs = ctx["runs"]
    runs.start(generation)
