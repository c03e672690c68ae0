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
from typing import TYPE_CHECKING

from mock_server.domain.instant import SECOND, parse
from mock_server.testing.claims import fault_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mock_server.domain.instant import Instant
    from mock_server.testing.records import Seen

PAUSE = 0.1
"""Seconds that a client has to leave after trouble; even full jitter around one second seldom gives less."""

UNMOVED = "; only flowella.sleep and the sleep of the time module count as waiting, not one that was imported by name"

ATTEMPTS = 10
"""Of the same call in a row; who has failed so often needs a person, not another attempt."""

PERMANENT = {400, 403, 404, 405, 413, 415, 422}
"""What is refused for what it asks; 401 and 402 are put right elsewhere, and then the call may be repeated."""

CARRIED_OUT = {"lostResponse", "truncate", "malformed", "drip", "latency"}
"""Faults that spoil the answer and not the deed."""


def check(
    calls: Sequence[Seen], deliveries: Sequence[Seen], sends: Collection[str], real: Mapping[str, Instant] | None
) -> None:
    """Raises AssertionError naming each manner that was broken, with the calls that show it.

    `sends` are the operations that reach somebody each time they are called, `real` when
    calls came by the machine's clock, if that counts.
    """
    __tracebackhide__ = True
    found = [*_pace(calls, real), *_no_end(calls), *_refusals(calls), *_twice(calls, sends), *_stop(calls, deliveries)]
    broken = list(dict.fromkeys(found))
    if broken:
        raise AssertionError("\n".join([f"the client is not resilient ({len(broken)}):", *(f"  {b}" for b in broken)]))


def _pace(calls: Sequence[Seen], real: Mapping[str, Instant] | None) -> Iterable[str]:
    for index, call in enumerate(calls):
        status = call["status"] or 0
        if status != 429 and status < 500:
            continue
        following = (later for later in calls[index + 1 :] if status == 429 or _what(later) == _what(call))
        again = next(following, None)
        if again is not None and (passed := _seconds(call, again, real)) < PAUSE:
            hint = UNMOVED if real is None and not passed else ""
            yield (
                f"no pause after a {status}: call {index + 1}, {_name(call)}, was answered {status}, and "
                f"{passed:.2f} s later came {_name(again)}; wait before the next call, longer each time{hint}"
            )


def _no_end(calls: Sequence[Seen]) -> Iterable[str]:
    failed: dict[str, int] = {}
    for call in calls:
        trouble = call["status"] is None or call["status"] == 429 or call["status"] >= 500
        failed[_what(call)] = failed.get(_what(call), 0) + 1 if trouble else 0
        if failed[_what(call)] == ATTEMPTS + 1:
            yield f"never gives up: {_name(call)} failed more than {ATTEMPTS} times in a row and was tried again"


def _refusals(calls: Sequence[Seen]) -> Iterable[str]:
    refused: dict[str, int] = {}
    for index, call in enumerate(calls):
        before = refused.pop(_what(call), None)
        if call["status"] not in PERMANENT:
            continue
        refused[_what(call)] = index
        if before is not None and calls[before]["status"] == call["status"]:
            yield (
                f"a permanent refusal was repeated: {_name(call)} was answered {call['status']} (call {before + 1}) and "
                f"sent again unchanged (call {index + 1}); only a changed call can get another answer"
            )


def _twice(calls: Sequence[Seen], sends: Collection[str]) -> Iterable[str]:
    lost: dict[str, int] = {}
    for index, call in enumerate(calls):
        if call["operationId"] not in sends or not _carried_out(call):
            continue
        first = lost.get(_what(call))
        if first is not None:
            yield (
                f"sent twice after a lost answer: {_name(call)} (call {first + 1}) was carried out, its answer spoilt by "
                f"{_faults(calls[first])}, and the same call came again (call {index + 1}) and was carried out too; "
                f"find out what became of the first before sending again"
            )
        if CARRIED_OUT & set(_effects(call)):
            lost[_what(call)] = index


def _stop(calls: Sequence[Seen], deliveries: Sequence[Seen]) -> Iterable[str]:
    """The API refuses such a send, so nobody is harmed; but who was told need not ask."""
    for delivery in deliveries:
        if delivery["event"] != "optout.created" or delivery["status"] != "succeeded":
            continue
        attempt = delivery["attempts"][-1]
        phone = json.loads(attempt["requestText"])["data"]["phone"]
        for index, call in enumerate(calls):
            if call["status"] == 403 and _to(call) == _digits(phone) and parse(call["at"]) >= parse(attempt["at"]):
                yield (
                    f"STOP was ignored: {phone} opted out, the receiver accepted optout.created, and then came call "
                    f"{index + 1}, {_name(call)}; keep who opted out, and do not write to them"
                )
                break


def _to(call: Seen) -> str:
    body = call["body"]
    return _digits(str(body.get("to", ""))) if isinstance(body, dict) else ""


def _digits(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isdecimal())


def _carried_out(call: Seen) -> bool:
    """Was it carried out, whatever was answered?"""
    status = call["status"]
    return (status is not None and 200 <= status < 300) or (status is None and "lostResponse" in _effects(call))


def _effects(call: Seen) -> list[str]:
    return [fault["type"] for fault in call["faults"]]


def _faults(call: Seen) -> str:
    return ", ".join(fault_name(fault) for fault in call["faults"])


def _what(call: Seen) -> str:
    return json.dumps([call["method"], call["path"], call["query"], call["body"]], sort_keys=True)


def _name(call: Seen) -> str:
    body = call["body"]
    about = f" to {body['to']}" if isinstance(body, dict) and "to" in body else ""
    return f"{call['operationId'] or call['path']}{about}"


def _seconds(one: Seen, other: Seen, real: Mapping[str, Instant] | None) -> float:
    passed = parse(other["at"]) - parse(one["at"])
    if real and one["id"] in real and other["id"] in real:
        passed = max(passed, real[other["id"]] - real[one["id"]])
    return passed / SECOND
