"""Messages and the one table of their statuses (D16).

    PENDING --> SENT --> DELIVERED --> READ
       |          |
       +----------+----> FAILED

Steps may be skipped forward, because the platform skips them: `delivered` is left out when the chat is open on the phone
(facts 1.3). Nothing moves back, nothing leaves READ or FAILED. RECEIVED is where inbound messages live.
An illegal move raises, changes nothing and announces nothing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from mock_server.domain.errors import Conflict
from mock_server.domain.events import EventKind
from mock_server.domain.instant import Instant


class Direction(StrEnum):
    """Outbound is ours to the contact."""

    OUTBOUND = "OUTBOUND"
    INBOUND = "INBOUND"


class MessageStatus(StrEnum):
    """The five outbound counters of the analytics page, and one for what came in."""

    PENDING = "PENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    RECEIVED = "RECEIVED"


_S = MessageStatus
MOVES: dict[MessageStatus, frozenset[MessageStatus]] = {
    _S.PENDING: frozenset({_S.SENT, _S.DELIVERED, _S.READ, _S.FAILED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.READ, _S.FAILED}),
    _S.DELIVERED: frozenset({_S.READ}),
    _S.READ: frozenset(),
    _S.FAILED: frozenset(),
    _S.RECEIVED: frozenset(),
}

ANNOUNCED: dict[MessageStatus, EventKind] = {
    _S.SENT: EventKind.MESSAGE_SENT,
    _S.DELIVERED: EventKind.MESSAGE_DELIVERED,
    _S.READ: EventKind.MESSAGE_READ,
    _S.FAILED: EventKind.MESSAGE_FAILED,
    _S.RECEIVED: EventKind.MESSAGE_RECEIVED,
}


@dataclass(frozen=True, slots=True)
class MetaError:
    """One row of WhatsApp's table of error codes, as it reaches `message.failed`."""

    code: int
    title: str
    details: str


@dataclass(frozen=True, slots=True)
class Message:
    """`phone` is the other party in E.164, `profile_name` their WhatsApp name on what came in. `history` has each status
    with the instant it was reached, oldest first. At `expires_at` WhatsApp stops trying to deliver it.
    """

    id: str
    direction: Direction
    channel_id: str
    contact_id: str
    conversation_id: str
    wamid: str
    phone: str
    type: str
    text: str | None
    status: MessageStatus
    created_at: Instant
    history: tuple[tuple[MessageStatus, Instant], ...]
    error: MetaError | None = None
    template_id: str | None = None
    job_id: str | None = None
    profile_name: str | None = None
    expires_at: Instant | None = None


def can_move(message: Message, status: MessageStatus) -> bool:
    """Is this move in the table?"""
    return status in MOVES[message.status]


def move(message: Message, status: MessageStatus, at: Instant, error: MetaError | None = None) -> Message:
    """The message in its new status. Raises Conflict, naming what would have been allowed, for a move not in the table."""
    if not can_move(message, status):
        allowed = ", ".join(s for s in MessageStatus if s in MOVES[message.status]) or "nothing: this is where it ends"
        raise Conflict(f"Message {message.id} is {message.status} and cannot become {status}; allowed: {allowed}")
    return replace(message, status=status, history=(*message.history, (status, at)), error=error)
