"""What was used, added up by quarter hour and by day.

Answers that came with an import were given elsewhere: nobody paid for them here, so they count as counted.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Usage"

_SUMS = """
    messages BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    cost_nano BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    began BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL"""
STATEMENTS = (
    "ALTER TABLE generation ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE",
    "UPDATE generation SET counted = TRUE WHERE attempt = 0 AND finished_at IS NOT NULL"
    " AND NOT (status = 'cancelled' AND started_at IS NULL)",
    "CREATE INDEX generation_uncounted ON generation (id) WHERE NOT counted",
    "CREATE INDEX generation_finished ON generation (owner, finished_at)",
    f"""CREATE TABLE usage_slot (
    id {{serial}},
    owner BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    model VARCHAR(300) NOT NULL,
    connection BIGINT NOT NULL,{_SUMS}
)""",
    "CREATE UNIQUE INDEX usage_slot_key ON usage_slot (owner, slot, model, connection)",
    "CREATE INDEX usage_slot_time ON usage_slot (slot)",
    f"""CREATE TABLE usage_day (
    id {{serial}},
    day BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    model VARCHAR(300) NOT NULL,
    connection BIGINT NOT NULL,{_SUMS}
)""",
    "CREATE UNIQUE INDEX usage_day_key ON usage_day (day, owner, model, connection)",
    """CREATE TABLE usage_wait (
    id {serial},
    hour BIGINT NOT NULL,
    model VARCHAR(300) NOT NULL,
    bucket INTEGER NOT NULL,
    answers BIGINT NOT NULL
)""",
    "CREATE UNIQUE INDEX usage_wait_key ON usage_wait (hour, model, bucket)",
)

# Rows go with their message. One that goes before the worker has counted it is counted by this trigger: what
# was spent stays spent. Only the histogram of waiting times, which is approximate, does without it.
_MODEL = "CASE WHEN OLD.answered_by = '' THEN OLD.model ELSE OLD.answered_by END"
_HOME = f"COALESCE((SELECT connection FROM model WHERE public_id = {_MODEL}), 0)"  # noqa: S608
_FIRST = "COALESCE(OLD.first_text_at, OLD.first_fact_at)"
_LEFT = {
    "messages": "1",
    "errors": "CASE WHEN OLD.status IN ('error', 'interrupted') THEN 1 ELSE 0 END",
    "prompt_tokens": "COALESCE(OLD.prompt_tokens, 0)",
    "cached_tokens": "COALESCE(OLD.cached_tokens, 0)",
    "completion_tokens": "COALESCE(OLD.completion_tokens, 0)",
    "reasoning_tokens": "COALESCE(OLD.reasoning_tokens, 0)",
    "cost_nano": "COALESCE(OLD.cost_nano, 0)",
    "unpriced": "CASE WHEN OLD.completion_tokens IS NOT NULL AND OLD.cost_nano IS NULL THEN 1 ELSE 0 END",
    "began": f"CASE WHEN {_FIRST} IS NULL THEN 0 ELSE 1 END",
    "first_ms": f"CASE WHEN {_FIRST} > OLD.created_at THEN {_FIRST} - OLD.created_at ELSE 0 END",
    "duration_ms": "CASE WHEN OLD.finished_at > OLD.created_at"
    " THEN OLD.finished_at - OLD.created_at ELSE 0 END",
}
_SLOT = "OLD.finished_at - OLD.finished_at % 900000"
_HOUR = "OLD.finished_at - OLD.finished_at % 3600000"
_DAY = "OLD.finished_at - OLD.finished_at % 86400000"


def _counted(table: str, column: str, time: str, owner: str) -> str:
    grown = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in _LEFT)
    return (
        f"INSERT INTO {table} ({column}, owner, model, connection, {', '.join(_LEFT)})"  # noqa: S608
        f" VALUES ({time}, {owner}, {_MODEL}, {_HOME}, {', '.join(_LEFT.values())})"
        f" ON CONFLICT ({column}, owner, model, connection) DO UPDATE SET {grown};"
    )


_ACT = " ".join(
    (
        # In the order in which the worker adds (usage/scripts.py): they must not wait for each other.
        _counted("usage_slot", "slot", _SLOT, "-1"),
        _counted("usage_slot", "slot", _HOUR, "0"),
        _counted("usage_slot", "slot", _SLOT, "OLD.owner"),
        _counted("usage_day", "day", _DAY, "OLD.owner"),
    )
)
_WHEN = "NOT OLD.counted AND OLD.finished_at IS NOT NULL"
TRIGGER = {
    "sqlite": (f"CREATE TRIGGER usage_left AFTER DELETE ON generation WHEN {_WHEN} BEGIN {_ACT} END",),
    "postgres": (
        f"CREATE FUNCTION usage_left() RETURNS TRIGGER LANGUAGE plpgsql"
        f" AS $$ BEGIN {_ACT} RETURN NULL; END $$",
        f"CREATE TRIGGER usage_left AFTER DELETE ON generation FOR EACH ROW WHEN ({_WHEN})"
        " EXECUTE FUNCTION usage_left()",
    ),
}
KEYS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables; the worker fills them from the answers there are."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in STATEMENTS:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))
        for statement in TRIGGER[engine.engine_type]:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
