"""Refusals in FlowIQ's words. Two shapes stand side by side: A, with `success`, on /conversations; B everywhere else.

`error` is a title for people, `message` a sentence; some answers carry a key more, and some of A have no `message`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mock_server.domain import errors
from mock_server.domain.contacts import Contact
from mock_server.ids import as_uuid
from mock_server.web import refusals
from mock_server.web.refusals import KeyTrouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.web.door import Call

SHAPE_A = frozenset({"getConversationMessages"})

Row = tuple[int, str, str | None]
"""Status, `error`, `message`."""


class Documented(errors.Refusal):
    """A refusal that only FlowIQ knows, with its words. `extra` stands in the body beside them."""

    def __init__(self, status: int, title: str, message: str | None, **extra: str) -> None:
        super().__init__(message or title)
        self.row: Row = (status, title, message)
        self.extra = extra


def bad_phone() -> Documented:
    """What cannot be a number."""
    return Documented(400, "Invalid phone number", "Phone number must include country code and be at least 10 digits")


def no_tenant() -> Documented:
    """`tenantId` is there, and empty."""
    return Documented(400, "Tenant ID is required", "Please provide tenantId query parameter")


def unknown_tenant(slug: str) -> Documented:
    """No organization is called so."""
    return Documented(404, "Organization not found", f"No organization found with tenantId: {slug}")


def wrong_tenant(call: Call) -> Documented:
    """It is another organization's."""
    if call.operation.id in SHAPE_A:
        return Documented(401, "Authentication mismatch", "Bearer token does not match the provided tenantId")
    return Documented(401, "API key mismatch", "API key does not belong to the specified tenant")


def no_order(order_id: str) -> Documented:
    """The shop has no such order."""
    return Documented(404, "Shopify order not found", None, orderId=order_id)


_NO_KEY: Row = (401, "Authorization required", "Please provide Authorization bearer token")
_KEYS: dict[KeyTrouble, Row] = {
    KeyTrouble.MISSING: _NO_KEY,
    KeyTrouble.FOREIGN: (401, "Invalid token format", "Bearer token must be an API key (fiq_...)"),
    KeyTrouble.UNKNOWN: (401, "Invalid API key", "API key not found"),
    KeyTrouble.REVOKED: (401, "Invalid API key", "API key has been revoked"),
}
_BAD_TOKEN: Row = (401, "AuthenticationError", "Invalid bearer token provided")

_FIXED: dict[type[errors.Refusal], Row] = {
    errors.MetaNotConnected: (400, "Meta not configured", "Organization Meta WhatsApp credentials are not configured"),
    errors.Unreachable: (400, "Invalid WhatsApp number", "The provided phone number is not registered on WhatsApp"),
    errors.AlreadyThere: (409, "Contact already exists", "A contact with this phone number already exists"),
    refusals.TooManyRequests: (429, "Too Many Requests", "Rate limit exceeded"),
}

_TITLES: dict[type[errors.Refusal], tuple[int, str]] = {
    refusals.InvalidJson: (400, "Invalid JSON"),
    errors.PaymentRequired: (402, "Payment required"),
    errors.NotFound: (404, "Not found"),
    refusals.NoSuchPath: (404, "Not found"),
    refusals.MethodNotAllowed: (405, "Method not allowed"),
    refusals.PayloadTooLarge: (413, "Payload too large"),
    refusals.UnsupportedMediaType: (415, "Unsupported media type"),
    errors.OptedOut: (500, "Failed to send message"),
    errors.MetaRejected: (500, "Failed to send message"),
}
"""Refusals whose `message` is the engine's own sentence."""

_INTERNAL: dict[str, str | None] = {"getConversationMessages": None, "createContact": "Failed to create contact"}


