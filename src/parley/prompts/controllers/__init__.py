"""The addresses of the prompt library."""

from parley.prompts.controllers.api import PromptApiController
from parley.prompts.controllers.library import OfferedController, PromptController

ROUTES = [PromptController, OfferedController, PromptApiController]
