"""The only way out of the house: one HTTP client with egress profiles."""

from parley.lib.http.client import HttpClient, HttpResponse, JsonAnswer, checked_url
from parley.lib.http.egress import CONNECTION_ADMIN, PUBLIC, Patience, Profile
from parley.lib.http.errors import HttpError, NetworkFailed, Refused, TimedOut, TooLarge, Unreadable

__all__ = [
    "CONNECTION_ADMIN",
    "PUBLIC",
    "HttpClient",
    "HttpError",
    "HttpResponse",
    "JsonAnswer",
    "NetworkFailed",
    "Patience",
    "Profile",
    "Refused",
    "TimedOut",
    "TooLarge",
    "Unreadable",
    "checked_url",
]
