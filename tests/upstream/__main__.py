"""`python -m tests.upstream --port N`: the fake upstream as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import uvloop

from tests.upstream.server import upstream


async def serve(port: int) -> None:
    """Run until killed; says the port once it listens."""
    async with upstream(port) as server:
        print(f"listening on {server.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve(parser.parse_args().port))
