"""Addresses of connections and models."""

from litestar.types import ControllerRouterHandler

from parley.connections.controllers.admin import ConnectionController
from parley.connections.controllers.api import ConnectionApiController, list_models

ROUTES: tuple[ControllerRouterHandler, ...] = (ConnectionController, ConnectionApiController, list_models)
