"""Assertions that teach: what was expected, what came instead, nearest first, and where to look."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import TYPE_CHECKING, Any

from mock_server import data
from mock_server.domain.errors import did_you_mean
from mock_server.domain.events import EventKind
from mock_server.domain.instant import parse
from mock_server.drills.manners import fault_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mock_server.testing.handle import Handle
    from mock_server.testing.records import Seen

SHOWN = 5
"""Of what came instead."""

TOLERANCE = 300
"""Seconds off that receivers are told to accept (vendor: /settings/webhooks)."""

REFUSALS = {
    400: "the body is not valid, or WhatsApp refused the message",
    401: "the API key is missing or wrong; use flowella.api_key",
    402: "billing is not active",
    403: "the contact opted out, or Meta is not connected",
    404: "no such channel, or no such path",
    429: "too many calls",
}


@cache
def _message_fields() -> Mapping[str, Sequence[str]]:
    """What a message has, from the control plane's spec, each with its values where they are listed."""
    schemas = data.document("control-openapi.yaml")["components"]["schemas"]
    named = {name: one.get("$ref", "").rpartition("/")[2] for name, one in schemas["Message"]["properties"].items()}
    return {name: schemas.get(schema, {}).get("enum", ()) for name, schema in named.items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a message ought to look like; None is anything. Raises TypeError or ValueError for what no message ever is:
    an assertion that nothing was sent would hold for the wrong reason.
    """

    to: str | None
    text: str | Pattern[str] | None
    fields: dict[str, Any]

    def __post_init__(self) -> None:
        known = _message_fields()
        for name, value in self.fields.items():
            if name not in known:
                guess = did_you_mean(name, known) or f"; they have {', '.join(known)}"
                raise TypeError(f"messages have no {name!r}{guess}")
            if known[name] and value not in known[name]:
                guess = did_you_mean(str(value), known[name]) or f"; there are {', '.join(known[name])}"
                raise ValueError(f"no message has the {name} {value!r}{guess}")
        if self.to is not None and not 7 <= len(_digits(self.to)) <= 15:
            raise ValueError(f"to: {self.to!r} is no phone number with its country code, like +15551234567")

    def differences(self, message: Seen) -> list[str]:
        """Where this message is otherwise."""
        found = []
        if self.to is not None and _digits(message["to"]) != _digits(self.to):
            found.append(f"to: {message['to']}, not {self.to}")
        if self.text is not None and not _fits(message["text"] or "", self.text):
            found.append(f"text: {message['text']!r}, not {_quoted(self.text)}")
        for name, value in self.fields.items():
            if message[name] != value:
                found.append(f"{name}: {message[name]!r}, not {value!r}")
        return found

    def distance(self, message: Seen) -> float:
        """How far from what was wanted; 0 is a match."""
        off = len(self.differences(message)) * 1.0
        if self.to is not None:
            off += 1 - _alike(_digits(message["to"]), _digits(self.to))
        if isinstance(self.text, str):
            off += 1 - _alike(message["text"] or "", self.text)
        return off

    def __str__(self) -> str:
        words = [f"to {self.to}"] if self.to else []
        if self.text is not None:
            words.append(f"with the text {_quoted(self.text)}")
        words += [f"with {name} {value!r}" for name, value in self.fields.items()]
        return " ".join(words)


def sent(handle: Handle, wanted: Wanted, count: int) -> list[Seen]:
    """The messages that were to be sent. Raises AssertionError unless there are so many."""
    __tracebackhide__ = True
    outbound = [message for message in handle.messages if message["direction"] == "OUTBOUND"]
    found = [message for message in outbound if not wanted.differences(message)]
    if len(found) == count:
        return found
    lines = [f"expected {_times(count, 'message')} {wanted}".rstrip() + f", found {len(found) or 'none'}."]
    if len(found) > count:
        lines += ["These were sent:", *(f"  {_message(message)}" for message in found[:SHOWN])]
        lines += _repeated(handle)
    else:
        others = sorted((m for m in outbound if wanted.differences(m)), key=wanted.distance)
        lines += _instead(others, lambda m: [_message(m), *(f"    {line}" for line in wanted.differences(m))])
        lines += _refused(handle)
    raise AssertionError("\n".join(lines))


def delivered(handle: Handle, event: str, count: int | None) -> list[Seen]:
    """The deliveries of an event that went well. Raises AssertionError unless there are so many."""
    __tracebackhide__ = True
    everything = handle.deliveries
    found = [delivery for delivery in everything if (delivery["event"], delivery["status"]) == (event, "succeeded")]
    if len(found) == count or (count is None and found):
        return found
    expected = f"{event} delivered" + (" at least once" if count is None else f" {_times(count, 'time')}")
    lines = [f"expected {expected}, found {_times(len(found), 'delivery', 'deliveries')}{_guess(event)}"]
    webhooks = handle.control("GET", "/webhooks?limit=100")["items"]
    if not webhooks:
        lines.append("Nobody is subscribed: flowella.subscribe(your_app, path=...) before anything happens.")
    elif not any(event in webhook["events"] or "*" in webhook["events"] for webhook in webhooks):
        lines.append(f"Nobody is subscribed to {event}: {webhooks[0]['url']} gets {', '.join(webhooks[0]['events'])}.")
    others = sorted(
        (d for d in everything if d not in found), key=lambda d: (d["event"] != event, -parse(d["createdAt"]))
    )
    lines += _instead(others, lambda d: _delivery(d, handle), "Webhooks there were, nearest first:")
    lines += _waiting(handle)
    raise AssertionError("\n".join(lines))


def not_delivered(handle: Handle, event: str) -> None:
    """Raises AssertionError if the receiver accepted this event."""
    __tracebackhide__ = True
    found = [delivery for delivery in handle.deliveries if delivery["event"] == event]
    taken = [delivery for delivery in found if delivery["status"] == "succeeded"]
    if not taken:
        if not any(delivery["attempts"] for delivery in found):
            raise AssertionError(
                "\n".join([f"expected {event} to be refused, but it never went out{_guess(event)}", *_waiting(handle)])
            )
        return
    lines = [f"expected {event} to be refused by the receiver, which accepted it:"]
    for delivery in taken[:SHOWN]:
        struck = [fault_name(fault) for fault in delivery["faults"]]
        lines += [f"  {line}" for line in _delivery(delivery, handle)]
        if struck:
            lines.append(
                f"    It was not as it should be ({', '.join(struck)}): does the receiver verify what it gets?"
            )
    raise AssertionError("\n".join(lines))


def _guess(event: str) -> str:
    """The end of a sentence about an event that did not come: perhaps there is none of that name."""
    kinds = [str(kind) for kind in EventKind]
    return "." if event in kinds else did_you_mean(event, kinds) or "."


def status(handle: Handle, message_id: str, shown: str) -> None:
    """Raises AssertionError unless what the code under test shows of a message is what became of it."""
    __tracebackhide__ = True
    message = next((message for message in handle.messages if message["id"] == message_id), None)
    if message is None:
        raise AssertionError(
            f"there is no message {message_id!r}; there are: {[m['id'] for m in handle.messages][-SHOWN:]}"
        )
    if message["status"] == shown.upper():
        return
    heard = [
        delivery["event"]
        for delivery in sorted(handle.deliveries, key=lambda d: d["attempts"][-1]["at"] if d["attempts"] else "~")
        if delivery["attempts"] and message_id in delivery["attempts"][-1]["requestText"]
    ]
    history = " → ".join(step["status"] for step in message["statuses"])
    lines = [f"the code under test shows {shown!r}, but the message is {message['status']} ({history})."]
    lines.append(f"It was told of this message, in this order: {', '.join(heard) or 'nothing'}.")
    if heard:
        lines.append("Webhooks may come in any order: a status that comes later need not be a later status.")
    raise AssertionError("\n".join(lines))


def _repeated(handle: Handle) -> list[str]:
    """Where a receiver was told the same thing twice, that may be why."""
    told = Counter((d["event"], d["eventId"]) for d in handle.deliveries if d["status"] == "succeeded")
    return [
        f"{event} {event_id} was delivered {times} times, the same event: does the receiver drop what it has seen by data.id?"
        for (event, event_id), times in told.items()
        if times > 1
    ]


def _instead(
    others: list[Seen], show: Callable[[Seen], list[str]], title: str = "What was sent instead, nearest first:"
) -> list[str]:
    if not others:
        return []
    lines = [title]
    for other in others[:SHOWN]:
        lines += [f"  {line}" for line in show(other)]
    return [*lines, f"  … and {len(others) - SHOWN} more"] if len(others) > SHOWN else lines


def _refused(handle: Handle) -> list[str]:
    """Calls that were to send something and did not, and a word where there were no calls at all."""
    calls = handle.requests
    bad = [call for call in calls if call["status"] is None or call["status"] >= 400]
    if not calls:
        return [f"The fake was not called at all. Is your base URL {handle.base_url}?"]
    if not bad:
        return []
    return ["Calls that came to nothing:", *(f"  {_call(call)}" for call in bad[-SHOWN:])]


def _call(call: Seen) -> str:
    status = call["status"]
    name = call["operationId"] or f"{call['method']} {call['path']}"
    said = "no answer" if status is None else f"{status}"
    why = f": {REFUSALS[status]}" if status in REFUSALS and not call["faults"] else ""
    struck = f" (fault: {', '.join(fault_name(fault) for fault in call['faults'])})" if call["faults"] else ""
    return f"{name} → {said}{why}{struck}   {call['body']!r:.120}"


def _message(message: Seen) -> str:
    error = message["error"]
    why = f" ({error['code']} {error['title']})" if error else ""
    return f"to {message['to']}: {message['text']!r:.120}, {message['status']}{why}"


def _delivery(delivery: Seen, handle: Handle) -> list[str]:
    attempts = delivery["attempts"]
    lines = [f"{delivery['event']} to {delivery['url']}: {delivery['status']}, {_times(len(attempts), 'attempt')}"]
    if not attempts and delivery["faults"]:
        lines[0] += f" (fault: {', '.join(fault_name(fault) for fault in delivery['faults'])})"
    for attempt in attempts[-2:]:
        said = attempt["error"] or f"answered {attempt['status']} {(attempt['responseExcerpt'] or '')[:120]!r}"
        spoilt = [fault_name(fault) for fault in delivery["faults"] if fault["attempt"] == attempt["number"]]
        lines.append(f"    {said}" + (f" (fault: {', '.join(spoilt)})" if spoilt else _hint(attempt, handle)))
    return lines


def _hint(attempt: Any, handle: Handle) -> str:
    """Why a receiver may have refused what is right."""
    if attempt["status"] not in {400, 401, 403}:
        return ""
    return _clock_hint(handle) or (
        "\n    The signature is right: HMAC-SHA256 of the exact bytes sent, with flowella.webhook_secret. A receiver that "
        "refuses it has another secret, or checks other bytes, like JSON that was parsed and written anew"
    )


def _clock_hint(handle: Handle) -> str:
    """Receivers that check the timestamp go by a clock of their own, which did not move."""
    off = abs(handle.now - handle.began_at)
    if off <= TOLERANCE or handle.travels:
        return ""
    return (
        f"\n    The organization's clock is {off:,.0f} s ahead of this machine's, and receivers refuse timestamps that are "
        f"{TOLERANCE} s off; take time along with @pytest.mark.flowella(travel=True)"
    )


def _waiting(handle: Handle) -> list[str]:
    clock = handle.control("GET", "/clock")
    if not clock["pending"]:
        return []
    ahead = (parse(clock["nextDueAt"]) - parse(clock["now"])) / 1_000_000
    more = _times(clock["pending"], "thing")
    return [f"{more} still to come, the next in {ahead:g} s: flowella.advance(seconds) or flowella.settle()"]


def _fits(text: str, wanted: str | Pattern[str]) -> bool:
    return text == wanted if isinstance(wanted, str) else bool(wanted.search(text))


def _quoted(wanted: str | Pattern[str]) -> str:
    return repr(wanted) if isinstance(wanted, str) else f"matching {wanted.pattern!r}"


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone).removeprefix("00")


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:500], other[:500]).ratio()


def _times(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one}" if count == 1 else f"{count or 'no'} {many or one + 's'}"
