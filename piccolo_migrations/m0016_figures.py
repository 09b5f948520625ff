"""What was expected of an answer, kept with its charge; and what people used by day, all models together.

A lost worker's answer is priced by the first. Everybody's usage over months reads a row for each person and
day of the second, not one for each of their models.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:16:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Expected amounts, and what people used by day"

CHARGES = (
    "ALTER TABLE charge ADD COLUMN prompt_tokens BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE charge ADD COLUMN price_input BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE charge ADD COLUMN price_output BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX charge_open ON charge (owner) WHERE state = 'reserved'",
)
# As in m0010_usage, not imported from there: a migration is loaded by its path, wherever Parley is started.
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
_DAY = "OLD.finished_at - OLD.finished_at % 86400000"
_WHEN = "NOT OLD.counted AND OLD.finished_at IS NOT NULL"
KEYS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}
_NAMES = ", ".join(_LEFT)
_ADDED = ", ".join(f"CAST(SUM({name}) AS BIGINT)" for name in _LEFT)
PEOPLE = (
    f"""CREATE TABLE usage_person (
    id {{serial}},
    day BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    {", ".join(f"{name} BIGINT NOT NULL" for name in _LEFT)}
)""",
    "CREATE UNIQUE INDEX usage_person_key ON usage_person (day, owner)",
    f"INSERT INTO usage_person (day, owner, {_NAMES})"  # noqa: S608
    f" SELECT day, owner, {_ADDED} FROM usage_day GROUP BY day, owner",
)
# Beside the trigger of m0010_usage, for the same rows.
_GROWN = ", ".join(f"{name} = usage_person.{name} + excluded.{name}" for name in _LEFT)
_ACT = (
    f"INSERT INTO usage_person (day, owner, {_NAMES})"  # noqa: S608
    f" VALUES ({_DAY}, OLD.owner, {', '.join(_LEFT.values())})"
    f" ON CONFLICT (day, owner) DO UPDATE SET {_GROWN};"
)
TRIGGER = {
    "sqlite": (f"CREATE TRIGGER usage_left_person AFTER DELETE ON generation WHEN {_WHEN} BEGIN {_ACT} END",),
    "postgres": (
        f"CREATE FUNCTION usage_left_person() RETURNS TRIGGER LANGUAGE plpgsql"
        f" AS $$ BEGIN {_ACT} RETURN NULL; END $$",
        f"CREATE TRIGGER usage_left_person AFTER DELETE ON generation FOR EACH ROW WHEN ({_WHEN})"
        " EXECUTE FUNCTION usage_left_person()",
    ),
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add columns, table and trigger; of charges that wait for their end now nothing was expected."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in (*CHARGES, *(each.format(**KEYS[engine.engine_type]) for each in PEOPLE)):
            await Raw.raw(statement)
        for statement in TRIGGER[engine.engine_type]:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
