"""The logs as JSON: each delivery with its attempts, each API call, and what went wrong with them as ordered."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from mock_server.domain.errors import Refusal
from mock_server.domain.instant import iso, iso_or_none
from mock_server.web import json_body

if TYPE_CHECKING:
    from mock_server.domain.deliveries import Attempt, Delivery
    from mock_server.domain.faults import Struck
    from mock_server.domain.requests import RequestRecord
    from mock_server.web.control.wire import Json


def delivery(record: Delivery) -> Json:
    """A delivery with every attempt."""
    return {
        "id": record.id,
        "webhookId": record.endpoint_id,
        "url": record.url,
        "event": record.event.kind,
        "eventId": record.event.id,
        "status": record.status,
        "createdAt": iso(record.created_at),
        "nextAttemptAt": iso_or_none(record.next_attempt_at),
        "redeliveryOf": record.redelivery_of,
        "faults": [{"attempt": fault.attempt, **played_fault(fault.struck)} for fault in record.faults],
        "attempts": [_attempt(attempt) for attempt in record.attempts],
    }


def searchable_delivery(record: Delivery) -> Json:
    """What a delivery can be found by: its own fields, and the message it is about."""
    return {
        "webhookId": record.endpoint_id,
        "event": record.event.kind,
        "eventId": record.event.id,
        "status": record.status,
        "messageId": getattr(record.event.subject, "id", None),
    }


def _attempt(attempt: Attempt) -> Json:
    excerpt = attempt.response_excerpt
    return {
        "number": attempt.number,
        "at": iso(attempt.at),
        "status": attempt.status,
        "latency": round(attempt.latency, 6),
        "error": attempt.error,
        "requestHeaders": dict(attempt.request_headers),
        "requestBody": b64encode(attempt.request_body).decode(),
        "requestText": attempt.request_body.decode("utf-8", "replace"),
        "responseExcerpt": None if attempt.status is None else excerpt.decode("utf-8", "replace"),
    }


def request(record: RequestRecord) -> Json:
    """One line of the journal. A body that is JSON is shown as JSON, another as text."""
    return {
        **searchable_request(record),
        "body": _body(record.body),
        "answer": _body(record.answer),
        "faults": [played_fault(struck) for struck in record.faults],
    }


def searchable_request(record: RequestRecord) -> Json:
    """What a call can be found by: all but its bodies."""
    return {
        "id": record.id,
        "at": iso(record.at),
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "operationId": record.operation_id,
        "status": record.status,
        "keyId": record.key_id,
    }


def played_fault(struck: Struck) -> Json:
    """What befell a call or an attempt."""
    return {"ruleId": struck.rule_id, "type": struck.effect.type, "label": struck.label}


def _body(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json_body.parse(raw)
    except Refusal:
        return raw.decode("utf-8", "replace")
