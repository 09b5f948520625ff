"""Anthropic's SDK, tied to our transport. Import it late: it brings 3,000 modules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    Omit,
)

from parley.lib.http import HttpClient, HttpError, HttpResponse, Patience, Profile
from parley.lib.http.httpx2_bridge import Bridge, Response, answer_of
from parley.providers.anthropic_reading import classed
from parley.providers.base import ProviderError
from parley.providers.vendor_errors import Secrets, refusal

VERSION_HEADER = "anthropic-version"


class Sdk:
    """One client of the SDK. `headers`, with the key among them, are sent as they are.

    Raises Refused for an address that is none.
    """

    def __init__(
        self, http: HttpClient, url: str, headers: Mapping[str, str], profile: Profile, patience: Patience
    ) -> None:
        bridge = Bridge(http, headers, (VERSION_HEADER,), profile, patience)
        self._client = AsyncAnthropic(
            api_key="-",  # anything: without one, the environment and files in the home directory are asked
            base_url=url,
            http_client=bridge.client(url),
            max_retries=0,
            open_telemetry=False,
            default_headers={"Authorization": Omit()},  # type: ignore[dict-item]  # documented, not typed
        )

    @asynccontextmanager
    async def asked(
        self, body: Mapping[str, Any], version: str, secrets: Secrets
    ) -> AsyncIterator[HttpResponse]:
        """The answer to `body` once it began well; raises ProviderError, HttpError.

        `post` is what the SDK's own `messages.create` calls; asked for the bare response, it makes no
        objects of the events.
        """
        try:
            response = await self._client.post(
                "/v1/messages",
                body=body,
                cast_to=Response,
                stream=True,
                stream_cls=AsyncStream[Any],
                options={"headers": {VERSION_HEADER: version}},
            )
        except AnthropicError as error:
            raise _told(error, secrets) from None
        assert isinstance(response, Response)
        try:
            yield answer_of(response)
        finally:
            await response.aclose()


def _told(error: AnthropicError, secrets: Secrets) -> Exception:
    """The SDK's error as ours; what our transport raised is its cause."""
    if isinstance(error, APIStatusError):
        answer = answer_of(error.response)
        text, data = (error.body, None) if isinstance(error.body, str) else ("", error.body)
        refused = refusal(answer.status, answer.headers, data, text, secrets)
        return classed(refused, data.get("error") if isinstance(data, dict) else None)
    cause = error.__cause__
    if isinstance(error, APIConnectionError) and isinstance(cause, HttpError):
        return cause
    code = "network" if isinstance(error, APIConnectionError) else "malformed"
    return ProviderError.of(code, type(error).__name__)
