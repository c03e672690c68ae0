"""Webhook endpoints: what they want, and when we stop trying."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.endpoints import DisabledReason, Endpoint, after_attempt, disable, enable
from mock_server.domain.events import SUBSCRIBABLE, EventKind

ENDPOINT = Endpoint("e1", "https://example.com/hook", (), "whsec_x", created_at=1)
LIMIT = 10


def after(outcomes: list[bool], endpoint: Endpoint = ENDPOINT) -> Endpoint:
    """The endpoint after these attempts, one at each instant from 100 on."""
    for at, succeeded in enumerate(outcomes, start=100):
        endpoint = after_attempt(endpoint, succeeded, LIMIT, at)
    return endpoint


@pytest.mark.parametrize("failures", range(LIMIT))
def test_fewer_failures_are_counted_only(failures: int) -> None:
    """Up to the ninth failure in a row the endpoint stays active."""
    assert after([False] * failures) == replace(ENDPOINT, failures_in_row=failures)


def test_the_tenth_failure_in_a_row_deactivates() -> None:
    """It is inactive from the instant of the tenth, and says why."""
    assert after([False] * LIMIT) == replace(
        ENDPOINT, active=False, failures_in_row=10, disabled_at=109, disabled_reason=DisabledReason.FAILURES
    )


def test_a_success_after_a_success_changes_nothing() -> None:
    """So that nothing is stored."""
    assert after_attempt(ENDPOINT, True, LIMIT, 9) is ENDPOINT


@given(st.lists(st.booleans(), max_size=40))
def test_only_failures_in_a_row_count(outcomes: list[bool]) -> None:
    """A success sets the count back; the endpoint goes inactive at the first ten failures with no success between."""
    text = "".join("S" if succeeded else "F" for succeeded in outcomes)
    endpoint = after(outcomes)
    assert endpoint.failures_in_row == len(text) - len(text.rstrip("F"))
    first = text.find("F" * LIMIT)
    assert endpoint.active is (first == -1)
    assert endpoint.disabled_at == (None if first == -1 else 100 + first + LIMIT - 1)


def test_the_first_reason_stays() -> None:
    """Switched off by hand and failing afterwards, it was still switched off by hand, then."""
    by_hand = disable(ENDPOINT, DisabledReason.SETTINGS, 50)
    assert (by_hand.active, by_hand.disabled_at, by_hand.disabled_reason) == (False, 50, DisabledReason.SETTINGS)
    late = after([False] * LIMIT, by_hand)
    assert (late.disabled_at, late.disabled_reason) == (50, DisabledReason.SETTINGS)
    assert disable(late, DisabledReason.FAILURES, 300) == late


def test_enabling_is_a_fresh_start() -> None:
    """Switched on again, it is as if nothing had failed."""
    assert enable(after([False] * 15)) == ENDPOINT


@pytest.mark.parametrize("kind", SUBSCRIBABLE)
def test_no_list_of_events_means_all(kind: EventKind) -> None:
    """An endpoint that names no events wants each of them, and none while it is inactive."""
    assert ENDPOINT.wants(kind)
    assert not disable(ENDPOINT, DisabledReason.SETTINGS, 1).wants(kind)


@pytest.mark.parametrize("kind", SUBSCRIBABLE)
def test_a_list_of_events_means_those(kind: EventKind) -> None:
    """An endpoint that names events wants those and no other."""
    one = replace(ENDPOINT, events=(kind,))
    assert [other for other in EventKind if one.wants(other)] == [kind]


def test_the_test_event_cannot_be_subscribed_to() -> None:
    """Eleven events can be subscribed to, nine of them Flowella's; webhook.test is only ever sent by its button."""
    assert len(SUBSCRIBABLE) == 11
    assert EventKind.WEBHOOK_TEST not in SUBSCRIBABLE
