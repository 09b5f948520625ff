"""Addresses of models."""

from litestar.types import ControllerRouterHandler

from parley.catalogue.controllers.admin import ModelController
from parley.catalogue.controllers.api import ModelApiController

ROUTES: tuple[ControllerRouterHandler, ...] = (ModelController, ModelApiController)
