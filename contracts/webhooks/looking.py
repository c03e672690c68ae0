"""Laws that look at every delivery: body, headers, signature, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contracts.laws.registry import watch
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark
from contracts.webhooks.declared import declared
from contracts.webhooks.delivery import Delivery
from contracts.webhooks.desk import Desk
from contracts.webhooks.signing import is_genuine, whats_wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.exchange import Exchange
    from contracts.laws.case import Case
    from contracts.shapes import Misfit
    from contracts.webhooks.declared import Declared, Header

    Look = Callable[[Case, Delivery], None]

_REFERENCE, _SETTINGS = "/api-reference/webhooks", "/settings/webhooks"
SIGNATURE, TIMESTAMP = "X-Flowella-Signature", "X-Flowella-Timestamp"
TOLERANCE = timedelta(minutes=5)
"""What receivers are told to tolerate."""
_LAST_SECOND = 10**11
"""Larger numbers are no Unix seconds of these millennia, but milliseconds."""


def each(name: str, promise: str, source: str, provenance: str) -> Callable[[Look], Look]:
    """Enter a law that looks at every delivery."""

    def enter(look: Look) -> Look:
        @watch(name, promise, source, provenance)
        def _(case: Case, exchange: Exchange) -> None:
            if isinstance(exchange, Delivery):
                look(case, exchange)

        return look

    return enter


@each(
    "delivery-body",
    "A body is JSON in UTF-8, in the shape that the spec gives its event",
    "the spec",
    DOCUMENTED,
)
def delivery_body(case: Case, delivery: Delivery) -> None:
    """Every field is there, of its type, and null only where it may be."""
    if delivery.json is None:
        came = f"{delivery.body[:60]!r}"
        case.broken("a body in JSON and UTF-8", came, mark=Mark(DOCUMENTED, _REFERENCE), exchange=delivery)
        return
    known = _declared(case, delivery)
    if known is None:
        events = ", ".join(declared(case.scene.spec))
        case.broken(f"event is one of {events}", f"{delivery.event!r}", cause="event", exchange=delivery)
        return
    misfits = list(case.scene.shapes.misfits(delivery.json, known.body))
    for misfit in misfits:
        _misfits(case, delivery, misfit)
    if not misfits:
        case.held()


@each("delivery-fields", "A body has no fields but those of the spec", "the spec", DOCUMENTED)
def delivery_fields(case: Case, delivery: Delivery) -> None:
    """What is not declared may be gone tomorrow."""
    known = _declared(case, delivery)
    extras = list(case.scene.shapes.extras(delivery.json, known.body)) if known else []
    for misfit in extras:
        promised, came = "no field that the spec does not name", f"also {misfit.where}"
        case.broken(promised, came, mark=misfit.mark, cause=misfit.cause, exchange=delivery)
    if known and not extras:
        case.held()


@each("delivery-headers", "The declared headers are there, and right; the content type too", _REFERENCE, DOCUMENTED)
def delivery_headers(case: Case, delivery: Delivery) -> None:
    """It is POSTed as JSON, and X-Flowella-Event says what the body says."""
    known = _declared(case, delivery)
    if known is None:
        return
    case.expect(delivery.call.method == "POST", "POST", delivery.call.method, cause="method", exchange=delivery)
    kind = (delivery.header("Content-Type") or "").partition(";")[0].strip().lower()
    came = f"Content-Type: {delivery.header('Content-Type')}"
    case.expect(kind == known.type, f"Content-Type: {known.type}", came, cause="type", exchange=delivery)
    for header in known.headers:
        _judge_header(case, delivery, header)


@each(
    "delivery-signature",
    "The signature is the bare lower-case hex HMAC-SHA256 of the bytes sent, with the endpoint's secret",
    f"{_REFERENCE}, {_SETTINGS}",
    DOCUMENTED,
)
def delivery_signature(case: Case, delivery: Delivery) -> None:
    """Computed here, by nobody's code but ours."""
    signature = delivery.header(SIGNATURE)
    if signature is None or not delivery.secret:
        return  # a missing header is delivery-headers' business
    fine = is_genuine(delivery.secret, delivery.body, signature)
    wrong = "" if fine else whats_wrong(delivery.secret, delivery.body, signature)
    mark = Mark(INFERRED, f"{_REFERENCE}, D20") if "upper case" in wrong else None
    promised = "bare lower-case hex HMAC-SHA256 of the body's bytes"
    case.expect(fine, promised, f"{wrong}: {signature}", mark=mark, cause=wrong, exchange=delivery)


