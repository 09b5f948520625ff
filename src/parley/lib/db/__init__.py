"""One interface over SQLite and PostgreSQL: transactions as scripts, reads as rows."""

from parley.lib.db.script import LARGEST_ID, Database, Many, Row, Script, is_refused, one
from parley.lib.db.urls import open_database

__all__ = ["LARGEST_ID", "Database", "Many", "Row", "Script", "is_refused", "one", "open_database"]
