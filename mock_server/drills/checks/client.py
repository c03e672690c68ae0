"""Checks of the client: what it called, how often, how soon. The manners are those of `assert_resilient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import SECOND, parse
from mock_server.drills import manners
from mock_server.drills.manners import digits
from mock_server.drills.outcome import Outcome, Rule, judged, unseen
from mock_server.drills.record import addressed, call_key
from mock_server.drills.steps import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mock_server.drills.manners import Breach
    from mock_server.drills.outcome import Check
    from mock_server.drills.record import Key, Record

    Settings = dict[str, Any]
    Wrong = Iterator[tuple[str, Iterable[Key]]]

NO_CLIENT = "no client was given"
NO_CALL = "the client called nothing"


def _looking(check: Check) -> Check:
    """Where there was no client, or it did nothing, there is nothing to judge."""

    def look(record: Record, settings: Settings) -> Outcome:
        if not record.played:
            return unseen(NO_CLIENT)
        if not record.calls:
            last = next((step.note for step in reversed(record.steps) if step.action == "client"), "")
            return unseen(f"{NO_CALL}{f'; it {last}' if last else ''}")
        return check(record, settings)

    return look


def _manner(rule: Callable[[Record], Iterable[Breach]], fine: str) -> Check:
    def check(record: Record, _: Settings) -> Outcome:
        found = rule(record)
        return judged(((b.sentence, [call_key(one) for one in b.calls]) for b in found), fine)

    return _looking(check)


def _reached(record: Record, settings: Settings) -> Outcome:
    """Everybody got a message."""
    whom = record.drill.whom(settings.get("to"))
    left = [phone for phone in whom if not record.reached[digits(phone)]]
    asked = [step.key for step in record.steps if step.action == "client"]
    wrong = ((f"nothing ever went out to {record.name(phone)}", _calls_to(record, phone) or asked) for phone in left)
    return judged(wrong, f"everybody was reached ({len(whom):,})")


def _once(record: Record, settings: Settings) -> Outcome:
    """Nobody got more messages than they should."""
    most, whom = settings.get("most", 1), record.drill.whom(settings.get("to"))
    if not any(record.reached[digits(phone)] for phone in whom):
        return unseen("nothing went out to any of them")
    often = {phone: count for phone in whom if (count := record.reached[digits(phone)]) > most}
    wrong = ((f"{record.name(phone)} got {count} messages", _calls_to(record, phone)) for phone, count in often.items())
    return judged(wrong, f"nobody got more than {_times(most, 'message')}")


def _bounded(record: Record, settings: Settings) -> Outcome:
    """Not more sends to one person than that, whatever came of them."""
    most, whom = settings["most"], record.drill.whom(settings.get("to"))
    often = {phone: count for phone in whom if (count := record.asked[digits(phone)]) > most}
    wrong = ((f"{count} sends to {record.name(phone)}", _calls_to(record, phone)) for phone, count in often.items())
    return judged(wrong, f"at most {_times(most, 'send')} to each")


def _not_repeated(record: Record, settings: Settings) -> Outcome:
    """What was answered so is not asked again, unchanged, before `until`."""
    status = settings["status"]
    if not any(call["status"] == status for call in record.calls):
        return unseen(f"nothing was answered {status}")
    return judged(_repetitions(record, status), f"what was answered {status} was not asked again")


def _at_most(record: Record, settings: Settings) -> Outcome:
    """No more answers of this status than that; for calls whose body nobody reads, as with a refused key."""
    status, most = settings["status"], settings["most"]
    found = [call_key(call["id"]) for call in record.calls if call["status"] == status]
    if not found:
        return unseen(f"nothing was answered {status}")
    wrong = [(f"{len(found)} calls were answered {status}, where {most} would have done", found[most:])]
    return judged(wrong if len(found) > most else [], f"{_times(len(found), 'call')} answered {status}, and no more")


def _repetitions(record: Record, status: int) -> Wrong:
    refused: dict[str, str] = {}
    for call in record.calls:
        same, again = manners.what(call), call["status"] == status
        if again and same in refused:
            seconds = record.seconds(call["at"])
            words = f"was answered {status}, and came again unchanged at {seconds:.2f} s, to be answered {status} again"
            yield f"{_about(record, call)} {words}", [call_key(refused[same]), call_key(call["id"])]
        if again:
            refused[same] = call["id"]


def _waits(record: Record, settings: Settings) -> Outcome:
    """After such an answer nothing goes to the same person for so long."""
    status, least = settings["status"], settings["seconds"]
    if not any(call["status"] == status for call in record.calls):
        return unseen(f"nothing was answered {status}")
    return judged(_too_soon(record, status, least), f"after a {status}, {duration(least)} or more were left")


def _too_soon(record: Record, status: int, least: float) -> Wrong:
    for index, call in enumerate(record.calls):
        if call["status"] != status:
            continue
        whom = addressed(call)
        again = next((one for one in record.calls[index + 1 :] if addressed(one) == whom), None)
        if again is not None and (passed := between(record, call, again)) < least:
            words = f"{_about(record, call)} was answered {status}, and {passed:.2f} s later it was tried again"
            yield words, [call_key(call["id"]), call_key(again["id"])]


def between(record: Record, one: Any, other: Any) -> float:
    """Seconds from one call to another: the organization's, or the machine's if those show more and count."""
    passed = parse(other["at"]) - parse(one["at"])
    if record.real and one["id"] in record.real and other["id"] in record.real:
        passed = max(passed, record.real[other["id"]] - record.real[one["id"]])
    return passed / SECOND


def _patient(record: Record, _: Settings) -> Outcome:
    """No call waits for ever for an answer."""
    for_ever = [call for call in record.calls if record.patience.get(call["id"], 0.0) is None]
    known = bool(record.patience)
    wrong = [
        (f"{_about(record, call)} was made without a timeout, and would have waited for ever", [call_key(call["id"])])
        for call in for_ever
    ]
    stuck = [step for step in record.steps if step.ended.stopped]
    wrong += [(f"the client {step.note}", [step.key]) for step in stuck]
    return judged(wrong, "every call had a timeout" if known else "the client gave up waiting")


def _goes_on(record: Record, _: Settings) -> Outcome:
    """The client comes to its end by itself."""
    bad = [step for step in record.steps if not step.ended.well]
    return judged(((f"the client {step.note}", [step.key]) for step in bad), "the client came to its end by itself")


def _calls_to(record: Record, phone: str) -> list[Key]:
    wanted = digits(phone)
    return [call_key(call["id"]) for call in record.calls if wanted in addressed(call)]


def _about(record: Record, call: Any) -> str:
    named = addressed(call)
    whom = f" to {record.name(named[0])}" if len(named) == 1 else f" to {len(named):,} people" if named else ""
    return f"{call['operationId'] or call['path']}{whom}"


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


CHECKS: Mapping[str, Rule] = {
    "pace": Rule(
        _manner(lambda r: manners.pace(r.calls, r.real), "it waited after each 429 and 5xx"),
        "after a 429 any call, after a 5xx the same call, takes a moment",
    ),
    "an-end": Rule(
        _manner(lambda r: manners.no_end(r.calls), "it gave up in the end"),
        "the same call does not fail more than ten times in a row",
    ),
    "no-is-no": Rule(
        _manner(lambda r: manners.refusals(r.calls), "a no was taken for a no"),
        "what was refused for what it asks is not asked again unchanged, and refused again",
    ),
    "no-blind-repeat": Rule(
        _manner(lambda r: manners.twice(r.calls, r.sends), "nothing was sent again on suspicion"),
        "no send is repeated that was carried out, though its answer was lost",
    ),
    "everybody-reached": Rule(_looking(_reached), "a message went out to each of them", ("to",)),
    "messaged-once": Rule(_looking(_once), "nobody got more than `most` messages (1)", ("to", "most")),
    "bounded": Rule(_looking(_bounded), "nobody was in more than `most` sends, whatever came of them", ("to", "most")),
    "not-repeated": Rule(_looking(_not_repeated), "no call is answered `status` twice, unchanged", ("status",)),
    "at-most": Rule(_looking(_at_most), "no more than `most` calls are answered `status`", ("status", "most")),
    "waits": Rule(_looking(_waits), "after `status` nothing goes to that person for `seconds`", ("status", "seconds")),
    "has-timeout": Rule(_looking(_patient), "no call would wait for ever, and the client comes to an end"),
    "goes-on": Rule(_looking(_goes_on), "the client comes to its end by itself, without an error"),
}
