"""What the endpoint says it did: `--ledger-url`. Without it nobody outside can know.

    {"events": {"cm0abc…": 1, "cm0def…": 2}, "messages": {"cm0xyz…": "READ"}}

`events` says how often each event, by `data.id`, was processed; `messages`, which may be missing, which status each
message has. `{"cm0abc…": 1}`, `["cm0abc…"]` and `[{"id": "cm0abc…"}]` will do for the events alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.stops import NotReached

if TYPE_CHECKING:
    from contracts.receiver.sender import Sender
    from contracts.receiver.settings import Settings

_LOOKS = 25
"""So often we look, at most, while --settle lasts."""


@dataclass(frozen=True, slots=True)
class Books:
    """How often each event was processed, and which status each message has, where that is told."""

    events: dict[str, int]
    messages: dict[str, str] | None


def read(sender: Sender, settings: Settings) -> Books:
    """What it says now. Raises NotReached, with how to reach it."""
    if settings.ledger_url is None:
        raise NotReached(
            "what an endpoint did cannot be seen from outside: give --ledger-url, an address that answers GET with "
            '{"events": {"<data.id>": <times processed>}}',
            required=False,
        )
    exchange = sender.call("GET", settings.ledger_url)
    if exchange.answer is None or not exchange.answer.ok:
        how = exchange.answer.status if exchange.answer else exchange.trouble
        raise NotReached(f"the ledger, GET {settings.ledger_url}, answered {how}")
    return _understood(exchange.answer.json)


def settled(sender: Sender, settings: Settings, ids: list[str]) -> Books:
    """What it says once all of `ids` are in it and nothing moves any more, or when --settle is over."""
    end = sender.clock.elapsed() + settings.settle
    before, books = None, read(sender, settings)
    while sender.clock.elapsed() < end:
        counts = [books.events.get(one, 0) for one in ids]
        if all(counts) and counts == before:
            break
        sender.wait(settings.settle / _LOOKS)
        before, books = counts, read(sender, settings)
    return books


def _understood(told: Any) -> Books:
    """Raises NotReached for what is not in the format."""
    messages = told.get("messages") if isinstance(told, dict) else None
    events = told.get("events", told) if isinstance(told, dict) else told
    if isinstance(events, list):
        counted: Counter[str] = Counter()
        for one in events:
            name, count = (one.get("id"), one.get("count", 1)) if isinstance(one, dict) else (one, 1)
            counted[str(name)] += count if isinstance(count, int) else 1
        events = dict(counted)
    if not isinstance(events, dict) or not all(isinstance(count, int) for count in events.values()):
        raise NotReached('the ledger cannot be read: it is to be {"events": {"<data.id>": <times processed>}}')
    return Books(events, messages if isinstance(messages, dict) else None)
