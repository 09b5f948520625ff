"""Addresses of models."""

from litestar.types import ControllerRouterHandler

from parley.catalogue.controllers.api import list_models

ROUTES: tuple[ControllerRouterHandler, ...] = (list_models,)
