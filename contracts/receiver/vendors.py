"""Who posts: how each vendor's events look from outside. What is in them stands in its spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNED, TIMED, RETRIED, NAMED = "signed", "timed", "retried", "named"
"""What a check may need of a vendor: a signature, the time of sending, retries, and events with an id of their own."""

STATUSES = ("SENT", "DELIVERED", "READ")


@dataclass(frozen=True, slots=True)
class Vendor:
    """`headers` leads from what a header says to its name; `received` and `statuses` are webhooks of the spec."""

    name: str
    spec: str
    agent: str
    event: str
    received: str
    statuses: tuple[str, ...]
    unknown: str
    has: frozenset[str]
    headers: Mapping[str, str]

    @property
    def signs(self) -> bool:
        """Whether an endpoint can know who posts."""
        return SIGNED in self.has

    def data(self, event: dict[str, Any]) -> dict[str, Any]:
        """What an event says happened."""
        inner = event.get("data")
        return inner if NAMED in self.has and isinstance(inner, dict) else event


VENDORS = {
    "flowella": Vendor(
        name="flowella",
        spec="openapi.yaml",
        agent="Flowella-Webhooks/1",
        event="event",
        received="message.received",
        statuses=("message.sent", "message.delivered", "message.read"),
        unknown="flow.sync.failed",
        has=frozenset({SIGNED, TIMED, RETRIED, NAMED}),
        headers={
            "signature": "X-Flowella-Signature",
            "time": "X-Flowella-Timestamp",
            "event": "X-Flowella-Event",
            "delivery": "X-Flowella-Delivery",
        },
    ),
    "flowiq": Vendor(
        name="flowiq",
        spec="openapi-flowiq.yaml",
        agent="FlowIQ-Webhooks/1",
        event="event_type",
        received="message_received",
        statuses=("message_sent", "message_delivered", "message_read"),
        unknown="flow_sync_failed",
        has=frozenset(),
        headers={},
    ),
}
