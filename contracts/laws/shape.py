"""What values must be, beyond their schema: ids, times, WhatsApp's message ids."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.laws.pages import some_rows
from contracts.laws.registry import law, watch
from contracts.provenance import DESIGNED, DOCUMENTED, INFERRED, Mark
from contracts.settings import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.exchange import Exchange
    from contracts.laws.case import Case

_EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # WhatsApp is not older
_ORDER = (("createdAt", "updatedAt"), ("createdAt", "lastMessageAt"), ("start", "end"))
_WAMID = re.compile(rb"\x1c\x18(.)(\d+)\x15\x02\x00([\x11\x12])\x18(.)([0-9A-F]+)\x00", re.DOTALL)


@watch("wamid-well-formed", "A wamid is one: it decodes to the other party's number and the direction", "D8", INFERRED)
def wamid_well_formed(case: Case, exchange: Exchange) -> None:
    """`wamid.` and the base64 of a small record; for a message that was just sent, with the number that was written to."""
    if exchange.answer is None or not exchange.answer.ok or exchange.call.control:
        return
    for value in _strings(exchange.answer.json):
        if not value.startswith("wamid."):
            continue
        read = read_wamid(value)
        if (
            not case.expect(read is not None, "a wamid that decodes", "it does not decode", exchange=exchange)
            or read is None
        ):
            continue
        outbound = read[1] or exchange.call.method != "POST"
        case.expect(
            outbound, "a sent message's wamid says that it went out", "it says that it came in", exchange=exchange
        )
        to = exchange.call.json.get("to") if isinstance(exchange.call.json, dict) else None
        rewritten = ("52", "54", "55")  # countries whose WhatsApp ids are not the number's digits
        if isinstance(to, str) and not digits(to).startswith(rewritten):
            case.expect(
                read[0] == digits(to), "a wamid with the recipient's number", "another number", exchange=exchange
            )


@watch("timestamps-sane", "Times are ISO 8601 with a zone, in order, and not in the future", "the spec", DOCUMENTED)
def timestamps_sane(case: Case, exchange: Exchange) -> None:
    """The server's own now is the end of the default analytics period; a fake's clock may stand elsewhere than ours."""
    if exchange.answer is None or not exchange.answer.ok or exchange.call.control:
        return
    _learn_now(case, exchange)
    latest = exchange.at + case.scene.seen.get("ahead", timedelta(days=1)) + timedelta(minutes=5)
    for row in objects(exchange.answer.json):
        times = {name: value for name, value in row.items() if _is_time(name, value)}
        read = {name: when for name, value in times.items() if (when := _read(value))}
        for name, value in times.items():
            case.expect(name in read, f"{name} in ISO 8601 with a zone", repr(value), exchange=exchange)
        for name, when in read.items():
            if name not in {"scheduledFor", "start", "end"}:
                promised = f"{name} between 2009 and the server's now"
                case.expect(_EARLIEST <= when <= latest, promised, str(times[name]), exchange=exchange)
        for early, late in _ORDER:
            if early in read and late in read:
                promised = f"{early} not after {late}"
                case.expect(read[early] <= read[late], promised, f"{times[early]}, {times[late]}", exchange=exchange)


@law("timestamps-sane", "Times are ISO 8601 with a zone, in order, and not in the future", "the spec", DOCUMENTED)
def time_of_a_change(case: Case) -> None:
    """A contact that is changed now has changed now, by the server's own clock."""
    verbs = case.scene.speech.verbs
    if not {"upsert", "analytics"} <= verbs.keys() or not case.scene.may_write:
        return
    number = case.scene.people.somebody()
    for name in ("Before", "After"):
        row = case.must(case.verb("upsert", number, name=name), "an upsert")
    period = case.must(case.verb("analytics"), "analytics").get("period") or {}
    now, changed = _read(period.get("end")), _read(row.get("updatedAt"))
    if now and changed:
        near = abs(now - changed) < timedelta(minutes=5)
        promised = "updatedAt of a change just made is the server's now"
        case.expect(near, promised, f"{row.get('updatedAt')}, now {period.get('end')}", mark=Mark(DESIGNED, "D10"))


