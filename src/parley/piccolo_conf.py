"""Where Piccolo looks for the engine and the app: migrations and the command line."""

import os

from piccolo.conf.apps import AppRegistry

from parley.lib.db import open_database

DB = open_database(os.environ["DATABASE_URL"]).engine
APP_REGISTRY = AppRegistry(apps=["parley.piccolo_app"])
