"""What happened, as a frozen value that holds the things it happened to.

The values inside are those of that moment, so an event can be put into any vendor's words later, as often as needed, and
always gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.instant import Instant
    from mock_server.domain.messages import Message
    from mock_server.domain.optouts import OptOut
    from mock_server.domain.templates import Template, TemplateStatus


class EventKind(StrEnum):
    """The events of the reference page /api-reference/webhooks; `webhook.test` is never subscribable (D25)."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_FAILED = "message.failed"
    CONVERSATION_OPENED = "conversation.opened"
    CONVERSATION_CLOSED = "conversation.closed"
    OPTOUT_CREATED = "optout.created"
    TEMPLATE_STATUS_UPDATED = "template.status_updated"
    WEBHOOK_TEST = "webhook.test"


SUBSCRIBABLE = tuple(kind for kind in EventKind if kind is not EventKind.WEBHOOK_TEST)


@dataclass(frozen=True, slots=True)
class OptOutMade:
    """The subject of `optout.created`."""

    opt_out: OptOut
    contact: Contact


@dataclass(frozen=True, slots=True)
class TemplateReviewed:
    """The subject of `template.status_updated`."""

    template: Template
    previous: TemplateStatus


Subject: TypeAlias = "Message | Conversation | OptOutMade | TemplateReviewed | None"
"""What an event happened to; None for a test event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at an instant of the organization's clock."""

    id: str
    kind: EventKind
    at: Instant
    subject: Subject
