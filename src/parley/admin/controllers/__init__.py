"""Addresses of administration."""

from litestar.types import ControllerRouterHandler

from parley.admin.controllers.health import alive, health, ready
from parley.admin.controllers.ratings import ratings
from parley.admin.controllers.settings import AnsweringController, SystemSettingsController

ROUTES: tuple[ControllerRouterHandler, ...] = (
    alive,
    ready,
    health,
    AnsweringController,
    ratings,
    SystemSettingsController,
)
