"""Why an outbound request failed."""


class HttpError(Exception):
    """An outbound request failed; the message names the cause in plain words and holds no header."""


class Refused(HttpError):
    """The address may not be reached under this profile. Always the same words: no port scanner."""


class TimedOut(HttpError):
    """Nobody answered in time."""


class NetworkFailed(HttpError):
    """Name resolution, connection, TLS or the HTTP protocol failed, or the peer hung up."""


class TooLarge(HttpError):
    """More bytes than the profile allows."""


class Unreadable(HttpError):
    """The body is not what was asked for: broken compression, no JSON."""
