"""An import, from the upload to the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from parley.importing.jobs import run_next
from tests.world import Person, World


async def upload(person: Person, path: Path, *, name: str = "") -> httpx.Response:
    with path.open("rb") as file:
        return await person.api.post("/api/imports", files={"file": (name or path.name, file)})


async def brought(world: World, person: Person, path: Path) -> dict[str, Any]:
    """Upload, let the worker run, and read the report."""
    answer = await upload(person, path)
    assert answer.status_code == 202, answer.text
    job = answer.json()["data"]["import"]["id"]
    assert await run_next(world.resources)
    return await report(person, job)


async def report(person: Person, job: int) -> dict[str, Any]:
    answer = await person.api.get(f"/api/imports/{job}")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def outcomes(data: dict[str, Any]) -> dict[str, int]:
    return {word: n for word, n in data["counts"].items() if n and word != "messages"}


def waiting(world: World) -> list[Path]:
    folder = world.resources.config.data / "imports"
    return list(folder.iterdir()) if folder.is_dir() else []


Step = Callable[[World, Person, Path], Awaitable[None]]


async def each_for_somebody_new(world: World, tmp_path: Path, *steps: Step) -> None:
    """One world for many steps: making it takes longer than most of them."""
    for step in steps:
        await step(world, await world.another(step.__name__[:20]), tmp_path)
