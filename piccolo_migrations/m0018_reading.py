"""What people used by the hour, all models together; and everybody together by the day, by model.

A page over months reads a row for each hour and for each day and model, not one for each quarter and model;
and of everybody's waiting times one for each hour, not one for each of its buckets. In PostgreSQL, search,
whose index of tokens knows no order, learns which entries are somebody's newest.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:18:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Less to read for usage and search"

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
_MODEL = "CASE WHEN OLD.answered_by = '' THEN OLD.model ELSE OLD.answered_by END"
_HOME = f"COALESCE((SELECT connection FROM model WHERE public_id = {_MODEL}), 0)"  # noqa: S608
_HOUR = "OLD.finished_at - OLD.finished_at % 3600000"
_DAY = "OLD.finished_at - OLD.finished_at % 86400000"
_WHEN = "NOT OLD.counted AND OLD.finished_at IS NOT NULL"
_NAMES = ", ".join(_LEFT)
_ADDED = ", ".join(f"CAST(SUM({name}) AS BIGINT)" for name in _LEFT)
KEYS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}
BUCKETS = range(64)
_FIRSTS = ", ".join(f"b{bucket:02}" for bucket in BUCKETS)
_EACH = ", ".join(
    f"CAST(SUM(CASE WHEN {f'bucket = {bucket}' if bucket < BUCKETS[-1] else f'bucket >= {bucket}'}"
    " THEN answers ELSE 0 END) AS BIGINT)"
    for bucket in BUCKETS
)
STATEMENTS = (
    f"""CREATE TABLE usage_hour (
    id {{serial}},
    owner BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    {", ".join(f"{name} BIGINT NOT NULL" for name in _LEFT)}
)""",
    f"INSERT INTO usage_hour (owner, hour, {_NAMES})"  # noqa: S608
    f" SELECT owner, slot - slot % 3600000, {_ADDED} FROM usage_slot WHERE owner >= 0 GROUP BY 1, 2",
    "CREATE UNIQUE INDEX usage_hour_key ON usage_hour (owner, hour)",
    "CREATE INDEX usage_hour_time ON usage_hour (hour)",
    f"INSERT INTO usage_day (day, owner, model, connection, {_NAMES})"  # noqa: S608
    f" SELECT day, 0, model, connection, {_ADDED} FROM usage_day GROUP BY day, model, connection",
    "CREATE INDEX usage_day_owner ON usage_day (owner, day)",
    f"""CREATE TABLE usage_first (
    id {{serial}},
    hour BIGINT NOT NULL,
    {", ".join(f"b{bucket:02} BIGINT NOT NULL" for bucket in BUCKETS)}
)""",
    f"INSERT INTO usage_first (hour, {_FIRSTS}) SELECT hour, {_EACH} FROM usage_wait WHERE model = ''"  # noqa: S608
    " GROUP BY hour",
    "CREATE UNIQUE INDEX usage_first_key ON usage_first (hour)",
    "DELETE FROM usage_wait WHERE model = ''",
)

SEARCH = {
    "sqlite": (),
    "postgres": ("CREATE INDEX search_entry_owner ON search_entry (owner, id)",),
}


def _counted(table: str, keys: dict[str, str]) -> str:
    grown = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in _LEFT)
    return (
        f"INSERT INTO {table} ({', '.join(keys)}, {_NAMES})"  # noqa: S608
        f" VALUES ({', '.join(keys.values())}, {', '.join(_LEFT.values())})"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {grown};"
    )


# Beside the triggers of m0010_usage and m0016_figures, for the same rows. PostgreSQL calls triggers in the
# order of their names; the worker adds in that order (usage/scripts.py): they must not wait for each other.
_ACT = " ".join(
    (
        _counted("usage_hour", {"owner": "0", "hour": _HOUR}),
        _counted("usage_hour", {"owner": "OLD.owner", "hour": _HOUR}),
        _counted("usage_day", {"day": _DAY, "owner": "0", "model": _MODEL, "connection": _HOME}),
    )
)
TRIGGER = {
    "sqlite": (f"CREATE TRIGGER usage_left_sums AFTER DELETE ON generation WHEN {_WHEN} BEGIN {_ACT} END",),
    "postgres": (
        f"CREATE FUNCTION usage_left_sums() RETURNS TRIGGER LANGUAGE plpgsql"
        f" AS $$ BEGIN {_ACT} RETURN NULL; END $$",
        f"CREATE TRIGGER usage_left_sums AFTER DELETE ON generation FOR EACH ROW WHEN ({_WHEN})"
        " EXECUTE FUNCTION usage_left_sums()",
    ),
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the table and fill it from the sums there are; a second or two for each million answers."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in STATEMENTS:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))
        for statement in (*TRIGGER[engine.engine_type], *SEARCH[engine.engine_type]):
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
