"""The HTTP edge of sharing: what everybody may read, links, downloads, the JSON API."""

from litestar.types import ControllerRouterHandler

from parley.sharing.controllers.api import SessionExportController, ShareApiController
from parley.sharing.controllers.downloads import DataController, ExportController, export_some
from parley.sharing.controllers.public import PublicController
from parley.sharing.controllers.shares import (
    ChatShareController,
    MessageShareController,
    OwnShareController,
)

ROUTES: tuple[ControllerRouterHandler, ...] = (
    PublicController,
    ChatShareController,
    MessageShareController,
    OwnShareController,
    ExportController,
    export_some,
    DataController,
    ShareApiController,
    SessionExportController,
)
