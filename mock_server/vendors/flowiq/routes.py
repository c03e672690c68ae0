"""FlowIQ's operations: read, call one service, render. Methods and paths are the spec's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain.errors import Invalid
from mock_server.domain.events import Platform
from mock_server.ids import as_uuid
from mock_server.services import broadcasts, contacts, endpoints, lookup, messages, pages
from mock_server.vendors.flowiq import hooks, problems, wire
from mock_server.web import auth
from mock_server.webhooks.targets import check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Request

    from mock_server.domain.contacts import Contact
    from mock_server.domain.messages import Message
    from mock_server.web.door import Call, Reply, View
    from mock_server.world import World

KEYS = "fiq_"


def identify(call: Call, request: Request) -> None:
    """By key; `tenantId` is looked at if it is given (D26)."""
    auth.by_api_key(call, request, KEYS)
    tenant = request.args.get("tenantId")
    if tenant is None or _is_called(call.world, tenant):
        return
    if not tenant:
        raise problems.no_tenant()
    known = any(_is_called(world, tenant) for world in call.orgs.all())
    raise problems.wrong_tenant(call) if known else problems.unknown_tenant(tenant)


def _is_called(world: World, tenant: str) -> bool:
    return tenant in {world.org.slug, world.org.id, as_uuid(world.org.id)}


def get_conversation_messages(call: Call) -> Reply:
    return _ACTIONS[call.query.get("action", "conversation-messages")](call)


def _conversation(call: Call) -> Reply:
    query, contact, terms = call.query, _whose(call), _terms(call)
    page = pages.numbered(
        call.world,
        call.world.store.messages,
        (query.get("page", 1), query.get("limit", 10)),
        index=("contact", contact.id if contact else ""),
        matches=_says(terms) if terms else None,
        ascending=query.get("ascending", False),
    )
    return 200, {
        "success": True,
        "messages": [wire.message(record) for record in page.items],
        "pagination": wire.pagination(page, "Messages"),
        "count": len(page.items),
        "searchTerms": terms or None,
        "filtered": bool(terms),
        "stored": False,
    }


def _whose(call: Call) -> Contact | None:
    """The contact whose conversation is meant; None for a stranger, whose conversation is empty."""
    query = call.query
    if "contactId" in query:
        return lookup.by_uuid(call.world.store.contacts, query["contactId"])
    if "whatsappNumber" not in query:
        raise Invalid("whatsappNumber", "give whatsappNumber or contactId", missing=True)
    with call.world.unit() as unit:
        return contacts.find(unit, wire.read_phone(query["whatsappNumber"]))


def _terms(call: Call) -> list[str]:
    """What to look for: the number of the order, then the words."""
    terms = [term.strip() for term in call.query.get("query", "").split(",") if term.strip()]
    order_id = call.query.get("orderId")
    if order_id is None:
        return terms
    order = call.world.store.orders.get(order_id)
    if order is None:
        raise problems.no_order(order_id)
    return [order.number, *terms]


def _says(terms: list[str]) -> Callable[[Message], bool]:
    """Any of the terms, in any case (D66)."""
    wanted = [term.casefold() for term in terms]
    return lambda record: any(term in wire.shown_text(record).casefold() for term in wanted)


def _contacts(call: Call) -> Reply:
    query = call.query
    page = pages.numbered(
        call.world,
        call.world.store.contacts,
        (query.get("page", 1), query.get("limit", 50)),
        matches=_is_like(query["search"]) if query.get("search") else None,
    )
    return 200, {
        "success": True,
        "contacts": [wire.contact_row(record) for record in page.items],
        "pagination": wire.pagination(page, "Contacts"),
        "count": len(page.items),
    }


def _is_like(search: str) -> Callable[[Contact], bool]:
    """A part of the name, in any case, or of the number, in any spelling."""
    words = search.casefold()
    digits = "".join(letter for letter in search if letter in "0123456789")
    return lambda record: words in (record.name or "").casefold() or bool(digits and digits in record.key)


def _find_by_phone(call: Call) -> Reply:
    text = call.query.get("whatsappNumber") or call.query.get("phoneNumber")
    if text is None:
        raise Invalid("whatsappNumber", "is required for find-by-phone", missing=True)
    number = wire.read_phone(text)
    with call.world.unit() as unit:
        contact = contacts.known(unit, number)
    return 200, {
        "success": True,
        "contact": wire.contact_row(contact),
        "original_phone": text,
        "normalized_phone": number.wa_id,
    }


_ACTIONS: Mapping[str, View] = {
    "conversation-messages": _conversation,
    "contacts": _contacts,
    "find-by-phone": _find_by_phone,
}


def create_contact(call: Call) -> Reply:
    body = call.body
    contact = contacts.verify_and_create(
        call.world,
        wire.read_phone(body["phone_number"]),
        written=body["phone_number"],
        name=body["name"],
        email=body.get("email"),
        tags=wire.read_tags(body.get("tags")),
    )
    shown = wire.created_contact(contact, call.world.org)
    return 201, {"success": True, "message": "Contact created successfully", "contact": shown}


def get_contact(call: Call) -> Reply:
    text = call.query.get("phone_number") or call.query.get("whatsapp_id")
    if text is None:
        raise Invalid("phone_number or whatsapp_id", "is required", missing=True)
    number = wire.read_phone(text)
    with call.world.unit() as unit:
        return 200, {"success": True, "contact": wire.whole_contact(contacts.known(unit, number), call.world.org)}


def send_whatsapp_message(call: Call) -> Reply:
    number = wire.read_phone(call.body["phone_number"])
    content = wire.read_content(call.body)
    message = messages.send(call.world, to=number, content=content, only_known=True, fails_with=call.meta_error)
    return 200, wire.sent_message(message)


def send_template(call: Call) -> Reply:
    wanted = wire.read_broadcast(call.body, call.world.policy.local_country_code)
    return 200, wire.broadcast(*broadcasts.send(call.world, wanted, call.operation.id))


def create_webhook(call: Call) -> Reply:
    body = call.body
    kind, platform = body["type"], Platform(body.get("platform", Platform.WHATSAPP))
    events = hooks.read_type(kind, platform)
    url = check_url(body["url"], call.orgs.webhook_hosts)
    with call.world.unit() as unit:
        endpoint = endpoints.find_same(unit, url, events, hooks.NAME, platform) or endpoints.add(
            call.world, url, events, "", vendor=hooks.NAME, platform=platform
        )
    return 200, {"success": True, "message": "Webhook created successfully", "webhook": wire.webhook(endpoint, kind)}


VIEWS: Mapping[str, View] = {
    "getConversationMessages": get_conversation_messages,
    "createContact": create_contact,
    "getContact": get_contact,
    "sendWhatsAppMessage": send_whatsapp_message,
    "sendTemplate": send_template,
    "createWebhook": create_webhook,
}
