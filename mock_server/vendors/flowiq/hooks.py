"""Events as FlowIQ's webhooks: one flat object each, no envelope, no signature (D28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.calls import Call
from mock_server.domain.errors import Invalid
from mock_server.domain.events import Event, EventKind, Platform
from mock_server.domain.instant import SECOND, iso
from mock_server.domain.messages import Message, MetaError
from mock_server.domain.phones import parse
from mock_server.domain.web_chat import Speaker, WebMessage
from mock_server.ids import as_uuid
from mock_server.vendors.flowiq import wire
from mock_server.web.door import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.domain.deliveries import Delivery, Headers
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.instant import Instant
    from mock_server.vendors.flowiq.wire import Json
    from mock_server.world import World

NAME = "flowiq"
HEADERS = (("Content-Type", "application/json"), ("User-Agent", "FlowIQ-Webhooks/1"))

TELLS = {
    EventKind.MESSAGE_RECEIVED: "message_received",
    EventKind.MESSAGE_SENT: "message_sent",
    EventKind.MESSAGE_STORED: "sent_message",
    EventKind.MESSAGE_DELIVERED: "message_delivered",
    EventKind.MESSAGE_READ: "message_read",
    EventKind.MESSAGE_FAILED: "message_failed",
    EventKind.CALL: "call",
}
_KINDS = {name: kind for kind, name in TELLS.items()}
ON_WEB = frozenset({"message_received", "sent_message", "all"})

_UNDELIVERED = frozenset({130403, 130472, 131026, 131049, 131050})
_WARNING = frozenset({131060})
"""`message_failed` has three statuses and no reason; which of WhatsApp's codes makes which is ours to say (D69)."""


def read_type(kind: str, platform: Platform) -> tuple[EventKind, ...]:
    """The events that a subscription of this type means; `all` is none in particular. Raises Invalid."""
    if platform is Platform.WEB and kind not in ON_WEB:
        raise Invalid("type", f"{kind} does not happen on web; it has {', '.join(sorted(ON_WEB))}")
    return () if kind == "all" else (_KINDS[kind],)


def compose(
    world: World,
    delivery: Delivery,
    endpoint: Endpoint,  # noqa: ARG001 - nothing is signed with its secret
    at: Instant,  # noqa: ARG001 - and no header has the time
    rewrite: Callable[[bytes], bytes] | None = None,
) -> tuple[Headers, bytes]:
    """One attempt; the same for every endpoint and retry. `rewrite` changes the bytes."""
    body = encode(render(delivery.event, as_uuid(world.org.id)))
    return HEADERS, rewrite(body) if rewrite is not None else body


def render(event: Event, organization_id: str) -> Json:
    """The flat object."""
    name = TELLS.get(event.kind, event.kind)  # a fault may have it called something that nobody knows
    match event.subject:
        case Message() as message:
            return _OF_MESSAGE.get(event.kind, _receipt)(name, message, organization_id, iso(event.at))
        case WebMessage() as message:
            return _web(name, message, organization_id)
        case Call() as call:
            return _call(name, call, organization_id, iso(event.at))
        case other:
            raise TypeError(f"FlowIQ has no words for {type(other).__name__}")


def _received(name: str, message: Message, organization_id: str, at: str) -> Json:
    payload = message.payload or {}
    location = {key: payload.get(key) for key in ("latitude", "longitude", "name", "address")}
    return {
        "event_type": name,
        "whatsapp_id": wire.whatsapp_id(message),
        "organization_id": organization_id,
        "timestamp": at,
        "whatsapp_message_id": message.wamid,
        "message_type": message.type,
        "message": message.text or "",
        **wire.media(message),
        "contact_id": as_uuid(message.contact_id),
        "reply_context_id": message.reply_to,
        "location_data": location if message.type == "location" else None,
    }


def _receipt(name: str, message: Message, organization_id: str, at: str) -> Json:
    return {
        "event_type": name,
        "whatsapp_id": wire.whatsapp_id(message),
        "whatsapp_message_id": message.wamid,
        "organization_id": organization_id,
        "status": _failure(message.error) if message.error else wire.SHOWN_STATUS[message.status],
        "timestamp": at,
    }


def _failure(error: MetaError) -> str:
    if error.code in _WARNING:
        return "warning"
    return "undelivered" if error.code in _UNDELIVERED else "failed"


def _stored(name: str, message: Message, organization_id: str, at: str) -> Json:
    media = wire.media(message)
    return {
        "event_type": name,
        "whatsapp_id": wire.whatsapp_id(message),
        "id": as_uuid(message.id),
        "organization_id": organization_id,
        "message": wire.shown_text(message),
        "sender_type": wire.sender_type(message),
        "created_at": iso(message.created_at),
        "contact_id": as_uuid(message.contact_id),
        "message_status": wire.SHOWN_STATUS[message.status],
        "media_type": media["media_type"],
        "media_url": media["media_url"],
        "media_file_name": media["file_name"],
        "member_id": message.member_id,
        "whatsapp_message_id": message.wamid,
        "reply_context_id": message.reply_to,
        "broadcast_id": as_uuid(message.job_id) if message.job_id else None,
        "sent_receipt_received": True,
        "delivered_receipt_received": False,
        "read_receipt_received": False,
        "timestamp": at,
    }


_OF_MESSAGE = {EventKind.MESSAGE_RECEIVED: _received, EventKind.MESSAGE_STORED: _stored}


def _web(name: str, message: WebMessage, organization_id: str) -> Json:
    at = iso(message.created_at)
    return {
        "event_type": name,
        "id": as_uuid(message.id),
        "organization_id": organization_id,
        "visitor_id": message.visitor_id,
        "message": message.text,
        "sender_type": f"{message.speaker}-web",
        "created_at": at,
        "media_type": message.media_type,
        "media_url": message.media_url,
        "media_file_name": message.media_file_name,
        "member_id": message.member_id if message.speaker is Speaker.HUMAN else None,
        "more_data": message.more_data,
        "timestamp": at,
    }


def _call(name: str, call: Call, organization_id: str, at: str) -> Json:
    """The body that WhatsApp itself posts, and FlowIQ's keys beside it."""
    channel, wa_id = call.channel, parse(call.phone).wa_id
    metadata = {"display_phone_number": channel.phone[1:], "phone_number_id": channel.phone_number_id}
    happened: dict[str, Any] = {
        "id": call.wacid,
        "from": wa_id,
        "to": channel.phone[1:],
        "event": call.event,
        "timestamp": str(call.created_at // SECOND),
        "direction": "USER_INITIATED",
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [{"profile": {"name": call.profile_name or ""}, "wa_id": wa_id}],
        "calls": [happened],
    }
    return {
        "event_type": name,
        "object": "whatsapp_business_account",
        "entry": [{"id": channel.waba_id, "changes": [{"value": value, "field": "calls"}]}],
        "organization_id": organization_id,
        "timestamp": at,
        "phone_number_id": channel.phone_number_id,
    }
