"""The search index, and triggers that note every text that came, changed or went.

Triggers, because texts change in many places (questions, answers, imports, purges by cascade) and none
of them may be forgotten. `was` is the text that is in the index now: SQLite's FTS5 without stored content
has to be told what it should forget (https://sqlite.org/fts5.html#the_delete_command).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Search"

TABLES = (
    """CREATE TABLE search_entry (
    id {key},
    owner BIGINT NOT NULL,
    kind VARCHAR(12) NOT NULL,
    source BIGINT NOT NULL,
    place BIGINT NOT NULL
)""",
    "CREATE UNIQUE INDEX search_entry_source ON search_entry (source, kind)",
    """CREATE TABLE search_change (
    id {serial},
    kind VARCHAR(12) NOT NULL,
    source BIGINT NOT NULL,
    was TEXT
)""",
    "CREATE INDEX search_change_source ON search_change (source, kind)",
    """CREATE TABLE search_state (
    id INTEGER NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    message BIGINT NOT NULL,
    conversation BIGINT NOT NULL
)""",
    "INSERT INTO search_state (id, version, message, conversation) VALUES (1, 0, 0, 0)",
)

KEYS = {
    "sqlite": {
        "key": "INTEGER PRIMARY KEY NOT NULL",
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
    },
    "postgres": {"key": "BIGINT PRIMARY KEY", "serial": "BIGSERIAL PRIMARY KEY"},
}

_INDEXED = (
    "CASE WHEN EXISTS (SELECT 1 FROM search_entry WHERE source = OLD.id AND kind = {kind}) THEN {text} END"
)
_MESSAGE = _INDEXED.format(kind="OLD.role", text="OLD.text")
_TITLE = _INDEXED.format(kind="'title'", text="OLD.title")

# Of each trigger: when, on what, on which condition, and what it does.
TRIGGERS = {
    "search_message_came": (
        "AFTER INSERT ON message",
        "NEW.text <> ''",
        "INSERT INTO search_change (kind, source) VALUES (NEW.role, NEW.id);",
    ),
    "search_message_changed": (
        "AFTER UPDATE OF text ON message",
        "OLD.text <> NEW.text",
        f"INSERT INTO search_change (kind, source, was) VALUES (NEW.role, NEW.id, {_MESSAGE});",  # noqa: S608
    ),
    "search_message_went": (
        "AFTER DELETE ON message",
        "OLD.text <> ''",
        f"INSERT INTO search_change (kind, source, was) VALUES (OLD.role, OLD.id, {_MESSAGE});",  # noqa: S608
    ),
    "search_title_came": (
        "AFTER INSERT ON conversation",
        "NEW.title <> ''",
        "INSERT INTO search_change (kind, source) VALUES ('title', NEW.id);",
    ),
    "search_title_changed": (
        "AFTER UPDATE OF title ON conversation",
        "OLD.title <> NEW.title",
        f"INSERT INTO search_change (kind, source, was) VALUES ('title', NEW.id, {_TITLE});",  # noqa: S608
    ),
    "search_title_went": (
        "AFTER DELETE ON conversation",
        "OLD.title <> ''",
        f"INSERT INTO search_change (kind, source, was) VALUES ('title', OLD.id, {_TITLE});",  # noqa: S608
    ),
    "search_temporary_changed": (
        "AFTER UPDATE OF temporary ON conversation",
        "OLD.temporary <> NEW.temporary",
        f"INSERT INTO search_change (kind, source, was) VALUES ('title', NEW.id, {_TITLE});"  # noqa: S608
        " INSERT INTO search_change (kind, source, was) SELECT m.role, m.id, CASE WHEN EXISTS (SELECT 1"
        " FROM search_entry e WHERE e.source = m.id AND e.kind = m.role) THEN m.text END"
        " FROM message m WHERE m.conversation = NEW.id AND m.text <> '';",
    ),
}

INDEX = {
    # Which text has a token is kept, not where and not the text: a fifth of the size.
    "sqlite": (
        "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', detail=none, columnsize=0,"
        " tokenize=\"ascii tokenchars '_'\")",
    ),
    # Rows stay small, the tokens lie apart: newest first reads many rows and no tokens.
    "postgres": (
        "CREATE TABLE search_index (id BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)"
        " WITH (toast_tuple_target = 128)",
        # Without fastupdate: every question would have to read through the list of pending tokens.
        "CREATE INDEX search_index_tokens ON search_index USING GIN (tokens) WITH (fastupdate = off)",
    ),
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


def triggers(engine: str) -> list[str]:
    """The statements that make them."""
    made = []
    for name, (when, condition, act) in TRIGGERS.items():
        if engine == "sqlite":
            made.append(f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN {act} END")
            continue
        made.append(
            f"CREATE FUNCTION {name}() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$"
        )
        made.append(f"CREATE TRIGGER {name} {when} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")
    return made


async def forwards() -> MigrationManager:
    """Add the index; the worker fills it."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        kind = engine.engine_type
        tables = [statement.format(**KEYS[kind]) for statement in TABLES]
        for statement in (*tables, *INDEX[kind], *triggers(kind)):
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