@each("delivery-timestamp", "X-Flowella-Timestamp is when it was sent, in Unix seconds", _SETTINGS, DOCUMENTED)
def delivery_timestamp(case: Case, delivery: Delivery) -> None:
    """Receivers refuse what is more than 5 minutes off; the emitter's own clock decides."""
    text = delivery.header(TIMESTAMP) or ""
    if not (text.isascii() and text.isdigit()) or delivery.since is None or delivery.until is None:
        return  # delivery-headers looks at the shape
    if int(text) > _LAST_SECOND:
        case.broken(
            "Unix seconds", f"{text}, milliseconds", mark=Mark(DESIGNED, "D20"), cause="unit", exchange=delivery
        )
        return
    sent = datetime.fromtimestamp(int(text), UTC)
    span = f"between {delivery.since:%H:%M:%S} and {delivery.until:%H:%M:%S} UTC on its clock"
    fine = delivery.since - TOLERANCE <= sent <= delivery.until + TOLERANCE
    case.expect(fine, f"{span}, give or take 5 minutes", f"{sent:%Y-%m-%d %H:%M:%S}", exchange=delivery)


@each("delivery-no-secret", "A delivery never carries its signing secret", "common sense", INFERRED)
def delivery_no_secret(case: Case, delivery: Delivery) -> None:
    """Neither in the body nor in a header: whoever sees one delivery could forge all others."""
    if delivery.secret:
        where = next((name for name, value in delivery.call.headers if delivery.secret in value), None)
        where = "the body" if delivery.secret.encode() in delivery.body else where
        case.expect(where is None, "the secret stays at home", f"it is in {where}", exchange=delivery)


@each(
    "event-time",
    "createdAt is when it happened: not after it was sent, nor before it was brought about",
    "D19",
    DESIGNED,
)
def event_time(case: Case, delivery: Delivery) -> None:
    """A retry tells of something older; how old is judged at endpoints that never fail."""
    created = _instant(delivery.json.get("createdAt")) if isinstance(delivery.json, dict) else None
    if created is None or delivery.since is None or delivery.until is None:
        return  # delivery-body looks at the shape
    slack = case.scene.desk.slack if case.scene.desk else TOLERANCE
    early = delivery.accepted and delivery.hook == Desk.everything and created < delivery.since - slack
    late = created > delivery.until + slack
    span = f"between {delivery.since.isoformat()} and {delivery.until.isoformat()}"
    case.expect(not early and not late, span, created.isoformat(), exchange=delivery)


def _declared(case: Case, delivery: Delivery) -> Declared | None:
    """What it has to look like; of an event that comes from WhatsApp or from the web, what it looks most like."""
    known, event = declared(case.scene.spec), delivery.event or ""
    able = [known[name] for name in (event, f"web.{event}") if name in known]
    if len(able) < 2:  # nothing to compare, and to judge a body costs
        return able[0] if able else None
    return min(able, key=lambda one: sum(1 for _ in case.scene.shapes.misfits(delivery.json, one.body)))


def _judge_header(case: Case, delivery: Delivery, header: Header) -> None:
    value = delivery.header(header.name)
    if value is None:
        if header.required:
            cause, came = f"{header.name} missing", "is missing"
            case.broken(f"header {header.name}", came, mark=header.mark, cause=cause, exchange=delivery)
        return
    if header.name == SIGNATURE:
        return  # delivery-signature says what is wrong with it
    misfits = list(case.scene.shapes.misfits(value, header.schema))
    for misfit in misfits:
        promised = f"{header.name} {misfit.promised}"
        case.broken(promised, misfit.came, mark=misfit.mark, cause=header.name, exchange=delivery)
    if not misfits:
        case.held()


def _misfits(case: Case, delivery: Delivery, misfit: Misfit) -> None:
    """What breaks in one way in one field is one cause, whatever the event."""
    promised = f"{delivery.event}: {misfit.where} {misfit.promised}"
    cause = f"{misfit.where} {misfit.cause.rpartition('/')[2]}"
    case.broken(promised, misfit.came, mark=misfit.mark, cause=cause, exchange=delivery)


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
