"""The HTTP edge of chat: pages, turns, streams and the JSON API."""

from litestar.types import ControllerRouterHandler

from parley.chat.branches.controllers import RatingController, VersionController, why
from parley.chat.controllers.api import SessionApiController, StreamApiController
from parley.chat.controllers.conversations import ConversationController, ConversationListController
from parley.chat.controllers.models import ChatModelController, PickerController
from parley.chat.controllers.personal import PersonalApiController
from parley.chat.controllers.settings import PersonalController, TuningController
from parley.chat.controllers.streams import EventController, GenerationController
from parley.chat.controllers.turns import MessageController, TurnController, start_conversation
from parley.chat.controllers.viewers import ViewerController
from parley.chat.organising.controllers import (
    FolderApiController,
    FolderController,
    OrderController,
    OrderFragmentController,
)
from parley.chat.palette.controllers import PaletteController
from parley.chat.searching.controllers import SearchController
from parley.chat.summing.controllers import SummaryController
from parley.chat.temporary.controllers import TemporaryController
from parley.chat.titling.controllers import TitleController

ROUTES: tuple[ControllerRouterHandler, ...] = (
    ConversationController,
    ConversationListController,
    ChatModelController,
    PickerController,
    TuningController,
    PersonalController,
    PersonalApiController,
    start_conversation,
    TurnController,
    MessageController,
    VersionController,
    RatingController,
    why,
    GenerationController,
    EventController,
    ViewerController,
    SessionApiController,
    StreamApiController,
    TemporaryController,
    PaletteController,
    OrderController,
    FolderController,
    OrderFragmentController,
    FolderApiController,
    TitleController,
    SearchController,
    SummaryController,
)
