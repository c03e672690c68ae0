"""Refusals in the control plane's words. The table is by class, the nearest base counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain import errors
from mock_server.web import refusals

if TYPE_CHECKING:
    from mock_server.web.door import Call

TABLE: dict[type[errors.Refusal], tuple[int, str]] = {
    errors.Invalid: (400, "VALIDATION_ERROR"),
    refusals.InvalidJson: (400, "INVALID_JSON"),
    refusals.Unauthorized: (401, "UNAUTHORIZED"),
    errors.Forbidden: (403, "FORBIDDEN"),
    errors.NotFound: (404, "NOT_FOUND"),
    refusals.NoSuchPath: (404, "NOT_FOUND"),
    refusals.MethodNotAllowed: (405, "METHOD_NOT_ALLOWED"),
    errors.Conflict: (409, "CONFLICT"),
    refusals.PayloadTooLarge: (413, "PAYLOAD_TOO_LARGE"),
    refusals.UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    refusals.InternalError: (500, "INTERNAL_ERROR"),
    refusals.NotInstalled: (501, "NOT_INSTALLED"),
    refusals.NotReady: (503, "NOT_READY"),
}


def problem(refusal: errors.Refusal, _: Call | None = None) -> tuple[int, dict[str, Any]]:
    """The status and `{"error": {"code", "message"}}`."""
    status, code = TABLE.get(type(refusal), TABLE[refusals.InternalError])
    return status, {"error": {"code": code, "message": str(refusal)}}
