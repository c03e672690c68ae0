"""Which conversation a message belongs to, and moving conversations by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain import chats
from mock_server.domain.conversations import SENDABLE, Conversation, ConversationStatus, move
from mock_server.domain.errors import Conflict
from mock_server.domain.events import EventKind
from mock_server.services.contacts import chat as chat_of
from mock_server.services.lookup import existing
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from mock_server.domain.chats import Chat
    from mock_server.domain.instant import Instant
    from mock_server.world import Unit, World


def for_sending(unit: Unit, chat: Chat) -> tuple[Chat, Conversation]:
    """The chat's conversation if it can be sent in, else a new one (D13). Both stored, with this moment's message counted."""
    current = _current(unit, chat)
    if current is None or current.status not in SENDABLE:
        return _open_new(unit, chat)
    return chat, _touch(unit, current)


def for_receiving(unit: Unit, chat: Chat) -> tuple[Chat, Conversation]:
    """The chat's conversation, opened again where it was not open, or a new one (D13)."""
    current = _current(unit, chat)
    if current is None:
        return _open_new(unit, chat)
    return chat, _touch(unit, _moved(unit, current, ConversationStatus.OPEN))


def set_status(world: World, conversation_id: str, status: ConversationStatus) -> Conversation:
    """A teammate closes, snoozes, archives or reopens it. Raises NotFound, Conflict."""
    with world.unit() as unit:
        conversation = existing(unit.store.conversations, conversation_id, "conversation")
        in_use = chat_of(unit, conversation.contact_id, conversation.channel_id).conversation_id
        if status in SENDABLE and in_use != conversation.id:
            raise Conflict(
                f"Conversation {conversation.id} was followed by {in_use}; a contact has one active conversation "
                f"per channel, so this one can only be CLOSED or ARCHIVED"
            )
        return _moved(unit, conversation, status)


def window_closes_at(world: World, conversation: Conversation) -> Instant | None:
    """The end of the contact's service window on this channel; None if they never wrote."""
    with world.unit() as unit:
        chat = chat_of(unit, conversation.contact_id, conversation.channel_id)
        return chats.window_closes_at(chat, world.policy.service_window)


def _current(unit: Unit, chat: Chat) -> Conversation | None:
    return unit.store.conversations.get(chat.conversation_id) if chat.conversation_id else None


def _open_new(unit: Unit, chat: Chat) -> tuple[Chat, Conversation]:
    conversation = Conversation(
        id=unit.new_id(),
        contact_id=chat.contact_id,
        channel_id=chat.channel_id,
        status=ConversationStatus.OPEN,
        created_at=unit.now,
        last_message_at=unit.now,
    )
    chat = replace(chat, conversation_id=conversation.id)
    unit.store.conversations.put(conversation)
    unit.store.chats.put(chat)
    announce(unit, EventKind.CONVERSATION_OPENED, conversation)
    return chat, conversation


def _touch(unit: Unit, conversation: Conversation) -> Conversation:
    touched = replace(conversation, last_message_at=unit.now)
    unit.store.conversations.put(touched)
    return touched


def _moved(unit: Unit, conversation: Conversation, status: ConversationStatus) -> Conversation:
    moved, kind = move(conversation, status)
    unit.store.conversations.put(moved)
    if kind is not None:
        announce(unit, kind, moved)
    return moved
