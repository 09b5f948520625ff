"""What every upstream protocol promises, and the registry of them.

A provider turns a `Prompt` into facts. It knows no database, no HTML and no Redis; it receives an
HTTP client and a `Target` and raises `ProviderError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from parley.lib.errors import AppError
from parley.lib.http import HttpClient
from parley.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a prompt; `role` is system, user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: the upstream's own model id and the turns, oldest first.

    When the last turn is the assistant's, the model is asked to go on with it (`continues`).
    """

    model: str
    turns: tuple[Turn, ...]

    @property
    def continues(self) -> bool:
        """Whether the answer goes on from the last turn."""
        return bool(self.turns) and self.turns[-1].role == "assistant"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Tokens as the upstream counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The upstream said it is done. Exactly one, always last; `reason` is stop, length or content_filter."""

    reason: str


Fact = TextDelta | ReasoningDelta | UsageReport | Finished


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
class ModelInfo:
    """A model as its upstream lists it."""

    raw_id: str
    name: str
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where and with which credential; the key is in the clear here and nowhere else."""

    base_url: str
    key: str


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


REGISTRY: Registry[Kind] = Registry("provider")
