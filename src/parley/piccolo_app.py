"""Piccolo's view of Parley: one app, one migration history."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

TABLE_MODULES = [
    "parley.accounts.tables",
    "parley.accounts.inviting.tables",
    "parley.accounts.oidc.tables",
    "parley.accounts.passkeys.tables",
    "parley.accounts.twofactor.tables",
    "parley.audit.tables",
    "parley.backups.tables",
    "parley.connections.tables",
    "parley.quotas.tables",
    "parley.settings.tables",
    "parley.files.tables",
    "parley.search.tables",
    "parley.catalogue.tables",
    "parley.routes.tables",
    "parley.chat.tables",
    "parley.generations.tables",
    "parley.prompts.tables",
    "parley.sharing.tables",
    "parley.importing.tables",
    "parley.traces.tables",
    "parley.usage.tables",
    "parley.websearch.tables",
]

APP_CONFIG = AppConfig(
    app_name="parley",
    migrations_folder_path=str(Path(__file__).parents[2] / "piccolo_migrations"),
    table_classes=table_finder(TABLE_MODULES, exclude_imported=True),
)
