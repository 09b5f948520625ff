"""The settings about answers: patience, context, sampling, reasoning, models. Pure."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from parley.settings.catalogue import N_, SETTINGS, Setting, T

CARDS = {
    "patience": N_("Waiting for providers"),
    "context": N_("Context"),
    "sampling": N_("Sampling"),
    "reasoning": N_("Reasoning"),
    "models": N_("Models"),
}

Seconds = Annotated[float, Meta(ge=0.1, le=3600)]


def _add(setting: Setting[T]) -> Setting[T]:
    SETTINGS.add(setting.key, setting)  # type: ignore[arg-type]  # the registry forgets the type
    return setting


CONNECT_SECONDS = _add(
    Setting(
        "patience.connect", Seconds, 5.0, "patience",
        N_("Connecting"), N_("Longest wait for a connection."), "number", N_("seconds"),
    )
)  # fmt: skip
HEADERS_SECONDS = _add(
    Setting(
        "patience.headers", Seconds, 120.0, "patience",
        N_("First sign of life"), N_("Longest wait until the provider begins to answer at all."),
        "number", N_("seconds"),
    )
)  # fmt: skip
FIRST_TOKEN_SECONDS = _add(
    Setting(
        "patience.first_token", Seconds, 120.0, "patience",
        N_("First words"), N_("Longest wait for the first words. Reasoning models can be silent for long."),
        "number", N_("seconds"),
    )
)  # fmt: skip
IDLE_SECONDS = _add(
    Setting(
        "patience.idle", Seconds, 60.0, "patience",
        N_("Silence"), N_("Longest silence in the middle of an answer."), "number", N_("seconds"),
    )
)  # fmt: skip
TOTAL_SECONDS = _add(
    Setting(
        "patience.total", Seconds, 900.0, "patience",
        N_("Whole answer"), N_("Longest time for one whole answer."), "number", N_("seconds"),
    )
)  # fmt: skip
DEFAULT_WINDOW = _add(
    Setting(
        "context.window", Annotated[int, Meta(ge=1000, le=20_000_000)], 120_000, "context",
        N_("Context window"), N_("Used for models of which nobody knows how much they can read."),
        "number", N_("tokens"),
    )
)  # fmt: skip
SYSTEM_PROMPT = _add(
    Setting(
        "context.system_prompt", Annotated[str, Meta(max_length=100_000)], "", "context",
        N_("System prompt"),
        N_(
            "Sent first in every chat unless the person or the chat has one."
            " {date}, {time} and {user} are filled in."
        ),
        "long",
    )
)  # fmt: skip
PROMPT_LIMIT = _add(
    Setting(
        "context.prompt_limit", Annotated[int, Meta(ge=0, le=100_000)], 12_000, "context",
        N_("Longest system prompt"), N_("Longer ones are refused."), "number", N_("characters"),
    )
)  # fmt: skip
TEMPERATURE = _add(
    Setting(
        "sampling.temperature", Annotated[float, Meta(ge=0, le=2)] | None, None, "sampling",
        N_("Temperature"), N_("0 is sober, 2 is wild. Empty leaves it to the model."), "number",
    )
)  # fmt: skip
TOP_P = _add(
    Setting(
        "sampling.top_p", Annotated[float, Meta(gt=0, le=1)] | None, None, "sampling",
        N_("Top p"), N_("Only the likeliest words up to this share. Empty leaves it to the model."), "number",
    )
)  # fmt: skip
MAX_TOKENS = _add(
    Setting(
        "sampling.max_tokens", Annotated[int, Meta(ge=1, le=1_000_000)] | None, None, "sampling",
        N_("Longest answer"), N_("Empty leaves it to the model."), "number", N_("tokens"),
    )
)  # fmt: skip
EFFORT = _add(
    Setting(
        "reasoning.effort", Annotated[str, Meta(pattern="^(|off|minimal|low|medium|high|xhigh|max)$")], "",
        "reasoning",
        N_("Effort"), N_("How much models that can reason should think."), "choice",
        choices=(
            ("", N_("As the model likes")), ("off", N_("Off")), ("minimal", N_("Minimal")),
            ("low", N_("Low")), ("medium", N_("Medium")), ("high", N_("High")),
            ("xhigh", N_("Very high")), ("max", N_("Maximum")),
        ),
    )
)  # fmt: skip
TAGS = _add(
    Setting(
        "reasoning.tags", Annotated[str, Meta(pattern="^(default|custom|off)$")], "default", "reasoning",
        N_("Reasoning in the text"), N_("Models that write <think> into their answer: fold it away."),
        "choice",
        choices=(
            ("default", N_("Known tags")), ("custom", N_("Own tags")), ("off", N_("Leave the text alone")),
        ),
    )
)  # fmt: skip
TAG_OPEN = _add(
    Setting(
        "reasoning.tag_open", Annotated[str, Meta(max_length=60)], "", "reasoning",
        N_("Own opening tag"), N_("Where reasoning begins, if it is “Own tags”."),
    )
)  # fmt: skip
TAG_CLOSE = _add(
    Setting(
        "reasoning.tag_close", Annotated[str, Meta(max_length=60)], "", "reasoning",
        N_("Own closing tag"), N_("Where reasoning ends, if it is “Own tags”."),
    )
)  # fmt: skip
ACCESS_USER = _add(
    Setting(
        "models.access_user", Annotated[str, Meta(pattern="^(allow|deny)$")], "allow", "models",
        N_("Users may use"), N_("For models without a rule of their own."), "choice",
        choices=(("allow", N_("All models")), ("deny", N_("Only models that are allowed"))),
    )
)  # fmt: skip
ACCESS_VISITOR = _add(
    Setting(
        "models.access_visitor", Annotated[str, Meta(pattern="^(allow|deny)$")], "deny", "models",
        N_("Visitors may use"), N_("For models without a rule of their own."), "choice",
        choices=(("allow", N_("All models")), ("deny", N_("Only models that are allowed"))),
    )
)  # fmt: skip
VISION_MODEL = _add(
    Setting(
        "models.vision", Annotated[str, Meta(max_length=300)], "", "models",
        N_("Describes pictures"),
        N_("A model that sees, and describes pictures to models that do not. Empty: those refuse pictures."),
        "model",
    )
)  # fmt: skip
REFRESH_MINUTES = _add(
    Setting(
        "models.refresh", Annotated[int, Meta(ge=1, le=1440)], 10, "models",
        N_("Look for new models"), N_("How often every provider is asked for its models."),
        "number", N_("minutes"),
    )
)  # fmt: skip
