"""Control plane: what people do on their side: they write on WhatsApp or in the chat window of a web page, they call.

And what the organization's own people do beside the API: answering a visitor, selling something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.content import Content, of_payload
from mock_server.domain.events import Platform
from mock_server.domain.instant import iso
from mock_server.domain.web_chat import Speaker
from mock_server.services import calls, messages, orders, web_chat
from mock_server.web.control import wire
from mock_server.web.control.filters import listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_server.domain.calls import Call as WhatsAppCall
    from mock_server.domain.orders import Order
    from mock_server.domain.web_chat import WebMessage
    from mock_server.web.door import Call, Reply, View


def receive_inbound(call: Call) -> Reply:
    body = call.body
    if body.get("platform") == Platform.WEB:
        return 201, show_web_message(_from_web(call))
    who = {
        "sender": body["from"],
        "channel_id": body.get("channelId"),
        "profile_name": body.get("profileName"),
    }
    if body.get("type") == "call":
        event = body.get("payload", {}).get("event", "connect")
        return 201, show_call(calls.receive(call.world, event=event, **who))
    message = messages.receive(call.world, content=_content(body), **who)
    return 201, wire.message(message, call.world)


def _content(body: dict[str, Any]) -> Content:
    kind, reply_to = body.get("type", "text"), body.get("replyTo")
    if kind == "text":
        return Content(kind, body["text"], None, reply_to)
    return of_payload(kind, body["payload"], reply_to)


def _from_web(call: Call) -> Any:
    body = call.body
    extras = _extras(body)
    return web_chat.receive(call.world, visitor_id=body.get("visitorId"), text=body.get("text", ""), extras=extras)


def answer_on_web(call: Call) -> Reply:
    body = call.body
    message = web_chat.answer(
        call.world,
        visitor_id=body["visitorId"],
        speaker=Speaker(body.get("speaker", Speaker.HUMAN)),
        text=body.get("text", ""),
        extras={**_extras(body), "member_id": body.get("memberId")},
    )
    return 201, show_web_message(message)


def _extras(body: dict[str, Any]) -> dict[str, Any]:
    payload = body.get("payload", {})
    return {
        "media_type": body["type"] if payload.get("url") else None,
        "media_url": payload.get("url"),
        "media_file_name": payload.get("filename"),
        "more_data": body.get("moreData"),
    }


def list_web_messages(call: Call) -> Reply:
    return listing(call, call.world.store.web_messages, show_web_message, indexed=("visitorId", "visitor"))


def list_orders(call: Call) -> Reply:
    return listing(call, call.world.store.orders, show_order)


def put_order(call: Call) -> Reply:
    return 201, show_order(orders.put(call.world, call.body["id"], call.body["number"]))


def show_call(record: WhatsAppCall) -> wire.Json:
    """A contact's call."""
    return {
        "id": record.id,
        "wacid": record.wacid,
        "event": record.event,
        "from": record.phone,
        "contactId": record.contact_id,
        "whatsappChannelId": record.channel.id,
        "createdAt": iso(record.created_at),
    }


def show_web_message(record: WebMessage) -> wire.Json:
    """What was said in the chat window of a web page."""
    return {
        "id": record.id,
        "visitorId": record.visitor_id,
        "speaker": record.speaker,
        "text": record.text,
        "mediaType": record.media_type,
        "mediaUrl": record.media_url,
        "mediaFileName": record.media_file_name,
        "moreData": record.more_data,
        "memberId": record.member_id,
        "createdAt": iso(record.created_at),
    }


def show_order(record: Order) -> wire.Json:
    """An order of the shop."""
    return {"id": record.id, "number": record.number}


VIEWS: Mapping[str, View] = {
    "receiveInbound": receive_inbound,
    "listWebMessages": list_web_messages,
    "answerOnWeb": answer_on_web,
    "listOrders": list_orders,
    "putOrder": put_order,
}
