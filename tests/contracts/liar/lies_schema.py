"""Answers that do not have the shape that the spec gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import parse

from .lying import Honest, edits, lie

if TYPE_CHECKING:
    from .messages import Answer, Call

Json = Any


@edits("GET /contacts", "response-schema")
def contact_without_phone(body: Json) -> None:
    """A field is missing: the list of contacts has no `phone`"""
    for item in body["items"]:
        del item["phone"]


@edits("GET /contacts", "response-schema")
def wa_id_is_a_number(body: Json) -> None:
    """Wrong type: `waId` is a number, as somebody kept digits in an integer column"""
    for item in body["items"]:
        item["waId"] = int(item["waId"])


@edits("POST /contacts", "response-schema")
def opted_out_is_text(body: Json) -> None:
    """Wrong type: `isOptedOut` is "true" or "false" in quotes"""
    body["isOptedOut"] = str(body["isOptedOut"]).lower()


@edits("GET /ping", "response-schema")
def organization_is_null(body: Json) -> None:
    """Null where there must be a value: `organizationId` of ping"""
    body["organizationId"] = None


@edits("GET /templates", "response-schema")
def status_of_the_old_api(body: Json) -> None:
    """A value outside the enum: approved templates are `ACTIVE`"""
    for item in body["items"]:
        if item["status"] == "APPROVED":
            item["status"] = "ACTIVE"


@edits("POST /messages", "response-schema")
def ids_are_uuids(body: Json) -> None:
    """Wrong format: message ids are UUIDs since the database was moved"""
    body["id"] = f"6f1c{body['id'][1:5]}-{body['id'][5:9]}-4a7b-8c9d-{body['id'][-12:]}"


@edits("GET /conversations", "response-schema")
def european_dates(body: Json) -> None:
    """Wrong format: `createdAt` of conversations is written 21/11/2026 10:00"""
    for item in body["items"]:
        year, month, rest = item["createdAt"].split("-")
        item["createdAt"] = f"{rest[:2]}/{month}/{year} {rest[3:8]}"


@edits("GET /contacts", "response-schema")
def times_in_milliseconds(body: Json) -> None:
    """Wrong type: `updatedAt` of contacts is milliseconds since 1970"""
    for item in body["items"]:
        item["updatedAt"] = parse(item["updatedAt"]) // 1000


@edits("GET /conversations", "response-schema")
def a_single_item_is_no_list(body: Json) -> None:
    """Wrong type now and then: `items` is an object when there is exactly one"""
    if len(body["items"]) == 1:
        body["items"] = body["items"][0]


@edits("GET /templates", "response-schema")
def a_bare_list(body: Json) -> Json:
    """Another container: templates come as an array without `items`"""
    return body["items"]


@edits("GET /analytics", "response-schema")
def rates_in_percent(body: Json) -> None:
    """Out of range: the rates run from 0 to 100"""
    for name in ("deliveryRate", "readRate", "failureRate"):
        body["outboundMessages"][name] = round(body["outboundMessages"][name] * 100, 1)


@edits("GET /analytics", "response-schema")
def zero_is_left_out(body: Json) -> None:
    """A field is missing when it is zero: without failures there is no `FAILED`"""
    counts = body["outboundMessages"]["counts"]
    if not counts["FAILED"]:
        del counts["FAILED"]


@edits("POST /templates/send", "response-schema", "no-extra-fields")
def scheduled_at_as_asked(body: Json) -> None:
    """A field is renamed: the job says `scheduledAt`, as the request does, and not `scheduledFor`"""
    body["scheduledAt"] = body.pop("scheduledFor")


@lie("POST /opt-outs", "response-schema")
def empty_answer(call: Call, honest: Honest) -> Answer:
    """Nothing in the body: setting an opt-out answers 200 with no JSON at all"""
    answer = honest(call)
    return answer.saying(b"") if answer.ok else answer


@edits("GET /contacts", "no-extra-fields")
def internal_field_of_contacts(body: Json) -> None:
    """A field that nobody promised: rows as they are in the database, with `tenantShard`"""
    for item in body["items"]:
        item["tenantShard"] = "eu-2"


@edits("GET /conversations", "no-extra-fields")
def internal_field_inside(body: Json) -> None:
    """A field that nobody promised, one level down: `contact.crmNotes` of conversations"""
    for item in body["items"]:
        item["contact"]["crmNotes"] = ""


@edits("GET /contacts", "response-schema")
def no_cursor_is_null(body: Json) -> None:
    """Null where nothing must be: the last page has `nextCursor: null`"""
    body.setdefault("nextCursor", None)


@lie("GET /conversations", "same-shape")
def now_and_then_null(call: Call, honest: Honest) -> Answer:
    """Answers change from call to call: `lastMessageAt` is null every second time, when one of two nodes answers"""
    honest.memory["calls"] = honest.memory.get("calls", 0) + 1
    answer = honest(call)
    if answer.ok and honest.memory["calls"] % 2 == 0:
        for item in (body := answer.json)["items"]:
            item["lastMessageAt"] = None
        return answer.saying(body)
    return answer


@lie("GET /templates", "same-shape")
def now_and_then_empty(call: Call, honest: Honest) -> Answer:
    """Answers change from call to call: every second list of all templates comes before their `components` are read"""
    if "status" in call.query:
        return honest(call)
    honest.memory["calls"] = honest.memory.get("calls", 0) + 1
    answer = honest(call)
    if answer.ok and honest.memory["calls"] % 2 == 0:
        for item in (body := answer.json)["items"]:
            item["components"] = []
        return answer.saying(body)
    return answer
