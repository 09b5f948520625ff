"""How a chat's answers are drawn: what a person typed or a program sent -> checked values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from parley.lib.errors import Invalid
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling, is_format
from parley.settings import answering
from parley.web.i18n import N_, _

T = TypeVar("T", Sampling, Reasoning)

# Fields of the panel: name, label, what may be typed, the words for anything else.
NUMBERS = (
    ("temperature", N_("Temperature"), N_("A number from 0 (sober) to 2 (wild).")),
    ("top_p", N_("Top p"), N_("A number above 0, at most 1.")),
    ("top_k", N_("Top k"), N_("A whole number from 1 to 1,000.")),
    ("max_tokens", N_("Longest answer"), N_("A whole number of tokens, at least 1.")),
    ("presence_penalty", N_("Presence penalty"), N_("A number from -2 to 2.")),
    ("frequency_penalty", N_("Frequency penalty"), N_("A number from -2 to 2.")),
    ("seed", N_("Seed"), N_("A whole number.")),
)
STOP = N_("At most 4 lines; each is a text at which the answer stops.")
FORMAT = N_("A JSON object, as in OpenAI's Chat Completions.")
BUDGET = N_("A whole number of tokens, at least 1.")
SAYS = {name: says for name, _label, says in NUMBERS} | {
    "stop": STOP,
    "budget": BUDGET,
    "response_format": FORMAT,
}
FIELDS = {"stop": "stops"}  # "stop" is the name of a button on the page
UNUSABLE = N_("This cannot be used here.")

# What the reasoning control offers, weakest first; a form cannot tell "" from a missing field.
EFFORTS = (("auto", answering.EFFORTS[0][1]), *answering.EFFORTS[1:])


@dataclass(frozen=True, slots=True)
class Tuning:
    """What one chat wants; "" and empty leave it to the person, the model and the site."""

    system_prompt: str = ""
    sampling: Sampling = NO_SAMPLING
    reasoning: Reasoning = AS_THE_MODEL_LIKES


def stored(system_prompt: str, sampling: str, reasoning: str) -> Tuning:
    """From the columns of a conversation; what no longer fits counts as not set."""
    return Tuning(system_prompt, _decoded(sampling, Sampling), _decoded(reasoning, Reasoning))


def sampling_of(values: Mapping[str, Any]) -> Sampling:
    """Checked sampling from JSON. Raises Invalid with a sentence for each field that does not fit."""
    return _checked(values, Sampling)


def reasoning_of(values: Mapping[str, Any]) -> Reasoning:
    """Checked reasoning from JSON. Raises Invalid like `sampling_of`."""
    return _checked(values, Reasoning)


def from_form(typed: Mapping[str, str]) -> Tuning:
    """What was typed into the panel. Raises Invalid with a sentence for each field that does not fit."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        name: typed[name].strip() for name, *_rest in NUMBERS if typed.get(name, "").strip()
    }
    stops = tuple(line for line in typed.get("stops", "").replace("\r", "").split("\n") if line)
    if stops:
        values["stop"] = stops
    sampling, reasoning = NO_SAMPLING, AS_THE_MODEL_LIKES
    try:
        sampling = sampling_of(values)
    except Invalid as error:
        errors |= {FIELDS.get(name, name): says for name, says in error.fields.items()}
    try:
        reasoning = with_effort(_budget(typed), typed.get("effort", "auto"))
    except Invalid as error:
        errors |= error.fields
    if errors:
        raise Invalid(_("Some fields cannot be used. Look at the marked ones."), fields=errors)
    return Tuning(typed.get("system_prompt", "").replace("\0", "").strip(), sampling, reasoning)


def typed_of(tuning: Tuning) -> dict[str, str]:
    """The panel as it has to be filled in to mean `tuning`."""
    given = tuning.sampling.given()
    typed = {
        name: f"{given[name]:g}" if isinstance(given[name], float) else str(given[name])
        for name, *_rest in NUMBERS
        if name in given
    }
    return typed | {
        "system_prompt": tuning.system_prompt,
        "stops": "\n".join(tuning.sampling.stop or ()),
        "effort": effort_of(tuning.reasoning),
        "budget": str(tuning.reasoning.budget or ""),
    }


def effort_of(reasoning: Reasoning) -> str:
    """The word of EFFORTS that says the same."""
    return "off" if reasoning.mode == "off" else reasoning.effort or "auto"


def effort_stored(reasoning: str) -> str:
    """The word of EFFORTS for a conversation's column."""
    return effort_of(_decoded(reasoning, Reasoning))


def with_effort(reasoning: Reasoning, effort: str) -> Reasoning:
    """The same reasoning with another effort; raises Invalid for a word that is not in EFFORTS."""
    if effort not in dict(EFFORTS):
        raise Invalid(_(UNUSABLE), fields={"effort": _(UNUSABLE)})
    if effort == "off":
        return Reasoning(mode="off")
    return Reasoning(mode="", effort="" if effort == "auto" else effort, budget=reasoning.budget)


def with_effort_stored(reasoning: str, effort: str) -> str | None:
    """A conversation's column with another effort; None when that changes nothing, as "" always does."""
    before = _decoded(reasoning, Reasoning)
    if effort in ("", effort_of(before)):
        return None
    return as_json(with_effort(before, effort))


@dataclass(frozen=True, slots=True)
class Change:
    """What to write of a tuning; None leaves what is there."""

    system_prompt: str | None = None
    sampling: Sampling | None = None
    reasoning: Reasoning | None = None

    @property
    def columns(self) -> tuple[str | None, str | None, str | None]:
        """As a conversation stores it: system_prompt, sampling, reasoning."""
        return (
            self.system_prompt,
            None if self.sampling is None else as_json(self.sampling),
            None if self.reasoning is None else as_json(self.reasoning),
        )


NO_CHANGE = Change()


def checked_prompt(text: str, limit: int) -> str:
    """A system prompt that can be stored; raises Invalid when it is longer than `limit` characters."""
    text = text.replace("\0", "").strip()
    if len(text) > limit:
        says = _("At most %(most)s characters; this has %(have)s.", most=f"{limit:,}", have=f"{len(text):,}")
        raise Invalid(says, fields={"system_prompt": says})
    return text


def as_json(part: Sampling | Reasoning) -> str:
    """For a column of the conversation."""
    return msgspec.json.encode(part).decode()


def _budget(typed: Mapping[str, str]) -> Reasoning:
    text = typed.get("budget", "").strip()
    return reasoning_of({"budget": text}) if text else AS_THE_MODEL_LIKES


def _decoded(text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text or "{}", type=kind)
    except (msgspec.DecodeError, RecursionError):
        return kind()


def _checked(values: Mapping[str, Any], kind: type[T]) -> T:
    """Field by field, so that each wrong one gets its own sentence."""
    known = {each.name: each.type for each in msgspec.structs.fields(kind)}
    errors, fine = {}, {}
    for name, value in values.items():
        try:
            fine[name] = msgspec.convert(value, known[name], strict=False)
        except (KeyError, msgspec.ValidationError):
            errors[name] = _(SAYS.get(name, UNUSABLE))
    if fine.get("response_format") is not None and not is_format(fine["response_format"]):
        errors["response_format"] = _(FORMAT)
    if errors:
        raise Invalid(" ".join(f"{name}: {says}" for name, says in errors.items()), fields=errors)
    return kind(**fine)