def problem(refusal: errors.Refusal, call: Call | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the body. Without a call, shape B."""
    status, title, message = _row(refusal, call)
    body: dict[str, Any] = {"success": False} if call and call.operation.id in SHAPE_A else {}
    body["error"] = title
    if message is not None:
        body["message"] = message
    return status, {**body, **_extra(refusal, call)}


def _row(refusal: errors.Refusal, call: Call | None) -> Row:
    kind, said = type(refusal), str(refusal)
    if isinstance(refusal, Documented):
        return refusal.row
    if isinstance(refusal, refusals.Ordered):
        return refusal.status, refusal.code or _usual_title(refusal.status), said
    if kind in _FIXED:
        return _FIXED[kind]
    about = _ABOUT.get(kind)
    if about is not None and call is not None:
        return about(refusal, call)
    if kind in _TITLES:
        return (*_TITLES[kind], said)
    return 500, "Internal server error", _INTERNAL.get(call.operation.id if call else "", said)


def _usual_title(status: int) -> str:
    """The title of the first row with this status; HTTP's own words for a status that no page has."""
    rows: list[tuple[int, str]] = [*(row[:2] for row in (*_FIXED.values(), *_KEYS.values())), *_TITLES.values()]
    known = (title for usual, title in rows if usual == status)
    return next(known, None) or (HTTPStatus(status).phrase if status in set(HTTPStatus) else f"HTTP {status}")


def _extra(refusal: errors.Refusal, call: Call | None) -> dict[str, Any]:
    if isinstance(refusal, Documented):
        return refusal.extra
    if isinstance(refusal, errors.AlreadyThere) and isinstance(refusal.existing, Contact):
        known = refusal.existing
        return {
            "existing_contact": {"id": as_uuid(known.id), "full_name": known.name, "whatsapp_id": known.key},
        }
    if isinstance(refusal, errors.NotFound) and refusal.thing == "contact" and call is not None:
        return {"normalized_phone" if call.operation.id in SHAPE_A else "whatsapp_id": refusal.wanted}
    return {}


def _key(refusal: refusals.Unauthorized, call: Call) -> Row:
    if call.operation.id in SHAPE_A and refusal.trouble in {KeyTrouble.FOREIGN, KeyTrouble.UNKNOWN}:
        return _BAD_TOKEN
    return _KEYS[refusal.trouble]


def _provider(refusal: errors.OtherProvider, _: Call) -> Row:
    return 400, "Invalid provider", f"Organization must use Meta WhatsApp provider. Current: {refusal.provider}"


def _media(refusal: errors.MediaFailed, _: Call) -> Row:
    if refusal.store:
        return 500, "Storage upload failed", "Failed to upload to storage"
    return 500, "Meta upload failed", "Failed to upload media to Meta"


_LOST = {
    "getConversationMessages": ("Contact not found for the provided phone number", None),
    "getContact": ("Contact not found", "No contact exists with WhatsApp number {}."),
    "sendWhatsAppMessage": (
        "Contact not found",
        "No contact exists with WhatsApp number {}. Please create the contact first using the /api/contact endpoint.",
    ),
}


def _not_found(refusal: errors.NotFound, call: Call) -> Row:
    if refusal.thing == "template":
        return 404, "Template not found", f"No template found with name: {refusal.wanted}"
    if refusal.thing == "channel":
        return _FIXED[errors.MetaNotConnected]
    title, message = _LOST[call.operation.id]
    return 404, title, message and message.format(refusal.wanted)


SUPPORTED = ("text", "image", "video", "audio", "document", "location", "contacts", "interactive", "reaction")
_TYPES = f"Supported types: {', '.join(SUPPORTED)}"
_LIST = "interactive.body, interactive.button, and interactive.sections are required for list messages"
_BUTTONS = "interactive.body and interactive.buttons are required for button messages"
_NEEDED = {
    "text": "text is required for text messages",
    "media_url": "media_url is required for media messages",
    "location": "location.latitude and location.longitude are required for location messages",
    "location.latitude": "location.latitude and location.longitude are required for location messages",
    "location.longitude": "location.latitude and location.longitude are required for location messages",
    "contacts": "contacts array is required for contact messages",
    "interactive": _BUTTONS,
    "interactive.buttons": _BUTTONS,
    "interactive.button": _LIST,
    "interactive.sections": _LIST,
    "reaction": "reaction.message_id is required for reaction messages",
    "reaction.message_id": "reaction.message_id is required for reaction messages",
}
"""One sentence for each type of message, whichever of its fields is missing; anything else is `x is required`."""


def _invalid(refusal: errors.Invalid, call: Call) -> Row:
    field, body = refusal.field, call.body if isinstance(call.body, dict) else {}
    if call.operation.id in SHAPE_A:
        return _invalid_query(refusal)
    if refusal.missing or _at(body, field) in _NOTHING:
        return 400, "Missing required field", _needed(field, body)
    if field == "message_type" and field in body:  # else the body is not even JSON
        return 400, "Invalid message type", f"Unsupported message_type: {body['message_type']}. {_TYPES}"
    return 400, "Invalid request", str(refusal)


def _invalid_query(refusal: errors.Invalid) -> Row:
    if refusal.field == "action":
        return 400, "Invalid action", "Use: conversation-messages, contacts, or find-by-phone"
    return 400, "Missing required parameter" if refusal.missing else "Invalid parameter", str(refusal)


def _needed(field: str, body: dict[str, Any]) -> str:
    if field == "interactive.body":
        return _LIST if _at(body, "interactive.type") == "list" else _BUTTONS
    return _NEEDED.get(field, f"{field} is required")


_NOTHING: tuple[Any, ...] = ("", None, [])
_ELSEWHERE = object()


def _at(body: dict[str, Any], field: str) -> Any:
    """The value there: empty ones count as missing, as they do to the vendor's own kind of server (D67)."""
    value: Any = body
    for step in field.split("."):
        value = value.get(step, _ELSEWHERE) if isinstance(value, dict) else _ELSEWHERE
    return value


_ABOUT: dict[type[errors.Refusal], Callable[[Any, Call], Row]] = {
    errors.Invalid: _invalid,
    errors.NotFound: _not_found,
    errors.OtherProvider: _provider,
    errors.MediaFailed: _media,
    refusals.Unauthorized: _key,
}
"""Refusals whose words depend on what they say, or on who asked what."""
