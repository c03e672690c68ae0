"""Deliveries: attempts, retries and their end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_server.domain.deliveries import Attempt, Delivery, DeliveryStatus, abandon, settle
from mock_server.domain.events import Event, EventKind
from mock_server.domain.faults import Effect, Struck
from mock_server.domain.instant import SECOND
from mock_server.domain.policy import RETRY_SCHEDULES

S = DeliveryStatus
REFERENCE = RETRY_SCHEDULES["reference"]
DELIVERY = Delivery(
    id="d1",
    endpoint_id="e1",
    url="https://example.com/hook",
    event=Event("ev1", EventKind.WEBHOOK_TEST, 0, None),
    created_at=0,
    next_attempt_at=0,
)


def attempt(number: int, at: int, status: int | None) -> Attempt:
    """One POST with this answer, or none."""
    return Attempt(number, at, status, None if status else "timeout: no answer", 0.1, (), b"{}", b"")


def exhausted(schedule: tuple[int, ...], status: int | None = 500) -> Delivery:
    """A delivery that failed each time it was due."""
    delivery = DELIVERY
    while delivery.next_attempt_at is not None:
        due = attempt(len(delivery.attempts) + 1, delivery.next_attempt_at, status)
        delivery = settle(delivery, due, schedule)
    return delivery


@pytest.mark.parametrize("status", [None, 500, 404, 301])
def test_four_attempts_at_their_instants(status: int | None) -> None:
    """At once, then 30 s, 2 min and 10 min after the one before; then it has failed."""
    delivery = exhausted(REFERENCE, status)
    assert [a.at for a in delivery.attempts] == [0, 30 * SECOND, 150 * SECOND, 750 * SECOND]
    assert [a.number for a in delivery.attempts] == [1, 2, 3, 4]
    assert delivery.status is S.FAILED


def test_the_longer_schedule() -> None:
    """The settings page's list goes on with an hour and six hours."""
    delivery = exhausted(RETRY_SCHEDULES["settings-page"])
    assert [a.at // SECOND for a in delivery.attempts] == [0, 30, 150, 750, 4_350, 25_950]


def test_no_retries() -> None:
    """With an empty schedule the first failure is the last."""
    assert exhausted(()).status is S.FAILED
    assert len(exhausted(()).attempts) == 1


def test_it_waits_between_attempts() -> None:
    """After a failure with retries left it is pending, due so long after the attempt began."""
    settled = settle(DELIVERY, attempt(1, 7, 500), REFERENCE)
    assert (settled.status, settled.next_attempt_at) == (S.PENDING, 7 + 30 * SECOND)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_success_ends_it(number: int) -> None:
    """Whichever attempt is answered 2xx, nothing more comes, and all attempts are kept."""
    delivery = DELIVERY
    for failed in range(1, number):
        delivery = settle(delivery, attempt(failed, failed, 500), REFERENCE)
    delivery = settle(delivery, attempt(number, 99, 204), REFERENCE)
    assert (delivery.status, delivery.next_attempt_at) == (S.SUCCEEDED, None)
    assert [a.status for a in delivery.attempts] == [500] * (number - 1) + [204]


@pytest.mark.parametrize("status", [*range(100, 600), None])
def test_any_2xx_is_a_success(status: int | None) -> None:
    """200 to 299 and nothing else; least of all no answer."""
    assert attempt(1, 0, status).succeeded is (status in range(200, 300))


@pytest.mark.parametrize("attempts_before", [0, 1, 3])
def test_abandoned_while_an_attempt_is_on_the_wire(attempts_before: int) -> None:
    """The failing attempt is logged, and brings nothing back to life."""
    delivery = DELIVERY
    for number in range(attempts_before):
        delivery = settle(delivery, attempt(number + 1, number, 500), REFERENCE)
    delivery = abandon(delivery)
    late = attempt(attempts_before + 1, 50, 500)
    assert settle(delivery, late, REFERENCE) == replace(delivery, attempts=(*delivery.attempts, late))
    assert (delivery.status, delivery.next_attempt_at) == (S.ABANDONED, None)


def test_abandoned_and_then_answered() -> None:
    """An answer of 2xx that comes after it was given up still counts: the receiver has the event."""
    settled = settle(abandon(DELIVERY), attempt(1, 50, 200), REFERENCE)
    assert (settled.status, settled.next_attempt_at) == (S.SUCCEEDED, None)


def struck(rule: str | None, effect: str) -> Struck:
    """A rule struck with this effect."""
    return Struck(rule, None, Effect(effect))


def test_what_strikes_an_attempt_belongs_to_it() -> None:
    """What was drawn for the next attempt counts for it alone, and of that the first that is about content."""
    delivery = DELIVERY.struck_by([struck("r1", "delay"), struck("r2", "respaced"), struck("r3", "truncate")])
    retried = settle(delivery, attempt(1, 0, 500), REFERENCE)

    assert [s.rule_id for s in delivery.struck_now()] == ["r1", "r2", "r3"]
    assert delivery.content_fault() == struck("r2", "respaced")
    assert DELIVERY.struck_by([struck("r3", "truncate")]).content_fault() == struck("r3", "truncate")
    assert DELIVERY.struck_by([struck("r1", "delay")]).content_fault() is None
    assert (retried.struck_now(), retried.content_fault()) == ((), None)
    assert retried.struck_by([struck("r4", "drop")]).struck_now() == (struck("r4", "drop"),)


def test_rules_that_hold_no_more_let_go() -> None:
    """Of the attempt to come; what befell earlier ones stays written down."""
    first = settle(DELIVERY.struck_by([struck("r1", "respaced")]), attempt(1, 0, 500), REFERENCE)
    held = replace(first.struck_by([struck("r1", "delay"), struck("r2", "respaced")]), held_by="r1", overtaken=True)
    free = held.free_of(lambda rule: rule == "r2")

    assert (free.held_by, free.overtaken) == (None, False)
    assert [(f.attempt, f.struck.rule_id) for f in free.faults] == [(1, "r1"), (2, "r2")]
