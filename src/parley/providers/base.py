"""What every upstream protocol promises, and the registry of them.

A provider turns a `Prompt` into facts. It knows no database, no HTML and no Redis; it receives an
HTTP client and a `Target` and raises `ProviderError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from parley.lib.errors import AppError
from parley.lib.http import HttpClient, Patience
from parley.lib.registry import Registry
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in a turn: its bytes, or an address the upstream fetches itself."""

    mime: str  # image/png, image/jpeg, image/webp or image/gif
    data: bytes = b""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asked a tool for. `arguments` is JSON as the model wrote it, valid or not.

    `state` is text a vendor wants back with the call (Gemini's thought signature).
    """

    id: str
    name: str
    arguments: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a prompt.

    `role` is system, user, assistant or tool. An assistant's turn may hold `calls`; each is answered by a
    turn of role tool with its `call_id` and the tool's `name`. `reasoning` is what the assistant thought, and
    `thought_state` what its vendor wants back unread (Anthropic's signed blocks): both are only sent
    in the turns of a tool loop, and only to those who ask for them.
    """

    role: str
    text: str
    images: tuple[Image, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    name: str = ""
    reasoning: str = ""
    thought_state: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: the upstream's own model id and the turns, oldest first.

    When the last turn is the assistant's, the model is asked to go on with it (`continues`).
    `stream` False asks for the whole answer at once; it comes as the same facts.
    """

    model: str
    turns: tuple[Turn, ...]
    sampling: Sampling = NO_SAMPLING
    reasoning: Reasoning = AS_THE_MODEL_LIKES
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""  # "" is auto; none, required, or the name of a tool
    context_window: int = 0  # tokens the model is taken to read; 0 unknown (Ollama's num_ctx)
    room: int = 0  # tokens the answer may take beside the prompt; 0 unknown. For protocols that need a number
    stream: bool = True

    @property
    def continues(self) -> bool:
        """Whether the answer goes on from the last turn."""
        return bool(self.turns) and self.turns[-1].role == "assistant"

    @property
    def system(self) -> str:
        """The texts of the system turns, for protocols that keep them apart."""
        return "\n\n".join(turn.text for turn in self.turns if turn.role == "system")


# What is asked after an answer that broke off, by protocols that cannot go on with one.
GO_ON = (
    "Continue your last answer from exactly where it stopped. Do not repeat anything, do not comment, "
    "do not start again."
)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtState:
    """What the vendor wants back in a tool loop, see `Turn.thought_state`; the last one counts."""

    data: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the `index`-th tool call of this answer: id and name come once, arguments in pieces."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class ImageOutput:
    """A whole picture the model made."""

    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Tokens as the upstream counted them; a later report of the same answer replaces an earlier one.

    `prompt_tokens` holds the `cached_tokens`, `completion_tokens` the `reasoning_tokens`: vendors that
    count them apart are added up.
    """

    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was asked for and not sent because this model or protocol does not take it; for the trace."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The upstream said it is done. Exactly one, always last.

    `reason` is stop, length, content_filter or tool_calls.
    """

    reason: str


Fact = (
    TextDelta | ReasoningDelta | ThoughtState | ToolCallDelta | ImageOutput | UsageReport | Dropped | Finished
)


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues; whoever shows it translates it."""
    return sentence


# One sentence per class of failure; a ProviderError's message begins with it.
SENTENCES = {
    "authentication": N_("The provider refused the key."),
    "rate_limit": N_("The provider asks to wait."),
    "quota": N_("The account at the provider has no credit left."),
    "context_length": N_("This is longer than the model can read."),
    "content_filter": N_("The provider's content filter refused this."),
    "invalid_request": N_("The provider refused the request."),
    "model_not_found": N_("The provider does not know this model or address."),
    "overloaded": N_("The provider is overloaded. Try again in a moment."),
    "server": N_("The provider had an error. Try again in a moment."),
    "address": N_("Parley does not connect to this address. Enter the address of a provider."),
    "network": N_("The provider cannot be reached."),
    "timeout": N_("The provider did not answer in time."),
    "malformed": N_("The provider sent something that is not an answer."),
    "incomplete": N_("The answer broke off before its end."),
    "empty": N_("The model gave an empty answer. Try again or choose another model."),
    "resting": N_("This provider failed several times in a row. Try again in half a minute."),
}

RETRYABLE = frozenset({"rate_limit", "overloaded", "server", "network", "timeout", "incomplete"})


class ProviderError(AppError):
    """The upstream failed. `code` is a key of SENTENCES; `message` is its sentence and the vendor's words.

    `incomplete` is a stream that ended without its end marker.
    """

    status = 502
    code = "server"

    def __init__(
        self,
        message: str,
        *,
        code: str = "server",
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.retryable = retryable

    @classmethod
    def of(cls, code: str, detail: str = "", *, retry_after: float | None = None) -> ProviderError:
        """The error of a class, with the vendor's own words behind the sentence."""
        message = f"{SENTENCES[code]} {detail}".rstrip()
        return cls(message, code=code, retryable=code in RETRYABLE, retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class Prices:
    """Money per million tokens, in millionths of the currency (USD 0.15 is 150,000); None is unknown."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None  # read from the vendor's prompt cache


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its upstream lists it; what the upstream does not say is None or empty."""

    raw_id: str
    name: str
    kind: str = ""  # chat, embedding, image or other
    capabilities: tuple[str, ...] = ()  # of CAPABILITIES, those the upstream affirms
    denied: tuple[str, ...] = ()  # of CAPABILITIES, those the upstream says are missing
    context_window: int | None = None
    max_output: int | None = None
    prices: Prices | None = None


CAPABILITIES = ("vision", "tools", "reasoning", "image_output", "json")


@dataclass(frozen=True, slots=True)
class Target:
    """Where and with which credential; the key is in the clear here and nowhere else."""

    base_url: str
    key: str
    auth: str = ""  # a word of Kind.auths; "" is its first
    auth_header: str = ""  # the header that carries the key when auth is "header"
    headers: Mapping[str, str] = field(default_factory=dict)  # further ones; may hold secrets
    body: Mapping[str, Any] = field(default_factory=dict)  # laid over each request, never PROTECTED keys
    options: Mapping[str, str] = field(default_factory=dict)  # by Option.name, see Kind
    quirks: frozenset[str] = frozenset()  # words of providers/presets.py
    patience: Patience = field(default_factory=Patience)


PROTECTED = frozenset({"model", "messages", "input", "contents", "system", "stream", "tools", "tool_choice"})


@runtime_checkable
class Provider(Protocol):
    """One upstream protocol."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, exactly one `Finished` last; raises `ProviderError`.

        Closing the iterator closes the upstream request at once.
        """

    async def models(self) -> list[ModelInfo]:
        """The models this target offers; raises `ProviderError`."""


class ProviderFactory(Protocol):
    """Builds a provider for one target."""

    def __call__(self, target: Target, http: HttpClient) -> Provider: ...


@dataclass(frozen=True, slots=True)
class Option:
    """A further field of the admin form that this protocol understands; a short text."""

    name: str  # on the wire: apiVersion, deployments, …
    label: str
    hint: str = ""
    default: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What the admin form needs to know about a provider: no template and no `if` per kind."""

    name: str  # on the wire and in the database
    label: str
    make: ProviderFactory
    needs_url: bool = True
    needs_key: bool = True
    default_url: str = ""
    key_hint: str = ""
    bare_path: str = ""  # what an address without a path means, e.g. "/v1"
    docs: str = ""  # the vendor's page about keys
    auths: tuple[str, ...] = ("bearer",)  # bearer, header or none; the first is the default
    options: tuple[Option, ...] = ()
    calls: tuple[str, ...] = ()  # ends of single calls that people paste; cut off the address


REGISTRY: Registry[Kind] = Registry("provider")
