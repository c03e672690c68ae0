"""Refusals in Flowella's words: HTTP status and `error.code` (vendor: /api-reference/introduction; D3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mock_server.domain import errors
from mock_server.web import refusals

if TYPE_CHECKING:
    from mock_server.web.door import Call

TABLE: dict[type[errors.Refusal], tuple[int, str]] = {
    errors.Invalid: (400, "VALIDATION_ERROR"),
    refusals.InvalidJson: (400, "INVALID_JSON"),
    errors.MetaRejected: (400, "META_REJECTED"),
    refusals.Unauthorized: (401, "UNAUTHORIZED"),
    errors.PaymentRequired: (402, "PAYMENT_REQUIRED"),
    errors.OptedOut: (403, "CONTACT_OPTED_OUT"),
    errors.MetaNotConnected: (403, "META_NOT_CONNECTED"),
    errors.OtherProvider: (403, "META_NOT_CONNECTED"),
    errors.Forbidden: (403, "FORBIDDEN"),
    errors.NotFound: (404, "NOT_FOUND"),
    refusals.NoSuchPath: (404, "NOT_FOUND"),
    refusals.MethodNotAllowed: (405, "METHOD_NOT_ALLOWED"),
    refusals.PayloadTooLarge: (413, "PAYLOAD_TOO_LARGE"),
    refusals.UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    refusals.TooManyRequests: (429, "RATE_LIMITED"),
    refusals.InternalError: (500, "INTERNAL_ERROR"),
}

NAMED_THINGS = {"channel": "CHANNEL_NOT_FOUND", "template": "TEMPLATE_NOT_FOUND"}
"""D3: where a body names one of these, the code says which was not found."""


def problem(refusal: errors.Refusal, _: Call | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the envelope, exactly `{"error": {"code", "message"}}`."""
    if isinstance(refusal, refusals.Ordered):
        return refusal.status, _envelope(refusal.code or _usual_code(refusal.status), str(refusal))
    status, code = TABLE.get(type(refusal), TABLE[refusals.InternalError])
    if isinstance(refusal, errors.NotFound):
        code = NAMED_THINGS.get(refusal.thing, code)
    return status, _envelope(code, str(refusal))


def _envelope(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _usual_code(status: int) -> str:
    """The code of the first row with this status; HTTP's own words for a status that the vendor does not document."""
    known = (code for usual, code in TABLE.values() if usual == status)
    return next(known, None) or (HTTPStatus(status).name if status in set(HTTPStatus) else f"HTTP_{status}")
