"""Did a client mind its manners? Judged from the journal alone, so any client in any language can be judged.

| manner          | broken by                                                                                     |
| --------------- | --------------------------------------------------------------------------------------------- |
| pace            | after a 429, any call within PAUSE; after a 5xx, the same call within PAUSE (the organization's |
|                 | limit is the whole organization's, a server's trouble is one call's)                          |
| an end          | the same call failing more than ATTEMPTS times in a row                                       |
| a no is a no    | the same call again after a refusal that repetition cannot change, and refused again          |
| once            | the same send again after one that was carried out, but whose answer was lost                 |
| stop is stop    | a send to somebody whose `optout.created` the receiver has accepted before                    |

Two calls are the same when method, path, query and body are. The time between two calls is the organization's, which
sleeping moves. A client that waits in real time, in another process, is judged by the machine's clock if that shows more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import SECOND, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mock_server.domain.instant import Instant

    Seen = dict[str, Any]

PAUSE = 0.1
"""Seconds that a client has to leave after trouble; even full jitter around one second seldom gives less."""

UNMOVED = "; only flowella.sleep and the sleep of the time module count as waiting, not one that was imported by name"

ATTEMPTS = 10
"""Of the same call in a row; who has failed so often needs a person, not another attempt."""

PERMANENT = {400, 403, 404, 405, 413, 415, 422}
"""What is refused for what it asks; 401 and 402 are put right elsewhere, and then the call may be repeated."""

CARRIED_OUT = {"lostResponse", "truncate", "malformed", "drip", "latency"}
"""Faults that spoil the answer and not the deed."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A manner that was broken, in a sentence, and the ids of the calls that show it."""

    sentence: str
    calls: tuple[str, ...]


def check(
    calls: Sequence[Seen], deliveries: Sequence[Seen], sends: Collection[str], real: Mapping[str, Instant] | None
) -> None:
    """Raises AssertionError naming each manner that was broken, with the calls that show it.

    `sends` are the operations that reach somebody each time they are called, `real` when
    calls came by the machine's clock, if that counts.
    """
    __tracebackhide__ = True
    found = [*pace(calls, real), *no_end(calls), *refusals(calls), *twice(calls, sends), *stop(calls, deliveries)]
    broken = list(dict.fromkeys(breach.sentence for breach in found))
    if broken:
        raise AssertionError("\n".join([f"the client is not resilient ({len(broken)}):", *(f"  {b}" for b in broken)]))


def pace(calls: Sequence[Seen], real: Mapping[str, Instant] | None) -> Iterable[Breach]:
    """No pause after trouble."""
    for index, call in enumerate(calls):
        status = call["status"] or 0
        if status != 429 and status < 500:
            continue
        following = (later for later in calls[index + 1 :] if status == 429 or what(later) == what(call))
        again = next(following, None)
        if again is not None and (passed := _seconds(call, again, real)) < PAUSE:
            hint = UNMOVED if real is None and not passed else ""
            yield Breach(
                f"no pause after a {status}: call {index + 1}, {name(call)}, was answered {status}, and "
                f"{passed:.2f} s later came {name(again)}; wait before the next call, longer each time{hint}",
                (call["id"], again["id"]),
            )


def no_end(calls: Sequence[Seen]) -> Iterable[Breach]:
    """No end of trying."""
    failed: dict[str, int] = {}
    for call in calls:
        trouble = call["status"] is None or call["status"] == 429 or call["status"] >= 500
        failed[what(call)] = failed.get(what(call), 0) + 1 if trouble else 0
        if failed[what(call)] == ATTEMPTS + 1:
            sentence = f"never gives up: {name(call)} failed more than {ATTEMPTS} times in a row and was tried again"
            yield Breach(sentence, (call["id"],))


def refusals(calls: Sequence[Seen]) -> Iterable[Breach]:
    """A no that was not taken for one."""
    refused: dict[str, int] = {}
    for index, call in enumerate(calls):
        before = refused.pop(what(call), None)
        if call["status"] not in PERMANENT:
            continue
        refused[what(call)] = index
        if before is not None and calls[before]["status"] == call["status"]:
            yield Breach(
                f"a permanent refusal was repeated: {name(call)} was answered {call['status']} (call {before + 1}) and "
                f"sent again unchanged (call {index + 1}); only a changed call can get another answer",
                (calls[before]["id"], call["id"]),
            )


def twice(calls: Sequence[Seen], sends: Collection[str]) -> Iterable[Breach]:
    """Sent again, though the first was carried out."""
    lost: dict[str, int] = {}
    for index, call in enumerate(calls):
        if call["operationId"] not in sends or not carried_out(call):
            continue
        first = lost.get(what(call))
        if first is not None:
            yield Breach(
                f"sent twice after a lost answer: {name(call)} (call {first + 1}) was carried out, its answer spoilt by "
                f"{faults(calls[first])}, and the same call came again (call {index + 1}) and was carried out too; "
                f"find out what became of the first before sending again",
                (calls[first]["id"], call["id"]),
            )
        if CARRIED_OUT & set(effects(call)):
            lost[what(call)] = index


def stop(calls: Sequence[Seen], deliveries: Sequence[Seen]) -> Iterable[Breach]:
    """The API refuses such a send, so nobody is harmed; but who was told need not ask."""
    for delivery in deliveries:
        if delivery["event"] != "optout.created" or delivery["status"] != "succeeded":
            continue
        attempt = delivery["attempts"][-1]
        phone = json.loads(attempt["requestText"])["data"]["phone"]
        for index, call in enumerate(calls):
            if call["status"] == 403 and _to(call) == digits(phone) and parse(call["at"]) >= parse(attempt["at"]):
                yield Breach(
                    f"STOP was ignored: {phone} opted out, the receiver accepted optout.created, and then came call "
                    f"{index + 1}, {name(call)}; keep who opted out, and do not write to them",
                    (call["id"],),
                )
                break


def _to(call: Seen) -> str:
    body = call["body"]
    return digits(str(body.get("to", ""))) if isinstance(body, dict) else ""


def digits(phone: str) -> str:
    """A number without its spelling."""
    return "".join(letter for letter in phone if letter.isdecimal())


def carried_out(call: Seen) -> bool:
    """Was it carried out, whatever was answered?"""
    status = call["status"]
    return (status is not None and 200 <= status < 300) or (status is None and "lostResponse" in effects(call))


def effects(call: Seen) -> list[str]:
    """Of the faults that struck it."""
    return [fault["type"] for fault in call["faults"]]


def faults(call: Seen) -> str:
    """What struck it."""
    return ", ".join(fault_name(fault) for fault in call["faults"])


def fault_name(fault: Any) -> str:
    """A fault in the journal, by its label or its effect."""
    return str(fault["label"] or fault["type"])


def what(call: Seen) -> str:
    """The same for calls that are the same."""
    return json.dumps([call["method"], call["path"], call["query"], call["body"]], sort_keys=True)


def name(call: Seen) -> str:
    """The operation, and to whom."""
    body = call["body"]
    about = f" to {body['to']}" if isinstance(body, dict) and "to" in body else ""
    return f"{call['operationId'] or call['path']}{about}"


def _seconds(one: Seen, other: Seen, real: Mapping[str, Instant] | None) -> float:
    passed = parse(other["at"]) - parse(one["at"])
    if real and one["id"] in real and other["id"] in real:
        passed = max(passed, real[other["id"]] - real[one["id"]])
    return passed / SECOND
