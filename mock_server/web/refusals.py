"""Refusals that only a door can make: about the request itself, before it means anything."""

from enum import Enum
from http import HTTPStatus

from mock_server.domain.errors import Refusal


class NoSuchPath(Refusal):
    """Nothing is served there."""


class MethodNotAllowed(Refusal):
    """The path exists, for other methods."""


class KeyTrouble(Enum):
    """Why a key does not open the door."""

    MISSING = "none is given"
    FOREIGN = "it is no key of this API"
    UNKNOWN = "nobody has it"
    REVOKED = "it was revoked"


class Unauthorized(Refusal):
    """No key, or none that works."""

    def __init__(self, sentence: str, trouble: KeyTrouble = KeyTrouble.UNKNOWN) -> None:
        super().__init__(sentence)
        self.trouble = trouble


class TooManyRequests(Refusal):
    """Over the organization's rate limit."""


class UnsupportedMediaType(Refusal):
    """The body is not declared as JSON."""


class PayloadTooLarge(Refusal):
    """The body is larger than this operation reads."""


class InvalidJson(Refusal):
    """The body is not JSON at all, or JSON that means two things."""


class Ordered(Refusal):
    """A fault has this status answered; `code` None is the one that belongs to it."""

    def __init__(self, status: int, code: str | None, message: str | None) -> None:
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Ordered by a fault rule"
        super().__init__(message or phrase)
        self.status = status
        self.code = code


class InternalError(Refusal):
    """A mistake of ours; the log has the trace."""


class NotInstalled(Refusal):
    """It takes an extra that this server was installed without."""


class NotReady(Refusal):
    """The server should be given no work now; the sentence says why."""
