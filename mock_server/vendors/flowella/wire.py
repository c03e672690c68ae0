"""Records as Flowella's JSON. Nullable fields are always there (both generations of the docs allow it)."""

from typing import Any

from mock_server.domain.contacts import Contact
from mock_server.domain.conversations import Conversation
from mock_server.domain.instant import iso, iso_or_none
from mock_server.domain.messages import Message, MetaError
from mock_server.domain.optouts import OptOut
from mock_server.domain.templates import Template

Json = dict[str, Any]


def contact(record: Contact) -> Json:
    """ContactRow."""
    return {
        "id": record.id,
        "phone": record.phone,
        "waId": record.wa_id,
        "name": record.name,
        "email": record.email,
        "isOptedOut": record.is_opted_out,
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
    }


def sent_message(record: Message) -> Json:
    """The answer to sendMessage."""
    return {
        "id": record.id,
        "conversationId": record.conversation_id,
        "contactId": record.contact_id,
        "metaMessageId": record.wamid,
    }


def meta_error(error: MetaError) -> Json:
    """WhatsApp's own error, as `message.failed` carries it."""
    return {"code": error.code, "title": error.title, "details": error.details}


def opt_out_state(record: OptOut | None) -> Json:
    """The current state; nulls where there never was an opt-out (D11)."""
    if record is None:
        return {"optOutId": None, "active": False, "revokedAt": None}
    return {"optOutId": record.id, "active": record.active, "revokedAt": iso_or_none(record.revoked_at)}


def conversation(record: Conversation, whose: Contact) -> Json:
    """An item of listConversations."""
    return {
        "id": record.id,
        "status": record.status,
        "createdAt": iso(record.created_at),
        "whatsappChannelId": record.channel_id,
        "contact": {"id": whose.id, "phone": whose.phone, "name": whose.name, "waId": whose.wa_id},
        "lastMessageAt": iso_or_none(record.last_message_at),
    }


def template(record: Template) -> Json:
    """An item of listTemplates (D30)."""
    return {
        "id": record.id,
        "metaTemplateId": record.meta_template_id,
        "wabaId": record.waba_id,
        "name": record.name,
        "language": record.language,
        "category": record.category,
        "status": record.status,
        "components": list(record.components),
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
    }
