"""Addresses of administration."""

from litestar.types import ControllerRouterHandler

from parley.admin.controllers.health import alive, health, ready
from parley.admin.controllers.ratings import ratings
from parley.admin.settings.branding import branding, close_notice, stylesheet
from parley.admin.settings.controllers import SettingsController, SystemSettingsController, answering, centre

ROUTES: tuple[ControllerRouterHandler, ...] = (
    alive,
    ready,
    health,
    centre,
    answering,
    SettingsController,
    ratings,
    stylesheet,
    branding,
    close_notice,
    SystemSettingsController,
)
