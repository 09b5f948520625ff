"""Addresses of administration."""

from litestar.types import ControllerRouterHandler

from parley.admin.auditing.controllers import AuditController
from parley.admin.controllers.health import alive, health, ready
from parley.admin.controllers.ratings import ratings
from parley.admin.leaving.controllers import DeletionController, OwnDeletionController
from parley.admin.logs.controllers import LogController
from parley.admin.settings.branding import branded, branding, close_notice
from parley.admin.settings.controllers import SettingsController, SystemSettingsController, answering, centre
from parley.admin.settings.history import HistoryController, TransferController
from parley.admin.settings.marking import take_mark
from parley.admin.settings.network import NetworkController

ROUTES: tuple[ControllerRouterHandler, ...] = (
    alive,
    ready,
    health,
    centre,
    answering,
    SettingsController,
    HistoryController,
    TransferController,
    NetworkController,
    ratings,
    AuditController,
    LogController,
    DeletionController,
    OwnDeletionController,
    branded,
    take_mark,
    branding,
    close_notice,
    SystemSettingsController,
)
