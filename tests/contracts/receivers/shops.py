"""The example shop and its wrong siblings as endpoints: with a ledger, and an order for each message it hears of.

The other siblings are wrong in what they send, or in what they do with what they have heard: drills find those.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

SIBLINGS = {
    "ChecksReserialisedJson": "raw-bytes-verified",
    "VerifiesNothing": "unsigned-refused",
    "IgnoresTimestamps": "stale-refused",
    "ProcessesDuplicates": "processed-once",
    "ChecksThenActs": "concurrent-once",
    "StrictClock": "skew-accepted",
    "SwallowsStrangers": "unsigned-refused",
    "DowngradesStatuses": "status-never-back",
    "DiesOnUnknownEvents": "unknown-event-accepted",
}
"""Those that an endpoint shows, and the check that finds each."""


def keeping(kind: Any, order: Any) -> Any:
    """The same shop with a ledger at /ledger."""

    class Keeping(kind):  # type: ignore[misc]
        def __post_init__(self) -> None:
            super().__post_init__()
            self.processed: Counter[str] = Counter()
            self.app.add_url_rule("/ledger", view_func=self.ledger)

        def handle(self, event: dict[str, Any]) -> None:
            data = event["data"]
            if "messageId" in data and event["event"] != "message.received":
                message = data["messageId"]
                known = self.orders.setdefault(message, order(message, data["to"]))
                known.message_id, known.update = message, known.update or "PENDING"
            super().handle(event)
            self.processed[data["id"]] += 1

        def ledger(self) -> dict[str, Any]:
            return {"events": dict(self.processed), "messages": {o.number: o.update for o in self.orders.values()}}

    return Keeping
