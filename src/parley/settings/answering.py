"""The settings about answers: patience, context, sampling, reasoning, models. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, choice, declared, number, text
from parley.web.i18n import N_

CARDS.update(
    {
        "patience": N_("Waiting for providers"),
        "context": N_("Context"),
        "sampling": N_("Sampling"),
        "reasoning": N_("Reasoning"),
        "models": N_("Models"),
        "titles": N_("Titles"),
    }
)
EFFORTS = (
    ("", N_("As the model likes")),
    ("off", N_("Off")),
    ("minimal", N_("Minimal")),
    ("low", N_("Low")),
    ("medium", N_("Medium")),
    ("high", N_("High")),
    ("xhigh", N_("Very high")),
    ("max", N_("Maximum")),
)
TAG_MODES = (
    ("default", N_("Known tags")),
    ("custom", N_("Own tags")),
    ("off", N_("Leave the text alone")),
)
ACCESS = (("allow", N_("All models")), ("deny", N_("Only models that are allowed")))
SECONDS, TOKENS = N_("seconds"), N_("tokens")
OPEN: float | None = None
OPEN_TOKENS: int | None = None


CONNECT_SECONDS = declared(
    number(
        "patience.connect", 5.0, 0.1, 60,
        words=(N_("Connecting"), N_("Longest wait for a connection."), SECONDS),
    )
)  # fmt: skip
HEADERS_SECONDS = declared(
    number(
        "patience.headers", 120.0, 0.1, 3600,
        words=(
            N_("First sign of life"), N_("Longest wait until the provider begins to answer at all."), SECONDS,
        ),
    )
)  # fmt: skip
FIRST_TOKEN_SECONDS = declared(
    number(
        "patience.first_token", 120.0, 0.1, 3600,
        words=(
            N_("First words"),
            N_("Longest wait for the first words. Reasoning models can be silent for long."),
            SECONDS,
        ),
    )
)  # fmt: skip
IDLE_SECONDS = declared(
    number(
        "patience.idle", 60.0, 0.1, 3600,
        words=(N_("Silence"), N_("Longest silence in the middle of an answer."), SECONDS),
    )
)  # fmt: skip
TOTAL_SECONDS = declared(
    number(
        "patience.total", 900.0, 1, 36_000,
        words=(N_("Whole answer"), N_("Longest time for one whole answer."), SECONDS),
    )
)  # fmt: skip
DEFAULT_WINDOW = declared(
    number(
        "context.window", 120_000, 1000, 20_000_000, whole=True,
        words=(
            N_("Context window"),
            N_("Used for models of which nobody knows how much they can read."),
            TOKENS,
        ),
    )
)  # fmt: skip
SYSTEM_PROMPT = declared(
    text(
        "context.system_prompt",
        N_("System prompt"),
        N_(
            "Sent first in every chat unless the person or the chat has one."
            " {date}, {time} and {user} are filled in."
        ),
        100_000,
        kind="long",
    )
)
PROMPT_LIMIT = declared(
    number(
        "context.prompt_limit", 12_000, 0, 100_000, whole=True,
        words=(N_("Longest system prompt"), N_("Longer ones are refused."), N_("characters")),
    )
)  # fmt: skip
TEMPERATURE = declared(
    number(
        "sampling.temperature", OPEN, 0, 2, optional=True,
        words=(N_("Temperature"), N_("0 is sober, 2 is wild. Empty leaves it to the model."), ""),
    )
)  # fmt: skip
TOP_P = declared(
    number(
        "sampling.top_p", OPEN, 0.01, 1, optional=True,
        words=(
            N_("Top p"),
            N_("Only the likeliest words up to this share. Empty leaves it to the model."),
            "",
        ),
    )
)  # fmt: skip
MAX_TOKENS = declared(
    number(
        "sampling.max_tokens", OPEN_TOKENS, 1, 1_000_000, whole=True, optional=True,
        words=(N_("Longest answer"), N_("Empty leaves it to the model."), TOKENS),
    )
)  # fmt: skip
EFFORT = declared(
    choice("reasoning.effort", "", N_("Effort"), N_("How much models that can reason should think."), EFFORTS)
)
TAGS = declared(
    choice(
        "reasoning.tags",
        "default",
        N_("Reasoning in the text"),
        N_("Models that write <think> into their answer: fold it away."),
        TAG_MODES,
    )
)
TAG_OPEN = declared(
    text("reasoning.tag_open", N_("Own opening tag"), N_("Where reasoning begins, if it is “Own tags”."), 60)
)
TAG_CLOSE = declared(
    text("reasoning.tag_close", N_("Own closing tag"), N_("Where reasoning ends, if it is “Own tags”."), 60)
)
ACCESS_USER = declared(
    choice(
        "models.access_user",
        "allow",
        N_("Users may use"),
        N_("For models without a rule of their own."),
        ACCESS,
    )
)
ACCESS_VISITOR = declared(
    choice(
        "models.access_visitor",
        "deny",
        N_("Visitors may use"),
        N_("For models without a rule of their own."),
        ACCESS,
    )
)
VISION_MODEL = declared(
    text(
        "models.vision",
        N_("Describes pictures"),
        N_("A model that sees, and describes pictures to models that do not. Empty: those refuse pictures."),
        300,
        kind="model",
    )
)
REFRESH_MINUTES = declared(
    number(
        "models.refresh", 10, 1, 1440, whole=True,
        words=(
            N_("Look for new models"), N_("How often every provider is asked for its models."), N_("minutes"),
        ),
    )
)  # fmt: skip
