"""Events as Flowella's webhooks: the exact bytes, and the headers that go with them (D19, D20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain.conversations import Conversation
from mock_server.domain.events import Event, EventKind, OptOutMade, TemplateReviewed
from mock_server.domain.instant import SECOND, Instant, iso
from mock_server.domain.messages import Direction, Message
from mock_server.vendors.flowella.wire import Json, meta_error
from mock_server.web.door import encode
from mock_server.webhooks.signing import sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.domain.deliveries import Delivery, Headers
    from mock_server.domain.endpoints import Endpoint
    from mock_server.world import World


TELLS: dict[EventKind, str] = {
    kind: str(kind) for kind in EventKind if kind not in {EventKind.MESSAGE_STORED, EventKind.CALL}
}
"""The engine's names are Flowella's own."""


def compose(
    world: World,
    delivery: Delivery,
    endpoint: Endpoint,
    at: Instant,
    rewrite: Callable[[bytes], bytes] | None = None,
) -> tuple[Headers, bytes]:
    """One attempt. The body is the same for every endpoint and retry; timestamp and signature are this attempt's.

    `rewrite` changes the bytes before they are signed.
    """
    body = render(delivery.event, world.org.id, by_resource=world.policy.event_id == "resource")
    if rewrite is not None:
        body = rewrite(body)
    headers = (
        ("Content-Type", "application/json"),
        ("User-Agent", "Flowella-Webhooks/1"),
        ("X-Flowella-Signature", sign(endpoint.secret, body)),
        ("X-Flowella-Timestamp", str(at // SECOND)),
        ("X-Flowella-Event", delivery.event.kind),
        ("X-Flowella-Delivery", delivery.id),
    )
    return headers, body


def render(event: Event, organization_id: str, *, by_resource: bool = False) -> bytes:
    """The body: UTF-8 JSON, compact. `by_resource` puts the subject's id into `data.id` instead of the event's own."""
    data, subject_id = _describe(event)
    data = {"id": subject_id if by_resource else event.id, **data, "timestamp": iso(event.at)}
    body = {"event": event.kind, "createdAt": iso(event.at), "organizationId": organization_id, "data": data}
    return encode(body)


def _describe(event: Event) -> tuple[Json, str]:
    """The subject's fields, and its own id."""
    match event.subject:
        case Message() as message:
            details = _received(message) if message.direction is Direction.INBOUND else _status(message)
            return {**_message_ids(message), **details}, message.id
        case Conversation() as conversation:
            return _conversation(conversation), conversation.id
        case OptOutMade() as made:
            return _opt_out(made), made.opt_out.id
        case TemplateReviewed() as reviewed:
            return _template(reviewed), reviewed.template.id
        case None:
            return {"message": "This is a test event sent from Settings > Webhooks."}, event.id
        case other:
            raise TypeError(f"Flowella has no words for {type(other).__name__}")


def _message_ids(message: Message) -> Json:
    return {
        "messageId": message.id,
        "conversationId": message.conversation_id,
        "contactId": message.contact_id,
        "whatsappChannelId": message.channel_id,
        "metaMessageId": message.wamid,
    }


def _received(message: Message) -> Json:
    return {
        "from": message.phone,
        "profileName": message.profile_name,
        "type": message.type,
        "text": message.text,
        "payload": message.payload,
        "replyTo": message.reply_to,
    }


def _status(message: Message) -> Json:
    data = {"to": message.phone, "status": message.status, "templateId": message.template_id}
    error = message.error
    return data if error is None else {**data, "error": meta_error(error)}


def _conversation(conversation: Conversation) -> Json:
    return {
        "conversationId": conversation.id,
        "contactId": conversation.contact_id,
        "whatsappChannelId": conversation.channel_id,
        "status": conversation.status,
    }


def _opt_out(made: OptOutMade) -> Json:
    return {
        "optOutId": made.opt_out.id,
        "contactId": made.opt_out.contact_id,
        "whatsappChannelId": made.opt_out.channel_id,
        "phone": made.contact.phone,
        "reason": made.opt_out.reason,
        "source": made.opt_out.source,
    }


def _template(reviewed: TemplateReviewed) -> Json:
    template = reviewed.template
    return {
        "templateId": template.id,
        "metaTemplateId": template.meta_template_id,
        "wabaId": template.waba_id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "previousStatus": reviewed.previous,
        "reason": template.reason,
    }
