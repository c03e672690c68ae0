"""Records as FlowIQ's JSON: snake_case, UUIDs, times in three forms; and its bodies as what services take."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mock_server.domain.content import MEDIA, Content, of_payload
from mock_server.domain.errors import Invalid
from mock_server.domain.instant import HOUR, Instant, iso
from mock_server.domain.messages import Direction, Message, MessageStatus
from mock_server.domain.phones import Phone, parse
from mock_server.ids import as_uuid
from mock_server.services.broadcasts import Broadcast
from mock_server.vendors.flowiq.problems import bad_phone

if TYPE_CHECKING:
    from mock_server.domain.contacts import Contact
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.jobs import Job
    from mock_server.services.jobs import Sent
    from mock_server.services.pages import Numbered
    from mock_server.world import Org

Json = dict[str, Any]

SHOWN_STATUS = {
    MessageStatus.PENDING: "sent",
    MessageStatus.SENT: "sent",
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.READ: "read",
    MessageStatus.FAILED: "failed",
    MessageStatus.RECEIVED: "delivered",
}
"""The four of `message_status`; what has not left yet counts as sent, what came in as delivered (D66)."""


def rest_time(instant: Instant) -> str:
    """The API's form: whole seconds, UTC."""
    return f"{iso(instant)[:19]}Z"


def office_time(instant: Instant) -> str:
    """The form of a webhook's `created_at`: milliseconds, at the vendor's own +02:00."""
    return f"{iso(instant + 2 * HOUR)[:-1]}+02:00"


def contact_row(record: Contact) -> Json:
    """Contact: an item of the list, and what find-by-phone finds."""
    return {
        "id": as_uuid(record.id),
        "full_name": record.name,
        "whatsapp_id": record.key,
        "phone_number": record.written or record.phone,
        "email": record.email,
        "created_at": rest_time(record.created_at),
        "tags": list(record.tags),
        "has_unread_messages": record.has_unread,
        "bot_status": "active",
        "archived": False,
    }


def created_contact(record: Contact, org: Org) -> Json:
    """The answer to POST /contact: fewer fields than any other."""
    row = contact_row(record)
    names = ("id", "full_name", "whatsapp_id", "phone_number", "email", "tags")
    return {
        **{name: row[name] for name in names},
        "organization_id": as_uuid(org.id),
        "created_at": row["created_at"],
    }


def whole_contact(record: Contact, org: Org) -> Json:
    """The answer to GET /contact: all there is."""
    row = contact_row(record)
    return {
        **row,
        "organization_id": as_uuid(org.id),
        "allow_broadcast": not record.is_opted_out,
        "blocked": False,
        "active_status": False,
        "source": {"type": record.source} if record.source else None,
        "contact_summary": None,
        "contact_summary_updated_at": None,
        "updated_at": rest_time(record.updated_at),
    }


def message(record: Message) -> Json:
    """ConversationMessage."""
    return {
        "message": shown_text(record),
        "sender_type": sender_type(record),
        "created_at": rest_time(record.created_at),
        "message_status": SHOWN_STATUS[record.status],
        "media_type": "interactive" if record.type == "interactive" else media(record)["media_type"],
        "media_url": media(record)["media_url"],
        "assignee": record.member_id,
        "voice_note_transcription": None,
        "reactions": [{"emoji": reaction.emoji, "sender": reaction.sender} for reaction in record.reactions],
    }


def shown_text(record: Message) -> str:
    """What people read; a message that offers choices is a JSON text of what it offers."""
    offer = record.payload if record.type == "interactive" and record.direction is Direction.OUTBOUND else None
    if offer is None:
        return record.text or ""
    rows = [row for section in offer.get("sections", ()) for row in section["rows"]]
    titles = [choice["title"] for choice in (*offer.get("buttons", ()), *rows)]
    return json.dumps({"header": offer.get("header"), "body": offer["body"], "buttons": titles}, ensure_ascii=False)


def sender_type(record: Message) -> str:
    """Who wrote it."""
    if record.direction is Direction.INBOUND:
        return "user-whatsapp"
    return "human-whatsapp" if record.member_id else "bot-whatsapp"


def media(record: Message) -> Json:
    """What came along: filled for image, video, audio and document only."""
    payload = record.payload if record.payload and record.type in MEDIA else {}
    return {
        "media_type": record.type if payload else None,
        "media_url": payload.get("url"),
        "file_name": payload.get("filename"),
    }