@watch("ids-unique", "An id names one thing", "D8", INFERRED)
def ids_unique(case: Case, exchange: Exchange) -> None:
    """What was made has an id that nothing had before; rows of one page differ; one id, one phone number."""
    if exchange.answer is None or not exchange.answer.ok or exchange.operation is None:
        return
    body = exchange.answer.json
    made, whose = case.scene.seen.setdefault("made", set()), case.scene.seen.setdefault("whose", {})
    if exchange.answer.status == 201 and isinstance(body, dict) and isinstance(body.get("id"), str):
        for value in {body["id"], body.get("metaMessageId") or body["id"]}:
            case.expect(
                value not in made, "an id that nothing had before", "an id that was given before", exchange=exchange
            )
            made.add(value)
    for rows in _lists(body):
        ids = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        if ids:
            case.expect(len(ids) == len(set(ids)), "each row once in a page", "a row came twice", exchange=exchange)
    for row in objects(body):
        if isinstance(row.get("id"), str) and isinstance(row.get("phone"), str):
            known = whose.setdefault(row["id"], row["phone"])
            case.expect(known == row["phone"], "one contact id, one phone number", "two numbers", exchange=exchange)


@law("ids-unique", "An id names one thing", "D8", INFERRED, needs=("send",))
def several_ids(case: Case) -> None:
    """Several messages to one number: the watching half judges their ids."""
    number = case.scene.people.somebody()
    for _ in range(3):
        case.must(case.scene.send(case, number), "sending a message")


@law(
    "same-shape", "The same state has the same shape, however often it is asked", "the spec", DESIGNED, needs=("lists",)
)
def same_shape(case: Case) -> None:
    """Each list three times: a row has the same fields of the same types each time."""
    some_rows(case)
    for listing in case.scene.speech.listings:
        first = _shapes(listing.items(case.must(case.ask(listing.page(10, None)), listing.operation)))
        for _ in range(2):
            again = _shapes(listing.items(case.must(case.ask(listing.page(10, None)), listing.operation)))
            differing = [row for row in first.keys() & again.keys() if first[row] != again[row]]
            came = "; ".join(sorted({_difference(first[row], again[row]) for row in differing}))
            case.expect(not differing, "a row keeps its fields and their types", came)
    if case.scene.speech.knock:
        shapes = {_shape(case.ask(case.scene.speech.knock()).json) for _ in range(3)}
        case.expect(len(shapes) == 1, "the same question, the same shape", f"{len(shapes)} shapes in three answers")


def _shapes(rows: list[Any]) -> dict[str, str]:
    return {row["id"]: _shape(row) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}:{_shape(child)}" for name, child in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + " ".join(sorted({_shape(item) for item in value})) + "]"
    return {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}[type(value)]


def _difference(one: str, other: str) -> str:
    return " ".join(sorted(set(one.strip("{}").split()) ^ set(other.strip("{}").split())))


def read_wamid(wamid: str) -> tuple[str, bool] | None:
    """The other party's number, and whether the message went out."""
    try:
        record = base64.b64decode(wamid.removeprefix("wamid."), validate=True)
    except ValueError:
        return None
    found = _WAMID.fullmatch(record)
    if not found or found[1][0] != len(found[2]) or found[4][0] != len(found[5]):
        return None
    return found[2].decode(), found[3] == b"\x11"


def _learn_now(case: Case, exchange: Exchange) -> None:
    body = exchange.answer.json if exchange.answer else None
    if exchange.call.query or not isinstance(body, dict) or not isinstance(body.get("period"), dict):
        return
    now = _read(body["period"].get("end"))
    if now:
        case.scene.seen["ahead"] = now - exchange.at


def _is_time(name: str, value: Any) -> bool:
    return isinstance(value, str) and (name.endswith(("At", "For", "_at")) or name in {"start", "end"})


def _read(value: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return when if when.tzinfo and "T" in value else None


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, the outermost first."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(child)


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        for child in value.values():
            if isinstance(child, list):
                yield child


def _strings(value: Any) -> Iterator[str]:
    for row in objects(value):
        yield from (child for child in row.values() if isinstance(child, str))
