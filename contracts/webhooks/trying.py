"""Laws about trying again: when, how often, with what; and about where an endpoint may not send us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.laws.registry import law
from contracts.provenance import DESIGNED, DOCUMENTED, Mark
from contracts.stops import NotReached
from contracts.webhooks.desk import controlled, desk_of
from contracts.webhooks.listening import ListeningDesk

if TYPE_CHECKING:
    from contracts.exchange import Exchange
    from contracts.laws.case import Case
    from contracts.webhooks.delivery import Delivery
    from contracts.webhooks.desk import ControlledDesk, Hook

_REFERENCE = "/api-reference/webhooks"
WAITS = (30.0, 120.0, 600.0)
"""D21: so long after each failed attempt."""
_EDGE = 1.0
"""Seconds before and after a retry is due, in which we look."""
_MUCH_LATER = 86_400.0


@law(
    "retry-schedule", "A failed delivery is tried again after 30 s, 2 min and 10 min, and then no more", "D21", DESIGNED
)
def retry_schedule(case: Case) -> None:
    """By the emitter's clock: nothing a second before, one a second after, and nothing for a day at the end."""
    if isinstance(desk := desk_of(case), ListeningDesk):
        _first_retry(case, desk)
        return
    desk = controlled(case)
    with desk.endpoint(case, "failing", status=500) as hook:
        cause, first = _one_event(case, desk, hook)
        since = 0.0
        for wait in WAITS:
            early = desk.after(case, wait - _EDGE - since, cause)
            if not case.expect(not early, f"nothing before {wait:g} s", "another attempt by then"):
                return
            due = desk.after(case, 2 * _EDGE, cause)
            if not due:
                _late(case, desk, cause, wait)
                return
            case.expect(len(due) == 1, f"one attempt after {wait:g} s", f"{len(due)}", exchange=due[-1])
            since = _EDGE
        more = desk.after(case, _MUCH_LATER, cause)
        case.expect(not more, f"{len(WAITS) + 1} attempts in all", f"{len(more)} more", exchange=first)


@law(
    "retries-same",
    "A retry carries the same data.id, X-Flowella-Delivery and bytes as the first attempt",
    "/settings/webhooks",
    DOCUMENTED,
)
def retries_same(case: Case) -> None:
    """Or it could not be told from another event."""
    if isinstance(desk := desk_of(case), ListeningDesk):
        if desk.pair is None:
            raise NotReached("it takes the retry that retry-schedule looks for", required=False)
        same_again(case, *desk.pair)
        return
    desk = controlled(case)
    with desk.endpoint(case, "failing", status=503) as hook:
        cause, first = _one_event(case, desk, hook)
        for wait in WAITS:
            for again in desk.after(case, wait + _EDGE, cause):
                same_again(case, first, again)


@law("redirects-not-followed", "A redirect is a failure, and nobody goes where it points", "D21", DESIGNED)
def redirects_not_followed(case: Case) -> None:
    """Each kind of redirect, to another place of ours."""
    desk = controlled(case)
    for status in (301, 302, 303, 307, 308):
        desk.strays.clear()
        with desk.endpoint(case, "redirecting", status, f"{desk.inbox.url}/elsewhere") as hook:
            _, first = _one_event(case, desk, hook)
        came = f"{len(desk.strays)} requests there after {status}"
        if not case.expect(not desk.strays, "nothing where a redirect points to", came, exchange=first):
            return


def _first_retry(case: Case, desk: ListeningDesk) -> None:
    """Where time cannot be moved, the first retry has to do; half the time and twice the time are as promised."""
    wait = WAITS[0]
    first, again = desk.retried(case, wait)
    if again is None:
        mark = Mark(DOCUMENTED, _REFERENCE)
        case.broken(f"another attempt after {wait:g} s", f"none in {2 * wait:g} s", mark=mark, exchange=first)
        return
    desk.pair = (first, again)
    gap = (again.at - first.at).total_seconds()
    case.expect(wait / 2 <= gap <= 2 * wait, f"another attempt after {wait:g} s", f"after {gap:.1f} s", exchange=again)


def _one_event(case: Case, desk: ControlledDesk, hook: Hook) -> tuple[Exchange, Delivery]:
    """Something happens that is one event: the call, and its first attempt at this endpoint."""
    step = desk.write(case)
    arrived = step.at(hook.name)
    if not arrived:
        raise NotReached("the first attempt did not come; mend that first")
    return step.call, arrived[0]


def _late(case: Case, desk: ControlledDesk, cause: Exchange, wait: float) -> None:
    later = desk.after(case, _MUCH_LATER, cause)
    mark = None if later or wait > WAITS[0] else Mark(DOCUMENTED, _REFERENCE)
    came = "it came later" if later else "none in a day"
    case.expect(False, f"one attempt after {wait:g} s", came, mark=mark, exchange=cause)


def same_again(case: Case, first: Delivery, again: Delivery) -> None:
    """A later attempt is what the first one was."""
    name = "X-Flowella-Delivery"
    ids, numbers = (first.event_id, again.event_id), (first.header(name), again.header(name))
    case.expect(ids[0] == ids[1], f"data.id {ids[0]}", f"{ids[1]}", cause="event", exchange=again)
    if all(numbers):
        case.expect(numbers[0] == numbers[1], f"{name} {numbers[0]}", f"{numbers[1]}", cause=name, exchange=again)
    if ids[0] == ids[1]:
        mark = Mark(DESIGNED, "D19")
        case.expect(first.body == again.body, "the same bytes", "other bytes", mark=mark, cause="bytes", exchange=again)
