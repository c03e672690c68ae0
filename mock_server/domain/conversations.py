"""Conversations: the inbox's folder for one contact on one channel (D13).

| what happens      | conversation in use            | becomes                          |
| ----------------- | ------------------------------ | -------------------------------- |
| we send           | OPEN, PENDING, SNOOZED         | stays as it is                   |
| we send           | CLOSED, ARCHIVED or none       | a new one, OPEN                  |
| the contact writes | any but OPEN                  | OPEN again                       |
| the contact writes | none                          | a new one, OPEN                  |
| a teammate        | any                            | any other status, see below      |

Moving into OPEN announces `conversation.opened`, moving into CLOSED `conversation.closed`, nothing else announces.
Only the chat's current conversation can be moved into an active status: one active conversation per contact and channel.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.events import EventKind
from mock_server.domain.instant import Instant


class ConversationStatus(StrEnum):
    """The vendor's closed enum (list-conversations)."""

    OPEN = "OPEN"
    PENDING = "PENDING"
    SNOOZED = "SNOOZED"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"


SENDABLE = frozenset({ConversationStatus.OPEN, ConversationStatus.PENDING, ConversationStatus.SNOOZED})
"""A send reuses a conversation in one of these."""

ANNOUNCED: dict[ConversationStatus, EventKind] = {
    ConversationStatus.OPEN: EventKind.CONVERSATION_OPENED,
    ConversationStatus.CLOSED: EventKind.CONVERSATION_CLOSED,
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """`last_message_at` counts both directions."""

    id: str
    contact_id: str
    channel_id: str
    status: ConversationStatus
    created_at: Instant
    last_message_at: Instant | None = None


def move(conversation: Conversation, status: ConversationStatus) -> tuple[Conversation, EventKind | None]:
    """The conversation in its new status, and what is to be announced. Staying where it is announces nothing."""
    if status == conversation.status:
        return conversation, None
    return replace(conversation, status=status), ANNOUNCED.get(status)
