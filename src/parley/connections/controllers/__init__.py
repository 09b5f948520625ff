"""Addresses of connections and models."""

from parley.connections.controllers.admin import ConnectionController
from parley.connections.controllers.api import ConnectionApiController, list_models

ROUTES = [ConnectionController, ConnectionApiController, list_models]
