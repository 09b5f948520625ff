"""`./start.sh chaos`: two minutes of kills, and a certificate."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from tests.chaos.run import Plan, keep, run


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="./start.sh chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long the servers are struck")
    parser.add_argument("--seed", type=int, default=None, help="repeat the choices of an earlier run")
    parser.add_argument("--lanes", type=int, default=50, help="generations kept running")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    given = parser.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    verdict = asyncio.run(run(Plan(seed, given.seconds, given.lanes, given.engine)))
    print(verdict.certificate())
    if verdict.violations:
        print(f"history kept in {keep(verdict)}")
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
