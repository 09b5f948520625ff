"""Addresses of imports."""

from litestar.types import ControllerRouterHandler

from parley.importing.controllers.account import ImportController
from parley.importing.controllers.api import ImportApiController

ROUTES: tuple[ControllerRouterHandler, ...] = (ImportController, ImportApiController)
