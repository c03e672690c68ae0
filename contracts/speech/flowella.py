"""Flowella's speech: paths, field names, the envelope."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.exchange import Call, get, post
from contracts.provenance import DESIGNED, DOCUMENTED, Mark
from contracts.speech.base import GREETING, Listing, Speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.laws.case import Case


def _envelope(_: str | None, body: Any) -> str | None:
    """Exactly `{"error": {"code", "message"}}`, both texts."""
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict):
        return 'the body is not {"error": {"code", "message"}}'
    error = body["error"]
    for name in ("code", "message"):
        if not isinstance(error.get(name), str) or not error[name]:
            return f"error.{name} is not a text"
    if set(body) != {"error"} or set(error) != {"code", "message"}:
        return "the envelope has more than code and message"
    return None


def _code(body: Any) -> str | None:
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None


def _reaches(body: Mapping[str, Any]) -> Iterator[Any]:
    """Every field that can name a person, wherever it stands: the harness fails closed."""
    for name in ("to", "phone", "contactId", "waId"):
        if body.get(name) is not None:
            yield body[name]
    recipients = body.get("recipients", [])
    for recipient in recipients if isinstance(recipients, list) else [recipients]:
        if isinstance(recipient, dict):
            yield from _reaches(recipient)
        else:
            yield recipient


def _items(body: Any) -> list[Any]:
    items = body.get("items") if isinstance(body, dict) else None
    return items if isinstance(items, list) else []


def _following(body: Any) -> Any:
    return body.get("nextCursor") if isinstance(body, dict) else None


def _page(path: str, limit: Any = None, cursor: Any = None) -> Call:
    return get(path, limit=limit, cursor=cursor)


def _send(to: str, text: str, channel: str | None = None) -> Call:
    return post("/messages", {"to": to, "text": text} | ({"whatsappChannelId": channel} if channel else {}))


def _opt_out(action: str, phone: str, channel: str) -> Call:
    return post("/opt-outs", {"action": action, "phone": phone, "whatsappChannelId": channel})


def _queue(template: str, channel: str, recipients: list[Any], **more: Any) -> Call:
    body = {"templateId": template, "whatsappChannelId": channel, "recipients": recipients, **more}
    return post("/templates/send", body)


def _upsert(phone: str, **fields: Any) -> Call:
    return post("/contacts", {"phone": phone, **fields})


def _analytics(start: str | None = None, end: str | None = None) -> Call:
    return get("/analytics", startDate=start, endDate=end)


def _tour(case: Case) -> None:
    """Every operation once, and the few ways in which its answers differ."""
    case.ask(get("/ping"))
    for path in ("/contacts", "/conversations", "/templates"):
        case.ask(get(path, limit=1))
    for status in ("OPEN", "CLOSED"):
        case.ask(get("/conversations", status=status))
    case.ask(get("/templates", status="APPROVED"))
    case.ask(_analytics())
    case.ask(_analytics("2025-01-01", "2025-02-01"))
    if case.scene.may_write:
        _tour_of_writes(case)


def _tour_of_writes(case: Case) -> None:
    scene, somebody = case.scene, case.scene.people.somebody()
    if scene.people.invented:
        case.ask(_send(somebody, GREETING))  # they never wrote, so it fails in a moment
        case.ask(_upsert(scene.people.somebody(), name="New Here"))
    case.ask(_upsert(somebody, name="Ada Lovelace", email="ada@example.com"))
    case.ask(_upsert(somebody, name=None))
    channel = scene.channel(case)
    for action in ("clear", "set", "set", "clear"):
        case.ask(_opt_out(action, somebody, channel))
    case.ask(_queue(scene.template(case)["id"], channel, [scene.recipient(case, somebody)]))
    for path in ("/contacts", "/conversations"):
        case.ask(get(path, limit=1))
        case.ask(get(path))
    for _ in range(5):  # until a message has failed or arrived, so that the rates are not all 0
        report = case.ask(_analytics()).json
        messages = report.get("outboundMessages") if isinstance(report, dict) else None
        if not isinstance(messages, dict) or any(messages.get(rate) for rate in ("deliveryRate", "failureRate")):
            break
        scene.client.wait(0.2)


def _samples(case: Case) -> Iterator[Call]:
    """Texts go to somebody who has opted out of nothing; a call that is refused as it should be reaches nobody."""
    scene = case.scene
    for path in ("/ping", "/contacts", "/conversations", "/templates", "/analytics"):
        yield get(path)
    if not scene.may_write:
        return
    somebody = scene.people.somebody()
    yield _upsert(somebody, name="Sample")
    yield _send(somebody, GREETING)
    channel = scene.channel(case)
    yield _opt_out("clear", somebody, channel)
    yield _queue(scene.template(case)["id"], channel, [scene.recipient(case, somebody)])


def _narrow(document: dict[str, Any], numbers: list[str]) -> None:
    schemas = document["components"]["schemas"]
    schemas["PhoneInput"] = {"type": "string", "enum": numbers}


FLOWELLA = Speech(
    name="flowella",
    operations=frozenset({"ping", "sendMessage", "listContacts", "upsertContact", "setOptOut"}),
    knock=lambda: get("/ping"),
    envelope=_envelope,
    code=_code,
    reaches=_reaches,
    tour=_tour,
    samples=_samples,
    narrow=_narrow,
    listings=(
        Listing(
            "listContacts",
            partial(_page, "/contacts"),
            _items,
            _following,
            Mark(DOCUMENTED, "/api-reference/contacts/list-contacts"),
            rows_by_upsert=True,
        ),
        Listing(
            "listConversations",
            partial(_page, "/conversations"),
            _items,
            _following,
            Mark(DOCUMENTED, "/api-reference/conversations/list-conversations"),
        ),
        Listing("listTemplates", partial(_page, "/templates"), _items, _following, Mark(DESIGNED, "D30")),
    ),
    verbs={
        "send": _send,
        "upsert": _upsert,
        "opt_out": _opt_out,
        "queue": _queue,
        "analytics": _analytics,
        "contacts": partial(_page, "/contacts"),
        "conversations": partial(_page, "/conversations"),
    },
    key_shape="flo_{}",
)
