"""Refusals that only a door can make: about the request itself, before it means anything."""

from mock_server.domain.errors import Refusal


class NoSuchPath(Refusal):
    """Nothing is served there."""


class MethodNotAllowed(Refusal):
    """The path exists, for other methods."""


class Unauthorized(Refusal):
    """No key, or none that works."""


class TooManyRequests(Refusal):
    """Over the organization's rate limit."""


class UnsupportedMediaType(Refusal):
    """The body is not declared as JSON."""


class PayloadTooLarge(Refusal):
    """The body is larger than this operation reads."""


class InvalidJson(Refusal):
    """The body is not JSON at all, or JSON that means two things."""


class InternalError(Refusal):
    """A mistake of ours; the log has the trace."""
