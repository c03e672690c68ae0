"""Checks of the receiver: what it answered, how it coped, and what it says it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import parse
from mock_server.drills.outcome import Outcome, Rule, judged, unseen
from mock_server.drills.record import accepted, addressed, attempt_key, call_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mock_server.drills.outcome import Check
    from mock_server.drills.record import Books, Key, Record, Seen

    Settings = dict[str, Any]
    Wrong = Iterator[tuple[str, Iterable[Key]]]

FORGED = frozenset({"badSignature", "wrongSecret", "missingSignature", "staleTimestamp", "tamperedBody", "truncate"})
"""What a sound receiver refuses (docs/faults.md)."""

NO_RECEIVER = "no receiver was given (--webhook URL, in pytest receiver=)"
NO_WEBHOOK = "no webhook went out"


def delivered(check: Check) -> Check:
    """Where nothing was delivered there is nothing to judge."""

    def look(record: Record, settings: Settings) -> Outcome:
        if "receiver" in record.missing:
            return unseen(NO_RECEIVER)
        if not any(delivery["attempts"] for delivery in record.deliveries):
            return unseen(NO_WEBHOOK)
        return check(record, settings)

    return look


def _accepted(record: Record, _: Settings) -> Outcome:
    """Every webhook was accepted in the end."""
    untold = next((step for step in record.steps if step.action == "tell-secret" and step.note), None)
    if untold is not None:
        return unseen(f"{untold.note}, so nobody can know what the receiver would have accepted then")
    lost = [d for d in record.deliveries if d["attempts"] and d["status"] != "succeeded" and not _made_good(record, d)]
    wrong: list[tuple[str, Iterable[Key]]] = [
        (f"{_about(record, delivery)} was never accepted ({_said(delivery['attempts'][-1])})", _keys(delivery))
        for delivery in lost
    ]
    for burst in record.posted:
        refused = sorted({answer for answer in burst.answers if not answer.startswith("2")})
        if refused:
            words = f"{burst.event} came {len(burst.answers)} times at once, and was answered {', '.join(refused)}"
            wrong.append((words, [("step", str(burst.step))]))
    return judged(wrong, f"every webhook was accepted in the end ({len(record.deliveries):,})")


def _made_good(record: Record, lost: Seen) -> bool:
    """Did the same event arrive by another delivery to the same endpoint?"""
    return (lost["eventId"], lost["webhookId"]) in record.arrived


def _taken(record: Record, _: Settings) -> Outcome:
    """What is unusual and genuine is never answered with a refusal."""
    wrong = (
        (
            f"{_about(record, delivery)} was genuine{_twist(struck)}, and was answered {attempt['status']}",
            [attempt_key(delivery, attempt)],
        )
        for delivery, attempt, struck in record.attempts()
        if not FORGED & set(struck) and attempt["status"] is not None and not accepted(attempt)
    )
    return judged(wrong, "whatever was genuine was taken")


def _not_believed(record: Record, _: Settings) -> Outcome:
    """What is forged is refused, or at least not acted upon."""
    forged = [(d, a, struck) for d, a, struck in record.attempts() if FORGED & set(struck)]
    if not forged:
        return unseen("nothing forged went out")
    books = record.last_look().books
    wrong = (
        (
            f"{_about(record, delivery)} was forged ({', '.join(struck)}), and was believed",
            [attempt_key(delivery, attempt)],
        )
        for delivery, attempt, struck in forged
        if accepted(attempt) and not _shrugged(books, delivery)
    )
    return judged(wrong, f"nothing forged was believed ({len(forged)})")


def _shrugged(books: Books | None, delivery: Seen) -> bool:
    """Was it answered politely, and nothing done?"""
    return books is not None and not books.events.get(delivery["eventId"])


def _processed_once(record: Record, _: Settings) -> Outcome:
    """Each event was processed once: neither twice nor, where it was accepted, not at all."""
    look = record.last_look()
    if look.books is None:
        return _answered_once(record, look.trouble)
    return judged(_miscounted(record, look.books), f"each event was processed once ({len(record.events):,})")


def _miscounted(record: Record, books: Books) -> Wrong:
    for event_id, deliveries in record.events.items():
        count, first = books.events.get(event_id, 0), deliveries[0]
        keys = [key for delivery in deliveries for key in _keys(delivery)]
        if count > 1:
            yield f"{_about(record, first)} was processed more than once", keys
        elif not count and _owed(deliveries):
            yield f"{_about(record, first)} was accepted, and never processed", keys


def _owed(deliveries: list[Seen]) -> bool:
    """Accepted as what it is: an event that is in no documentation need not be processed."""
    unknown = any(fault["type"] == "unknownEvent" for delivery in deliveries for fault in delivery["faults"])
    return not unknown and any(delivery["status"] == "succeeded" for delivery in deliveries)


def _answered_once(record: Record, trouble: str) -> Outcome:
    """Without books there is what came of it: an answer to whoever wrote."""
    wrote = [step for step in record.steps if step.action == "inbound"]
    answers = {phone: count for phone, count in record.reached.items() if count > len(wrote)}
    if answers:
        wrong = (
            (f"{record.name(phone)} was answered {count} times", _calls_to(record, phone))
            for phone, count in answers.items()
        )
        return judged(wrong, "")
    return unseen(f"what a receiver did cannot be seen from outside, and {trouble}")


def _in_time(record: Record, settings: Settings) -> Outcome:
    """Every webhook is answered before the sender hangs up."""
    seconds = settings.get("seconds", 10)
    wrong = (
        (f"{_about(record, d)} was not answered within {seconds:g} s", [attempt_key(d, a)])
        for d, a, _ in record.attempts()
        if (a["error"] or "").startswith("timeout") or a["latency"] > seconds
    )
    return judged(wrong, f"every webhook was answered within {seconds:g} s ({sum(1 for _ in record.attempts()):,})")


def _subscribed(record: Record, _: Settings) -> Outcome:
    """The webhook was never switched off."""
    off = [webhook for webhook in record.webhooks if not webhook["active"]]
    last = [attempt_key(d, a) for d, a, _ in record.attempts() if not accepted(a)][-10:]
    wrong = (
        (f"the webhook was switched off {record.seconds(one['disabledAt']):.0f} s after the beginning", last)
        for one in off
    )
    return judged(wrong, "the webhook stayed switched on")


def _recovers(record: Record, _: Settings) -> Outcome:
    """Once it is switched on again everything new is accepted."""
    on = next((step for step in record.steps if step.action == "enable"), None)
    if on is None or on.note:
        return unseen(on.note if on else "nothing was switched on again")
    fresh = [d for d in record.deliveries if d["attempts"] and parse(d["createdAt"]) >= on.at]
    if not fresh:
        return unseen("nothing went out after it was switched on again")
    wrong = (
        (f"{_about(record, d)} was not accepted afterwards", _keys(d)) for d in fresh if d["status"] != "succeeded"
    )
    return judged(wrong, f"everything was accepted again ({len(fresh)})")


def _calls_to(record: Record, phone: str) -> list[Key]:
    return [call_key(call["id"]) for call in record.calls if phone in addressed(call)]


def _keys(delivery: Seen) -> list[Key]:
    return [attempt_key(delivery, attempt) for attempt in delivery["attempts"]]


def _said(attempt: Seen) -> str:
    return str(attempt["error"] or f"answered {attempt['status']}")


def _twist(struck: tuple[str, ...]) -> str:
    return f" ({', '.join(struck)})" if struck else ""


def _about(record: Record, delivery: Seen) -> str:
    whose = record.about(delivery)
    return f"{delivery['event']}{f' of {whose}' if whose else ''}"


CHECKS: Mapping[str, Rule] = {
    "accepted": Rule(delivered(_accepted), "every webhook is accepted in the end"),
    "taken": Rule(delivered(_taken), "nothing genuine is answered with a refusal or an error"),
    "not-believed": Rule(delivered(_not_believed), "what is forged is refused or, says the ledger, not processed"),
    "processed-once": Rule(delivered(_processed_once), "says the ledger: each event is processed once, if accepted"),
    "in-time": Rule(delivered(_in_time), "every webhook is answered within `seconds` (10)", ("seconds",)),
    "stays-subscribed": Rule(delivered(_subscribed), "the webhook is not switched off"),
    "recovers": Rule(delivered(_recovers), "after `enable` everything is accepted"),
}
