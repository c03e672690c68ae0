"""Flowella's operations: read, call one service, render. Methods and paths are the spec's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.services import analytics, contacts, jobs, messages, optouts, pages
from mock_server.vendors.flowella import wire
from mock_server.web.paging import answer, window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.web.door import Call, Reply, View


def ping(call: Call) -> Reply:
    return 200, {"ok": True, "organizationId": call.world.org.id}


def send_message(call: Call) -> Reply:
    body = call.body
    message = messages.send_text(
        call.world,
        to=body["to"],
        text=body["text"],
        channel_id=body.get("whatsappChannelId"),
        fails_with=call.meta_error,
    )
    return 201, wire.sent_message(message)


def list_contacts(call: Call) -> Reply:
    return answer(pages.contacts(call.world, **window(call)), wire.contact)


def upsert_contact(call: Call) -> Reply:
    names = {"name": "name", "email": "email", "waId": "wa_id"}
    changes = {names[field]: value for field, value in call.body.items() if field in names}
    return 200, wire.contact(contacts.upsert(call.world, call.body["phone"], changes))


def set_opt_out(call: Call) -> Reply:
    body = call.body
    phone, channel_id = body["phone"], body["whatsappChannelId"]
    if body["action"] == "clear":
        return 200, wire.opt_out_state(optouts.clear_by_api(call.world, phone=phone, channel_id=channel_id))
    record = optouts.set_by_api(call.world, phone=phone, channel_id=channel_id, reason=body.get("reason"))
    return 200, wire.opt_out_state(record)


def list_conversations(call: Call) -> Reply:
    page = pages.conversations(call.world, **window(call), status=call.query.get("status"))
    return answer(page, lambda found: wire.conversation(*found))


def list_templates(call: Call) -> Reply:
    page = pages.templates(call.world, **window(call), status=call.query.get("status"))
    return answer(page, wire.template)


def queue_template_send(call: Call) -> Reply:
    return 201, wire.job(jobs.queue(call.world, wire.read_job(call.body), call.operation.id))


def get_outbound_analytics(call: Call) -> Reply:
    start, end = (wire.read_date(call.query, name) for name in ("startDate", "endDate"))
    return 200, wire.analytics(analytics.report(call.world, start, end))


VIEWS: Mapping[str, View] = {
    "ping": ping,
    "sendMessage": send_message,
    "listContacts": list_contacts,
    "upsertContact": upsert_contact,
    "setOptOut": set_opt_out,
    "listConversations": list_conversations,
    "listTemplates": list_templates,
    "queueTemplateSend": queue_template_send,
    "getOutboundAnalytics": get_outbound_analytics,
}
