"""`./start.sh bench`: measure the budgets on this machine and print them beside the bare upstream."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator

import uvloop

from tests.bench import rows
from tests.bench.figures import Row, table
from tests.bench.providers import provider_cpu
from tests.bench.site import Site, open_site, upstream_process
from tests.processes import Parley


async def measured(site: Site, idle: dict[str, float], quick: bool) -> list[Row]:
    """Every row, told as it is known."""
    share = 5 if quick else 1
    plan: list[AsyncIterator[Row]] = [
        rows.memory_after(site, idle, 1000 // share),
        rows.first_token_alone(site, 50 // share),
        rows.posts(site, 200 // share),
        rows.one_stream(site, 600 // share),
        rows.fifty_streams(site, 500 // share),
        rows.held_streams(site, 200 // share, 300 // share),
        provider_cpu(int(site.upstream.rpartition(":")[2]), 250 // share),
    ]
    found = []
    for part in plan:
        async for row in part:
            print(f"  {row.what}: {row.measured:.3g} {row.unit} {row.verdict}", flush=True)
            found.append(row)
    return found


def _only_search(messages: int, *, postgres: bool) -> int:
    from tests.bench.search import search_rows

    found = uvloop.run(search_rows(messages, max(1, messages // 50), postgres=postgres))
    print("\n" + table(found))
    return 0


def _only_usage(answers: int, *, postgres: bool) -> int:
    from tests.bench.usage import usage_rows

    print("\n" + table(uvloop.run(usage_rows(answers, postgres=postgres))))
    return 0


def _only_traces(tokens: int) -> int:
    from tests.bench.traces import trace_rows

    async def measured_traces(site: Site) -> list[Row]:
        return [row async for row in trace_rows(site, tokens)]

    with (
        Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley,
        upstream_process() as upstream,
        open_site(parley, upstream) as site,
    ):
        print("\n" + table(uvloop.run(measured_traces(site))))
    return 0


def _only_backup() -> int:
    from tests.bench.backup import backup_rows

    print("\n" + table(backup_rows()))
    return 0


def _only_long() -> int:
    from tests.bench import long

    async def measured_long(site: Site) -> tuple[int, list[Row]]:
        chat = await long.fill(site)
        return chat, [row async for row in long.pages(site, chat, 40)]

    with (
        Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley,
        upstream_process() as upstream,
        open_site(parley, upstream) as site,
    ):
        chat, found = uvloop.run(measured_long(site))
        found += long.in_a_browser(site, chat)
    print("\n" + table(found))
    return 0


def main() -> int:
    """0 when everything could be measured, whatever came out."""
    parser = argparse.ArgumentParser(prog="./start.sh bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the work: rough figures in a minute")
    parser.add_argument("--long", action="store_true", help="only pages of an account with 20,000 chats")
    parser.add_argument("--search", action="store_true", help="only search, over a million messages")
    parser.add_argument("--usage", action="store_true", help="only pages of usage, over a million answers")
    parser.add_argument("--traces", action="store_true", help="only what traces cost the worker")
    parser.add_argument("--backup", action="store_true", help="only a backup while somebody writes")
    parser.add_argument("--messages", type=int, default=1_000_000, help="of --search and --usage")
    parser.add_argument("--postgres", action="store_true", help="--search or --usage on PostgreSQL")
    args = parser.parse_args()
    if args.backup:
        return _only_backup()
    if args.long:
        return _only_long()
    if args.usage:
        return _only_usage(args.messages, postgres=args.postgres)
    if args.traces:
        return _only_traces(100 if args.quick else 500)
    if args.search:
        return _only_search(args.messages, postgres=args.postgres)
    quick = args.quick
    with Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley, upstream_process() as upstream:
        start = rows.cold_start(parley, 2 if quick else 5)
        with open_site(parley, upstream) as site:
            idle = rows.memory(site)
            known = [start, rows.idle_memory(idle)]
            known += uvloop.run(measured(site, idle, quick))
    load, version = os.getloadavg()[0], sys.version.split()[0]
    print(f"\n{os.cpu_count()} cores, load {load:.1f} at the end, Python {version}\n")
    print(table(known))
    return 0


if __name__ == "__main__":
    sys.exit(main())
