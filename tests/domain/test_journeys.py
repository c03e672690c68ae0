"""What becomes of a message, and of one to a magic number."""

from __future__ import annotations

import pytest

from mock_server.domain.instant import SECOND
from mock_server.domain.journeys import DELIVERED_AND_READ, Step, delayed, failing
from mock_server.domain.magic import NAMED, all_recipients, outcome
from mock_server.domain.messages import MessageStatus, MetaError
from mock_server.domain.meta_errors import LATER, TITLES, UNTITLED, meta_error
from mock_server.domain.policy import Persistence, Policy


def test_a_failing_journey_is_one_step() -> None:
    """Soon after the message was accepted, with the reason."""
    error = meta_error(131026)
    assert failing(error) == (Step(SECOND * 3 // 10, MessageStatus.FAILED, error),)


def test_a_journey_can_begin_later() -> None:
    """Every step of it by as much."""
    assert [step.after for step in delayed(DELIVERED_AND_READ, 5)] == [300_005, 1_200_005, 5_000_005]
    assert [step.status for step in delayed(DELIVERED_AND_READ, 5)] == ["SENT", "DELIVERED", "READ"]


@pytest.mark.parametrize("code", [*sorted(TITLES), 999_999])
def test_a_number_with_a_code_fails_with_it(code: int) -> None:
    """At once or later, as in reality, and under a name; a code that nobody knows comes later."""
    found, error = outcome(f"+15000{code:06d}"), meta_error(code)

    assert found is not None
    assert found.name == f"error{code}"
    if code in LATER or code == 999_999:
        assert found.description == f"accepted, then fails: {error.title}"
        assert (found.journey, found.refusal) == (failing(error), None)
    else:
        assert found.description == f"refused at once: {error.title}"
        assert (found.journey, found.refusal) == ((), error)


@pytest.mark.parametrize("phone", ["+15551234567", "+1500013102", "+15000131026123", "+15005559999"])
def test_other_numbers_are_not_magic(phone: str) -> None:
    """Too short, too long, or without a name."""
    assert outcome(phone) is None


def test_all_of_them_are_listed() -> None:
    """Those with codes in their order, then those with names."""
    listed = all_recipients()

    assert [phone for phone, _ in listed] == [*(f"+15000{code:06d}" for code in sorted(TITLES)), *NAMED]
    assert all(outcome(phone) == found for phone, found in listed)


def test_unknown_codes_say_so() -> None:
    """A code that the table does not have is passed on."""
    assert meta_error(7) == MetaError(7, UNTITLED, "Error 7, which WhatsApp's table of codes does not list.")
    assert meta_error(131026) == MetaError(131026, *TITLES[131026])


def test_how_hard_a_vendor_tries() -> None:
    """By its own terms where it has some, else by everybody's."""
    policy = Policy(retries=(1, 2), failures_until_inactive=3)

    assert policy.persistence("flowella") == Persistence((1, 2), 3)
    assert policy.persistence("flowiq") == Persistence((), None)
