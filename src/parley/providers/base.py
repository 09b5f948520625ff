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


class ProviderError(AppError):
    """The upstream failed. `code` is one of the classes below; `message` keeps the vendor's words.

    Codes: authentication, rate_limit, quota, context_length, content_filter, invalid_request,
    model_not_found, overloaded, server, network, timeout, malformed, incomplete (a stream that
    ended without its end marker).
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


REGISTRY: Registry[Kind] = Registry("provider")