def pagination(page: Numbered[Any], things: str) -> Json:
    """`things` is `Messages` or `Contacts`."""
    return {
        "currentPage": page.number,
        "totalPages": page.pages,
        "hasNextPage": page.number < page.pages,
        "hasPrevPage": page.number > 1,
        f"total{things}": page.total,
        f"{things.lower()}PerPage": page.size,
    }


def webhook(endpoint: Endpoint, kind: str) -> Json:
    """The webhook of POST /set-webhooks."""
    return {
        "id": as_uuid(endpoint.id),
        "url": endpoint.url,
        "type": kind,
        "platform": endpoint.platform,
        "created_at": office_time(endpoint.created_at),
    }


def sent_message(record: Message) -> Json:
    """The answer to POST /send-whatsapp."""
    data = {"message_id": record.wamid, "recipient": whatsapp_id(record), "message_type": record.type}
    return {"success": True, "message": "Message sent successfully", "data": data}


def broadcast(job: Job, contact: Contact, sent: Sent) -> Json:
    """The answer to POST /send-template: `success` is false where WhatsApp refused, and the result says why."""
    went = sent.message is not None
    result = {
        "contactId": as_uuid(contact.id),
        "contactName": contact.name,
        "success": went,
        "messageId": sent.message.wamid if sent.message else None,
        "error": sent.reason,
    }
    return {
        "success": went,
        "summary": {"total": 1, "successful": int(went), "failed": int(not went)},
        "results": [result],
        "broadcastId": as_uuid(job.id),
    }


def whatsapp_id(record: Message) -> str:
    """Digits of the other party."""
    return parse(record.phone).wa_id


_NOT_DIGITS = re.compile(r"[^0-9]")


def read_phone(text: str, local_country_code: str | None = None) -> Phone:
    """Special characters are stripped. With a country code for local numbers, a leading 0 stands for it (D65).

    Raises a refusal in FlowIQ's words.
    """
    digits = _NOT_DIGITS.sub("", text)
    if len(digits) < 10:
        raise bad_phone()
    if local_country_code and digits.startswith("0") and not digits.startswith("00"):
        digits = local_country_code + digits[1:]
    try:
        return parse(digits)
    except Invalid:
        raise bad_phone() from None


def read_tags(text: str | None) -> tuple[str, ...]:
    """Comma-separated: trimmed, empty ones dropped."""
    return tuple(tag.strip() for tag in (text or "").split(",") if tag.strip())


def read_content(body: Json) -> Content:
    """What /send-whatsapp is to send."""
    kind, reply_to = body["message_type"], body.get("context_message_id")
    if kind == "text":
        return Content(kind, body["text"], None, reply_to)
    return of_payload(kind, _PAYLOADS[kind](body), reply_to)


def _media(body: Json) -> Json:
    known = {"media_url": "url", "caption": "caption", "filename": "filename"}
    return {ours: body[theirs] for theirs, ours in known.items() if theirs in body}


def _interactive(body: Json) -> Json:
    """Buttons without an id get one."""
    offer = dict(body["interactive"])
    if "buttons" in offer:
        offer["buttons"] = [{"id": f"btn_{n}", **button} for n, button in enumerate(offer["buttons"], 1)]
    return offer


def _reaction(body: Json) -> Json:
    reaction = body["reaction"]
    return {"messageId": reaction["message_id"], "emoji": reaction.get("emoji", "👍")}


_PAYLOADS = {
    "image": _media,
    "video": _media,
    "audio": lambda body: {"url": body["media_url"]},
    "document": _media,
    "location": lambda body: body["location"],
    "contacts": lambda body: {"contacts": body["contacts"]},
    "interactive": _interactive,
    "reaction": _reaction,
}


def read_broadcast(body: Json, local_country_code: str) -> Broadcast:
    """What /send-template is to send."""
    values = {name: str(value) for name, value in body.get("bodyParameters", {}).items()}
    return Broadcast(
        template_name=body["templateName"],
        phone=read_phone(body["whatsappNumber"], local_country_code),
        newcomer=values.get("name"),
        values=values,
        buttons={name: str(value) for name, value in body.get("buttonParameters", {}).items()},
        header_link=body.get("headerMedia"),
        member_id=body.get("memberId"),
    )
