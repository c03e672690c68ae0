"""Checks of both together: what the integration made of what its receiver was told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import parse
from mock_server.drills import manners
from mock_server.drills.checks.receiver import delivered
from mock_server.drills.manners import digits
from mock_server.drills.outcome import Outcome, Rule, judged, unseen
from mock_server.drills.record import accepted, addressed, attempt_key, call_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mock_server.drills.record import Key, Record, Seen

    Settings = dict[str, Any]
    Wrong = Iterator[tuple[str, Iterable[Key]]]


def _status_shown(record: Record, _: Settings) -> Outcome:
    """What the integration shows of its messages is what became of them."""
    look = record.last_look()
    if look.books is None or look.books.messages is None:
        return unseen(look.trouble or "the ledger says nothing of messages")
    ours = [m for m in record.messages if m["direction"] == "OUTBOUND" and m["id"] in look.books.messages]
    if not ours:
        return unseen("the ledger names none of the messages that were sent")
    return judged(_misshown(record, ours, look.books.messages), f"every status shown is the real one ({len(ours):,})")


def _misshown(record: Record, messages: list[Seen], shown: Mapping[str, str]) -> Wrong:
    for message in messages:
        says = shown[message["id"]].upper()
        if says != message["status"]:
            code = f" ({message['error']['code']})" if message["error"] else ""
            told = [
                key
                for d, a, _ in record.attempts()
                if message["id"] in a["requestText"]
                for key in (attempt_key(d, a),)
            ]
            yield (
                f"the message to {record.name(message['to'])} is {message['status']}{code}, and is shown as {says}",
                told,
            )


def _noticed(record: Record, _: Settings) -> Outcome:
    """While the webhooks did not come, the integration raised an alarm."""
    looks = [look for look in record.looks[:-1] if look.books is not None and look.books.alarms is not None]
    if not looks:
        return unseen(record.looks[0].trouble or "the ledger says nothing of alarms")
    alarms = [alarm for look in looks if look.books for alarm in look.books.alarms or ()]
    down = [step for step in record.steps if step.action == "receiver"]
    wrong = [] if alarms else [("nobody noticed: there was no alarm", [step.key for step in down])]
    return judged(wrong, f"it was noticed: {alarms[0] if alarms else ''}")


def _left_alone(record: Record, _: Settings) -> Outcome:
    """Nobody is written to once the receiver has been told that they opted out."""
    told = _told(record, "optout.created")
    if not told:
        return unseen("the receiver accepted no optout.created, so it was never told")
    return judged(_disregarded(record, told), f"nobody was written to who had opted out ({len(told)})")


def _disregarded(record: Record, told: list[tuple[Seen, Seen]]) -> Wrong:
    for breach in manners.stop(record.calls, record.deliveries):
        yield breach.sentence, [call_key(one) for one in breach.calls]
    for delivery, attempt in told:
        phone = json.loads(attempt["requestText"])["data"]["phone"]
        for call in record.calls:
            bulk = isinstance(call["body"], dict) and "recipients" in call["body"]
            if bulk and digits(phone) in addressed(call) and parse(call["at"]) >= parse(attempt["at"]):
                words = f"{record.name(phone)} opted out, the receiver was told, and they were in the next campaign"
                yield words, [attempt_key(delivery, attempt), call_key(call["id"])]


def _template_rested(record: Record, _: Settings) -> Outcome:
    """While the receiver knows that a template is paused, nothing is sent with it."""
    told = _told(record, "template.status_updated")
    if not told:
        return unseen("the receiver accepted no template.status_updated, so it was never told")
    news = [(parse(a["at"]), json.loads(a["requestText"])["data"]) for _, a in told]
    wrong = (
        (
            f"a campaign was ordered {record.seconds(call['at']):.0f} s after the beginning, while the template was {status}",
            [call_key(call["id"])],
        )
        for call in record.calls
        if (status := _known_status(news, call)) not in {None, "APPROVED"}
    )
    return judged(wrong, "nothing was sent with the template while it was paused")


def _known_status(news: list[tuple[int, Any]], call: Seen) -> str | None:
    """What the integration had been told of the template that this call names."""
    template = call["body"].get("templateId") if isinstance(call["body"], dict) else None
    known = [data["status"] for at, data in news if data["templateId"] == template and at <= parse(call["at"])]
    return known[-1] if known else None


def _no_storm(record: Record, settings: Settings) -> Outcome:
    """After a message has failed, the next one to that person takes its time."""
    told = _told(record, "message.failed")
    if not told:
        return unseen("the receiver accepted no message.failed, so it was never told")
    return judged(
        _stormed(record, told, settings["seconds"]),
        f"nothing was sent again within {settings['seconds']:g} s of a failure",
    )


def _stormed(record: Record, told: list[tuple[Seen, Seen]], least: float) -> Wrong:
    for delivery, attempt in told:
        phone, at = json.loads(attempt["requestText"])["data"]["to"], parse(attempt["at"])
        later = (call for call in record.calls if digits(phone) in addressed(call) and parse(call["at"]) >= at)
        again = next(later, None)
        if again is not None and (passed := record.seconds(again["at"]) - record.seconds(at)) < least:
            words = f"the message to {record.name(phone)} failed, and {passed:.2f} s later came the next"
            yield words, [attempt_key(delivery, attempt), call_key(again["id"])]


def _told(record: Record, event: str) -> list[tuple[Seen, Seen]]:
    """The attempts by which the receiver came to know of such events."""
    return [(d, a) for d, a, _ in record.attempts() if d["event"] == event and accepted(a)]


CHECKS: Mapping[str, Rule] = {
    "left-alone": Rule(delivered(_left_alone), "nobody is written to after the receiver was told that they opted out"),
    "template-rested": Rule(delivered(_template_rested), "no campaign is ordered with a template known to be paused"),
    "no-storm": Rule(
        delivered(_no_storm), "after message.failed nothing goes to that person for `seconds`", ("seconds",)
    ),
    "status-shown": Rule(delivered(_status_shown), "says the ledger: each message has the status that it really has"),
    "noticed": Rule(delivered(_noticed), "says the ledger, at a `look`: there was an alarm"),
}
