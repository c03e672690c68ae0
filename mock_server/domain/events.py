"""What happened, as a frozen value that holds the things it happened to.

The values inside are those of that moment, so an event can be put into any vendor's words later, as often as needed, and
always gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mock_server.domain.calls import Call
    from mock_server.domain.contacts import Contact
    from mock_server.domain.conversations import Conversation
    from mock_server.domain.instant import Instant
    from mock_server.domain.messages import Message
    from mock_server.domain.optouts import OptOut
    from mock_server.domain.templates import Template, TemplateStatus
    from mock_server.domain.web_chat import WebMessage


class EventKind(StrEnum):
    """Everything a world announces; each vendor tells of some. `webhook.test` is never subscribable (D25)."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_STORED = "message.stored"  # with `message.sent`, and when somebody answers on the web: the whole message
    CALL = "call"
    CONVERSATION_OPENED = "conversation.opened"
    CONVERSATION_CLOSED = "conversation.closed"
    OPTOUT_CREATED = "optout.created"
    TEMPLATE_STATUS_UPDATED = "template.status_updated"
    WEBHOOK_TEST = "webhook.test"


class Platform(StrEnum):
    """Where people write to us: on WhatsApp, or in a chat window on a web page."""

    WHATSAPP = "whatsapp"
    WEB = "web"


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


Subject: TypeAlias = "Message | Conversation | OptOutMade | TemplateReviewed | Call | WebMessage | None"
"""What an event happened to; None for a test event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at an instant of the organization's clock."""

    id: str
    kind: EventKind
    at: Instant
    subject: Subject
