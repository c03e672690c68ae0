"""Records as Flowella's JSON. Nullable fields are always there (both generations of the docs allow it)."""

from typing import Any

from mock_server.domain.contacts import Contact
from mock_server.domain.conversations import Conversation
from mock_server.domain.instant import Instant, iso, iso_or_none
from mock_server.domain.jobs import ButtonValues, HeaderMedia, Job, Recipient
from mock_server.domain.messages import Message, MetaError
from mock_server.domain.optouts import OptOut
from mock_server.domain.phones import parse as parse_phone
from mock_server.domain.tallies import COUNTED, Report
from mock_server.domain.templates import Template
from mock_server.services.jobs import NewJob
from mock_server.web.dates import read_instant

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


def job(record: Job) -> Json:
    """The answer to queueTemplateSend. Asked with `scheduledAt`, answered as `scheduledFor`: the vendor's own trap."""
    return {
        "id": record.id,
        "status": record.status,
        "templateId": record.requested,
        "scheduledFor": iso_or_none(record.scheduled_for),
    }


def read_job(body: Json) -> NewJob:
    """The body of queueTemplateSend. Raises Invalid naming the recipient by its index."""
    media = body.get("headerMedia")
    scheduled = body.get("scheduledAt")
    return NewJob(
        template_id=body["templateId"],
        template_waba_id=body.get("templateWabaId"),
        channel_id=body["whatsappChannelId"],
        header=media and HeaderMedia(media["type"], media["link"], media.get("filename")),
        recipients=[_recipient(index, fields) for index, fields in enumerate(body["recipients"])],
        scheduled_for=None if scheduled is None else read_instant("scheduledAt", scheduled),
        throttle_per_hour=body.get("throttlePerHour"),
    )


def _recipient(index: int, fields: Json) -> Recipient:
    phone = fields.get("phone")
    return Recipient(
        phone=None if phone is None else parse_phone(phone, f"recipients[{index}].phone"),
        contact_id=fields.get("contactId"),
        body=tuple(fields.get("bodyParameters", ())),
        buttons=tuple(ButtonValues(b["index"], tuple(b["parameters"])) for b in fields.get("buttonParameters", ())),
        repeated=False,
    )


def read_date(query: Json, name: str) -> Instant | None:
    """A date or date-time of a query; None when it is not given."""
    return read_instant(name, query[name]) if name in query else None


def analytics(report: Report) -> Json:
    """Outbound message analytics of a period."""
    return {
        "period": {"start": iso(report.start), "end": iso(report.end)},
        "outboundMessages": {
            "total": report.total,
            "counts": dict(zip(COUNTED, report.counts, strict=True)),
            **report.rates(),
        },
    }
