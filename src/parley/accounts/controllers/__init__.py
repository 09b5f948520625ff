"""The HTTP edge of accounts: entry, first run, one's own account, and the administrators' list."""

from litestar.types import ControllerRouterHandler

from parley.accounts.controllers.account import PasswordController, SessionController
from parley.accounts.controllers.api import AuthApiController, UserApiController
from parley.accounts.controllers.entry import (
    HomeController,
    LoginController,
    LogoutController,
    PendingController,
    PreferenceController,
    RegisterController,
)
from parley.accounts.controllers.preferences import HabitsController
from parley.accounts.controllers.setup import SetupController
from parley.accounts.controllers.users import UserController

ROUTES: tuple[ControllerRouterHandler, ...] = (
    HomeController,
    SetupController,
    LoginController,
    RegisterController,
    PendingController,
    LogoutController,
    PreferenceController,
    HabitsController,
    SessionController,
    PasswordController,
    UserController,
    AuthApiController,
    UserApiController,
)
