"""The HTTP edge of accounts: entry, first run, one's own account, and the administrators' list."""

from litestar.types import ControllerRouterHandler

from parley.accounts.controllers.account import PasswordController, SessionController
from parley.accounts.controllers.api import AuthApiController
from parley.accounts.controllers.entry import (
    HomeController,
    LogoutController,
    PendingController,
    PreferenceController,
)
from parley.accounts.controllers.login import LoginController
from parley.accounts.controllers.preferences import HabitsController
from parley.accounts.controllers.profile import ProfileController
from parley.accounts.controllers.security import security
from parley.accounts.controllers.setup import SetupController
from parley.accounts.grouping.controllers import GroupController
from parley.accounts.inviting.controllers import InvitationController
from parley.accounts.oidc.administering import SignInController
from parley.accounts.oidc.controllers import ROUTES as PROVIDER_ROUTES
from parley.accounts.passkeys.controllers import ROUTES as PASSKEY_ROUTES
from parley.accounts.people.controllers import ROUTES as PEOPLE_ROUTES
from parley.accounts.registering.controllers import RegisterController
from parley.accounts.twofactor.controllers import ROUTES as TWO_FACTOR_ROUTES
from parley.accounts.visiting.controllers import VisitController

ROUTES: tuple[ControllerRouterHandler, ...] = (
    HomeController,
    SetupController,
    LoginController,
    RegisterController,
    VisitController,
    PendingController,
    LogoutController,
    PreferenceController,
    HabitsController,
    ProfileController,
    SessionController,
    PasswordController,
    *PEOPLE_ROUTES,
    GroupController,
    InvitationController,
    AuthApiController,
    security,
    *TWO_FACTOR_ROUTES,
    *PASSKEY_ROUTES,
    *PROVIDER_ROUTES,
    SignInController,
)
