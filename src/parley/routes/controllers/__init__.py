"""Addresses of routes."""

from litestar.types import ControllerRouterHandler

from parley.routes.controllers.admin import RouteController
from parley.routes.controllers.api import RouteApiController

ROUTES: tuple[ControllerRouterHandler, ...] = (RouteController, RouteApiController)
