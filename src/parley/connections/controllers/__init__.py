"""Addresses of connections."""

from litestar.types import ControllerRouterHandler

from parley.connections.controllers.admin import ConnectionController
from parley.connections.controllers.api import ConnectionApiController

ROUTES: tuple[ControllerRouterHandler, ...] = (ConnectionController, ConnectionApiController)
