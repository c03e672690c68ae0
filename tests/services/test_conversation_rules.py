"""Which conversation a message belongs to: one active conversation per contact and channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_server.domain.conversations import ConversationStatus
from mock_server.domain.errors import Conflict, NotFound
from mock_server.domain.instant import SECOND
from mock_server.services import conversations, endpoints, messages

if TYPE_CHECKING:
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.messages import Message
    from mock_server.world import World

S = ConversationStatus
ACTIVE, OVER = [S.OPEN, S.PENDING, S.SNOOZED], [S.CLOSED, S.ARCHIVED]
PHONE = "+15551234567"


@pytest.fixture
def listening(world: World) -> World:
    """A world that tells somebody of its events."""
    endpoints.add(world, "http://127.0.0.1:9/hook", (), None)
    return world


def send(world: World, channel_id: str | None = None) -> Message:
    """We write to the contact, a second later."""
    world.clock.set(now=world.clock.now() + SECOND)
    return messages.send_text(world, to=PHONE, text="Hello", channel_id=channel_id)


def receive(world: World) -> Message:
    """The contact writes, a second later."""
    world.clock.set(now=world.clock.now() + SECOND)
    return messages.receive_text(world, sender=PHONE, text="Hi", channel_id=None, profile_name=None)


def of(world: World, message: Message) -> Conversation:
    """The message's conversation as it stands."""
    found = world.store.conversations.get(message.conversation_id)
    assert found is not None
    return found


def announced(world: World) -> list[str]:
    """What was announced of conversations, oldest first."""
    kinds = [delivery.event.kind.value for delivery in world.store.deliveries.newest()]
    return [kind.removeprefix("conversation.") for kind in reversed(kinds) if kind.startswith("conversation.")]


@pytest.mark.parametrize("status", ACTIVE)
def test_a_send_reuses_an_active_one(listening: World, status: ConversationStatus) -> None:
    """It stays as it is, counts the message, and nothing is announced but its beginning."""
    first = send(listening)
    conversations.set_status(listening, first.conversation_id, status)
    second = send(listening)
    assert second.conversation_id == first.conversation_id
    assert (of(listening, second).status, of(listening, second).last_message_at) == (status, second.created_at)
    assert announced(listening) == ["opened"]


@pytest.mark.parametrize("status", OVER)
def test_a_send_begins_another_when_it_is_over(listening: World, status: ConversationStatus) -> None:
    """The old one stays over, the new one is open and announced."""
    first = send(listening)
    conversations.set_status(listening, first.conversation_id, status)
    second = send(listening)
    assert (of(listening, first).status, of(listening, second).status) == (status, S.OPEN)
    assert announced(listening)[-1] == "opened"
    assert announced(listening).count("opened") == 2


@pytest.mark.parametrize("status", S)
def test_the_contact_reopens_whatever_it_is(listening: World, status: ConversationStatus) -> None:
    """It is open again and counts the message; announced unless it was open before."""
    first = send(listening)
    conversations.set_status(listening, first.conversation_id, status)
    before = announced(listening)
    answer = receive(listening)
    assert answer.conversation_id == first.conversation_id
    assert (of(listening, answer).status, of(listening, answer).last_message_at) == (S.OPEN, answer.created_at)
    assert announced(listening) == before + ([] if status is S.OPEN else ["opened"])


def test_the_contact_may_write_first(listening: World) -> None:
    """That begins a conversation, in which we answer."""
    first = receive(listening)
    assert of(listening, first).status is S.OPEN
    assert send(listening).conversation_id == first.conversation_id
    assert announced(listening) == ["opened"]


def test_each_channel_has_its_own(listening: World) -> None:
    """The same contact on another of our numbers is another conversation."""
    one, other = [send(listening, channel.id) for channel in list(listening.store.channels.newest())]
    assert one.contact_id == other.contact_id
    assert one.conversation_id != other.conversation_id


@pytest.mark.parametrize("status", S)
def test_one_that_was_followed_stays_over(listening: World, status: ConversationStatus) -> None:
    """Only the chat's current conversation can be active; the refusal names the one that is, and changes nothing."""
    first = send(listening)
    conversations.set_status(listening, first.conversation_id, S.CLOSED)
    second = send(listening)
    before = announced(listening)
    if status in OVER:
        assert conversations.set_status(listening, first.conversation_id, status).status is status
    else:
        with pytest.raises(Conflict, match=second.conversation_id):
            conversations.set_status(listening, first.conversation_id, status)
        assert of(listening, first).status is S.CLOSED
    assert announced(listening) == before


def test_closing_is_announced_once(listening: World) -> None:
    """Closing what is closed says nothing."""
    first = send(listening)
    for _ in range(2):
        conversations.set_status(listening, first.conversation_id, S.CLOSED)
    assert announced(listening) == ["opened", "closed"]


def test_an_unknown_one_is_not_found(world: World) -> None:
    """The refusal names the id."""
    with pytest.raises(NotFound, match="nonsense"):
        conversations.set_status(world, "nonsense", S.OPEN)
