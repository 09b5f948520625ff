"""The one outbound HTTP client (interface; see HttpClient)."""

from __future__ import annotations

from typing import Protocol


class HttpClient(Protocol):
    """Replaced by the real client."""
