"""Composition root of the web process: one line per domain."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

import parley
from parley.accounts.controllers import ROUTES as ACCOUNT_ROUTES
from parley.accounts.guards import DEPENDENCIES as ACCOUNT_DEPENDENCIES
from parley.admin.controllers import ROUTES as ADMIN_ROUTES
from parley.audit.acting import acting_middleware
from parley.backups.controllers import ROUTES as BACKUP_ROUTES
from parley.catalogue.controllers import ROUTES as CATALOGUE_ROUTES
from parley.chat.controllers import ROUTES as CHAT_ROUTES
from parley.connections.controllers import ROUTES as CONNECTION_ROUTES
from parley.files.controllers import ROUTES as FILE_ROUTES
from parley.generations.follow import Follower
from parley.importing.controllers import ROUTES as IMPORT_ROUTES
from parley.lib.config import Config
from parley.lib.db.checkpoint import Checkpointer
from parley.lib.db.sqlite import SQLiteDatabase
from parley.lib.highlight import warm_up
from parley.lib.logging import AccessLog
from parley.prompts.controllers import ROUTES as PROMPT_ROUTES
from parley.quotas.controllers import ROUTES as QUOTA_ROUTES
from parley.resources import Resources, open_resources
from parley.routes.controllers import ROUTES as ROUTE_ROUTES
from parley.settings import mirror
from parley.settings.pins import fix as fix_settings
from parley.sharing.controllers import ROUTES as SHARING_ROUTES
from parley.traces.controllers import ROUTES as TRACE_ROUTES
from parley.usage.controllers import ROUTES as USAGE_ROUTES
from parley.web.assets import Assets, static_files
from parley.web.errors import EXCEPTION_HANDLERS
from parley.web.i18n import language_middleware
from parley.web.installing import installing
from parley.web.render import Renderer
from parley.web.sandbox import sandbox_pages
from parley.web.security import Security
from parley.websearch.controllers import ROUTES as WEBSEARCH_ROUTES

ROUTES = (
    *ACCOUNT_ROUTES,
    *ADMIN_ROUTES,
    *BACKUP_ROUTES,
    *CHAT_ROUTES,
    *CONNECTION_ROUTES,
    *CATALOGUE_ROUTES,
    *ROUTE_ROUTES,
    *FILE_ROUTES,
    *IMPORT_ROUTES,
    *PROMPT_ROUTES,
    *QUOTA_ROUTES,
    *SHARING_ROUTES,
    *TRACE_ROUTES,
    *USAGE_ROUTES,
    *WEBSEARCH_ROUTES,
)


class App(Litestar):
    """Litestar with the plug-in of what our handlers speak, msgspec.

    By default it loads Pydantic when that is installed, and Piccolo brings it: 9 MB in the web process.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create_app(config: Config) -> Litestar:
    """The web application; everything that is open is opened in its lifespan."""
    assets = Assets(config.root_path)
    state = State()
    state.config = config
    state.renderer = Renderer(root=config.root_path, version=parley.__version__, asset=assets.url)

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        fix_settings(app.state.config.pins)
        async with open_resources(app.state.config) as resources, contextlib.AsyncExitStack() as running:
            app.state.resources = resources
            await mirror.refresh(resources)
            running.push_async_callback(_end, asyncio.create_task(mirror.stay_fresh(resources)))
            app.state.follower = Follower(resources.hub, resources.db)
            running.push_async_callback(_end, asyncio.create_task(app.state.follower.run()))
            if isinstance(resources.db, SQLiteDatabase):
                checkpointer = Checkpointer(resources.db.path)
                running.push_async_callback(_end, asyncio.create_task(checkpointer.run()))
            running.push_async_callback(_end, asyncio.create_task(asyncio.to_thread(warm_up)))
            yield

    app = App(
        path=config.root_path or "/",
        route_handlers=[
            *ROUTES,
            static_files(assets),
            *installing(assets, config.root_path),
            *sandbox_pages(assets),
        ],
        dependencies={
            **ACCOUNT_DEPENDENCIES,
            "resources": Provide(provide_resources, sync_to_thread=False),
            "follower": Provide(provide_follower, sync_to_thread=False),
        },
        lifespan=[lifespan],
        state=state,
        plugins=[Security(config)],
        middleware=[language_middleware, acting_middleware],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,  # its pages load scripts from other hosts
        logging_config=None,  # parley.lib.logging owns the root logger
        request_max_body_size=2_000_000,
    )
    app.asgi_handler = AccessLog(app.asgi_handler)  # a middleware would not see addresses nobody serves
    return app


def provide_resources(state: State) -> Resources:
    """What this process holds open."""
    resources: Resources = state.resources
    return resources


def provide_follower(state: State) -> Follower:
    """The generations somebody in this process listens to."""
    follower: Follower = state.follower
    return follower


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
