"""What an integration says it did, in the format of `flowella-contract receiver --ledger-url`, with alarms beside it.

{"events": {"cm0abc…": 1}, "messages": {"cm0xyz…": "READ"}, "alarms": ["no webhook for an hour"]}
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from mock_server.domain.errors import Invalid
from mock_server.drills.record import Books

_FORMAT = '{"events": {"<data.id>": <times processed>}, "messages": {"<messageId>": "<status>"}, "alarms": ["…"]}'


def understood(told: Any) -> Books:
    """What was told, whichever of the forms it has. Raises Invalid for what is none of them."""
    whole = told if isinstance(told, dict) and {"events", "messages", "alarms"} & set(told) else {"events": told}
    events, messages, alarms = whole.get("events", {}), whole.get("messages"), whole.get("alarms")
    if isinstance(events, list):
        events = _counted(events)
    if not isinstance(events, dict) or not all(isinstance(count, int) for count in events.values()):
        raise Invalid("the ledger", f"cannot be read: it is to be {_FORMAT}")
    return Books(
        events,
        {str(key): str(value) for key, value in messages.items()} if isinstance(messages, dict) else None,
        tuple(map(str, alarms)) if isinstance(alarms, list) else None,
    )


def _counted(events: list[Any]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for one in events:
        name, count = (one.get("id"), one.get("count", 1)) if isinstance(one, dict) else (one, 1)
        counted[str(name)] += count if isinstance(count, int) else 1
    return dict(counted)
