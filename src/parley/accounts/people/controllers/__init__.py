"""Addresses about people: administrators' pages, the same for programs, the link for a new password."""

from litestar.types import ControllerRouterHandler

from parley.accounts.people.controllers.api import UserApiController
from parley.accounts.people.controllers.links import ResetController
from parley.accounts.people.controllers.users import UserController

ROUTES: tuple[ControllerRouterHandler, ...] = (UserController, UserApiController, ResetController)
