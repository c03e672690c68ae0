"""The one table of message statuses, walked through pair by pair."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import pytest

from mock_server.domain.errors import Conflict
from mock_server.domain.events import EventKind
from mock_server.domain.instant import seconds
from mock_server.domain.journeys import DELIVERED_AND_READ, REENGAGEMENT, failing
from mock_server.domain.messages import ANNOUNCED, Direction, Message, MessageStatus, Reaction, can_move, move, react
from mock_server.domain.meta_errors import meta_error

S = MessageStatus
LEGAL = {
    (S.PENDING, S.SENT),
    (S.PENDING, S.DELIVERED),
    (S.PENDING, S.READ),
    (S.PENDING, S.FAILED),
    (S.SENT, S.DELIVERED),
    (S.SENT, S.READ),
    (S.SENT, S.FAILED),
    (S.DELIVERED, S.READ),
}
PAIRS = list(product(S, S))


def a_message(status: MessageStatus) -> Message:
    """A message in this status, reached at instant 5."""
    return Message(
        id="m1",
        direction=Direction.OUTBOUND,
        channel_id="ch1",
        contact_id="c1",
        conversation_id="v1",
        wamid="wamid.x",
        phone="+15551234567",
        type="text",
        text="Hello",
        status=status,
        created_at=5,
        history=((status, 5),),
    )


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_table_is_the_platforms(old: MessageStatus, new: MessageStatus) -> None:
    """Forward, skipping allowed; failing only before delivery; nothing leaves READ, FAILED or RECEIVED."""
    assert can_move(a_message(old), new) is ((old, new) in LEGAL)


@pytest.mark.parametrize(("old", "new"), sorted(LEGAL))
def test_legal_moves_change_status_and_history_only(old: MessageStatus, new: MessageStatus) -> None:
    """The new status is there, with the instant it was reached behind the earlier ones."""
    message = a_message(old)
    assert move(message, new, 9) == replace(message, status=new, history=((old, 5), (new, 9)))


@pytest.mark.parametrize(("old", "new"), [pair for pair in PAIRS if pair not in LEGAL])
def test_illegal_moves_raise_and_change_nothing(old: MessageStatus, new: MessageStatus) -> None:
    """The refusal names the message, its state and every state that would have been allowed."""
    message = a_message(old)
    with pytest.raises(Conflict) as refusal:
        move(message, new, 9)
    assert message == a_message(old)
    sentence, _, allowed = str(refusal.value).partition("allowed: ")
    assert {"m1", old.value, new.value} <= set(sentence.replace(";", "").split())
    assert {status for status in S if status.value in allowed} == {to for at, to in LEGAL if at is old}


def test_a_failure_keeps_its_error() -> None:
    """The error travels with the message that failed."""
    failed = move(a_message(S.SENT), S.FAILED, 9, meta_error(131026))
    assert failed.error == meta_error(131026)


def test_every_status_reached_is_announced() -> None:
    """Each status has its own event, but PENDING, which nobody is told of; with SENT comes the whole message."""
    assert ANNOUNCED == {
        S.SENT: (EventKind.MESSAGE_SENT, EventKind.MESSAGE_STORED),
        S.DELIVERED: (EventKind.MESSAGE_DELIVERED,),
        S.READ: (EventKind.MESSAGE_READ,),
        S.FAILED: (EventKind.MESSAGE_FAILED,),
        S.RECEIVED: (EventKind.MESSAGE_RECEIVED,),
    }


def test_the_default_journey() -> None:
    """Sent after 0.3 s, delivered after 1.2 s, read after 5 s, by legal moves."""
    assert [(step.after, step.status) for step in DELIVERED_AND_READ] == [
        (300_000, S.SENT),
        (1_200_000, S.DELIVERED),
        (5_000_000, S.READ),
    ]
    statuses = [S.PENDING, *(step.status for step in DELIVERED_AND_READ)]
    assert all(pair in LEGAL for pair in pairwise(statuses))


def test_the_journey_outside_the_window() -> None:
    """Free-form text outside the window fails with 131047 and is never sent."""
    (step,) = failing(REENGAGEMENT)
    assert (step.status, step.after) == (S.FAILED, seconds(0.3))
    assert step.error is not None
    assert step.error.code == 131047


def test_unknown_codes_are_passed_on() -> None:
    """A code that the table does not list is a failure like any other, and says so."""
    error = meta_error(999_999)
    assert error.code == 999_999
    assert "999999" in error.details


def test_a_reaction_takes_the_place_of_the_senders_last() -> None:
    """Others' stay, in their order; none at all takes it away."""
    message = a_message(S.READ)
    for reaction in (Reaction("👍", "1"), Reaction("❤", "2"), Reaction("😂", "1")):
        message = react(message, reaction)

    assert message.reactions == (Reaction("❤", "2"), Reaction("😂", "1"))
    assert react(message, Reaction("", "2")).reactions == (Reaction("😂", "1"),)


def test_an_illegal_move_says_what_is_legal() -> None:
    """By the message's id and status."""
    with pytest.raises(Conflict) as refused:
        move(a_message(S.SENT), S.PENDING, 9)
    assert str(refused.value) == "Message m1 is SENT and cannot become PENDING; allowed: DELIVERED, READ, FAILED"
    with pytest.raises(Conflict) as refused:
        move(a_message(S.READ), S.SENT, 9)
    assert str(refused.value) == "Message m1 is READ and cannot become SENT; allowed: nothing: this is where it ends"
