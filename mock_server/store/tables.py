"""Which collections there are, and what their records are found by."""

from collections.abc import Callable
from typing import Any

from mock_server.domain.accounts import Account
from mock_server.domain.api_keys import ApiKey
from mock_server.domain.calls import Call
from mock_server.domain.channels import Channel
from mock_server.domain.chats import Chat
from mock_server.domain.contacts import Contact
from mock_server.domain.conversations import Conversation
from mock_server.domain.deliveries import Delivery, DeliveryStatus
from mock_server.domain.endpoints import Endpoint
from mock_server.domain.faults import FaultRule
from mock_server.domain.jobs import Audience, Job
from mock_server.domain.limits import Marketed, Meter, Reached
from mock_server.domain.messages import Message
from mock_server.domain.optouts import OptOut
from mock_server.domain.orders import Order
from mock_server.domain.policy import Policy
from mock_server.domain.quality import Held, Letting, Pacing
from mock_server.domain.requests import RequestRecord
from mock_server.domain.tallies import Tally
from mock_server.domain.templates import Template
from mock_server.domain.web_chat import WebMessage
from mock_server.store.protocol import Indexed, Table

ACCOUNTS: Table[Account] = Table("accounts")
API_KEYS: Table[ApiKey] = Table("api_keys", unique={"digest": lambda key: key.digest})
CHANNELS: Table[Channel] = Table("channels")
TEMPLATES: Table[Template] = Table("templates", listed={"status": lambda template: template.status})
CONTACTS: Table[Contact] = Table("contacts", unique={"key": lambda contact: contact.key})
CHATS: Table[Chat] = Table("chats")
CONVERSATIONS: Table[Conversation] = Table("conversations", listed={"status": lambda conversation: conversation.status})
MESSAGES: Table[Message] = Table("messages", listed={"contact": lambda message: message.contact_id})
TALLIES: Table[Tally] = Table("tallies")
JOBS: Table[Job] = Table("jobs")
AUDIENCES: Table[Audience] = Table("audiences")
OPT_OUTS: Table[OptOut] = Table("opt_outs")
ENDPOINTS: Table[Endpoint] = Table("endpoints")
CALLS: Table[Call] = Table("calls")
WEB_MESSAGES: Table[WebMessage] = Table("web_messages", listed={"visitor": lambda message: message.visitor_id})
ORDERS: Table[Order] = Table("orders")
FAULTS: Table[FaultRule] = Table("faults")
METERS: Table[Meter] = Table("meters")
REACHED: Table[Reached] = Table("reached", unique={"contact": lambda reached: reached.contact_id})
MARKETED: Table[Marketed] = Table("marketed")
PACINGS: Table[Pacing] = Table("pacings")
HELD: Table[Held] = Table("held")
LETTINGS: Table[Letting] = Table("lettings")


def declared(policy: Policy) -> list[Table[Any]]:
    """All of them."""
    fixed = [found for found in globals().values() if isinstance(found, Table)]
    return [*fixed, deliveries(policy), requests(policy)]


def deliveries(policy: Policy) -> Table[Delivery]:
    """Those that are not over yet: `waiting` by endpoint, `held` by the fault rule that keeps them back, and
    `overtaken` by the endpoint whose next one is to pass them. Only what is over may be forgotten.
    """

    def pending(value: Callable[[Delivery], str | None]) -> Indexed[Delivery]:
        return lambda d: value(d) if d.status is DeliveryStatus.PENDING else None

    return Table(
        "deliveries",
        listed={
            "waiting": pending(lambda d: d.endpoint_id),
            "held": pending(lambda d: d.held_by),
            "overtaken": pending(lambda d: d.endpoint_id if d.overtaken else None),
        },
        keep=policy.keep_deliveries,
        done=lambda d: d.status is not DeliveryStatus.PENDING,
    )


def requests(policy: Policy) -> Table[RequestRecord]:
    """The journal, bounded."""
    return Table("requests", keep=policy.keep_requests)
