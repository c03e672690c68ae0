"""Conversations and the service window, as pure rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from mock_server.domain.chats import Chat, chat_id, window_closes_at, window_open
from mock_server.domain.conversations import SENDABLE, Conversation, ConversationStatus, move
from mock_server.domain.events import EventKind
from mock_server.domain.instant import DAY

S = ConversationStatus
ANNOUNCEMENTS = {S.OPEN: EventKind.CONVERSATION_OPENED, S.CLOSED: EventKind.CONVERSATION_CLOSED}


def a_conversation(status: ConversationStatus) -> Conversation:
    """A conversation in this status."""
    return Conversation("v1", "c1", "ch1", status, created_at=5, last_message_at=7)


@pytest.mark.parametrize(("old", "new"), list(product(S, S)))
def test_every_move(old: ConversationStatus, new: ConversationStatus) -> None:
    """Any status can follow any other; moving into OPEN or CLOSED is announced, staying is not."""
    moved, announced = move(a_conversation(old), new)
    assert moved == replace(a_conversation(old), status=new)
    assert announced == (None if old is new else ANNOUNCEMENTS.get(new))


def test_sends_reuse_the_active_ones() -> None:
    """OPEN, PENDING and SNOOZED conversations are sent in; CLOSED and ARCHIVED ones are over."""
    assert {S.OPEN, S.PENDING, S.SNOOZED} == SENDABLE


@pytest.mark.parametrize(
    ("at", "is_open"), [(1_000, True), (1_000 + DAY - 1, True), (1_000 + DAY, False), (1_000 + DAY + 1, False)]
)
def test_the_window_is_open_for_a_day(at: int, is_open: bool) -> None:
    """From the contact's message until just before the same moment of the next day."""
    chat = Chat(chat_id("c1", "ch1"), "c1", "ch1", last_inbound_at=1_000)
    assert window_open(chat, at, DAY) is is_open
    assert window_closes_at(chat, DAY) == 1_000 + DAY


def test_the_window_of_somebody_who_never_wrote() -> None:
    """It never opened, so it does not close."""
    chat = Chat(chat_id("c1", "ch1"), "c1", "ch1")
    assert not window_open(chat, 0, DAY)
    assert window_closes_at(chat, DAY) is None


def test_a_chat_is_a_pair() -> None:
    """Each pair of contact and channel has a chat of its own."""
    pairs = list(product(["c1", "c2", "c12"], ["h1", "h2", "2h1"]))
    assert len({chat_id(*pair) for pair in pairs}) == len(pairs)
