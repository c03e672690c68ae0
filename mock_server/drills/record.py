"""Everything that was seen of one drill, in one value: the checks and the timeline read nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mock_server.domain.instant import SECOND, parse
from mock_server.drills.manners import digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mock_server.domain.instant import Instant
    from mock_server.drills.cast import Ended
    from mock_server.drills.drill import Drill

Seen = dict[str, Any]

Key = tuple[str, str]
"""Names something that was seen: `("call", id)`, `("attempt", id/number)`, `("step", number)`."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a drill stood before a step: which one, when, and how many calls and webhooks there had been."""

    number: int
    at: Instant
    calls: int
    deliveries: int

    @property
    def place(self) -> str:
        """In the file."""
        return f"steps[{self.number - 1}]"


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken. `note` says what came of it, `ended` how the client came out of it, if it was asked."""

    begun: Begun
    action: str
    words: str
    ended_at: Instant
    note: str
    ended: Ended

    @property
    def at(self) -> Instant:
        """When it began."""
        return self.begun.at

    @property
    def key(self) -> Key:
        """What the timeline calls it."""
        return "step", str(self.begun.number)


@dataclass(frozen=True, slots=True)
class Books:
    """What the integration says it did: how often each event was processed, which status messages have, its alarms."""

    events: Mapping[str, int]
    messages: Mapping[str, str] | None = None
    alarms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A look into the integration's own books. `trouble` says why there was nothing to read."""

    books: Books | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An event that the drill posted by hand, and what was answered."""

    event: str
    step: int
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What was seen. `calls` are the client's, not the drill's own; `real` when they came by the machine's clock."""

    drill: Drill
    began: Instant
    ended: Instant
    calls: list[Seen]
    deliveries: list[Seen]
    messages: list[Seen]
    webhooks: list[Seen]
    unstruck: tuple[str, ...]
    """Faults that were to strike, and had nothing to strike."""
    steps: list[Done]
    looks: list[Look]
    posted: list[Posted]
    sends: frozenset[str]
    real: Mapping[str, Instant] | None
    patience: Mapping[str, float | None]
    played: bool
    """Was there a client?"""
    missing: tuple[str, ...] = field(default=())
    """What was not given: client, receiver, ledger."""

    def seconds(self, at: Instant | str) -> float:
        """Since the drill began."""
        return ((parse(at) if isinstance(at, str) else at) - self.began) / SECOND

    @cached_property
    def names(self) -> dict[str, str]:
        """What everybody is called."""
        return {digits(phone): f"person {number}" for number, phone in enumerate(self.drill.people, 1)}

    def name(self, phone: str) -> str:
        """Of one."""
        return self.names.get(digits(phone), "somebody")

    @cached_property
    def reached(self) -> Counter[str]:
        """How many messages to each person WhatsApp was given, by the digits of their number."""
        ours = (m for m in self.messages if m["direction"] == "OUTBOUND")
        return Counter(digits(message["to"]) for message in ours)

    @cached_property
    def asked(self) -> Counter[str]:
        """How many sends named each person, whatever was answered."""
        return Counter(phone for call in self.calls for phone in addressed(call))

    def attempts(self) -> Iterator[tuple[Seen, Seen, tuple[str, ...]]]:
        """Every attempt to deliver, with its delivery and the effects that struck it."""
        for delivery in self.deliveries:
            for attempt in delivery["attempts"]:
                struck = tuple(f["type"] for f in delivery["faults"] if f["attempt"] == attempt["number"])
                yield delivery, attempt, struck

    @cached_property
    def events(self) -> dict[str, list[Seen]]:
        """Deliveries that went out, by the event they are of."""
        found: dict[str, list[Seen]] = {}
        for delivery in self.deliveries:
            if delivery["attempts"]:
                found.setdefault(delivery["eventId"], []).append(delivery)
        return found

    @cached_property
    def arrived(self) -> set[tuple[str, str]]:
        """Which events arrived at which endpoints."""
        return {(d["eventId"], d["webhookId"]) for d in self.deliveries if d["status"] == "succeeded"}

    def about(self, delivery: Seen) -> str:
        """Whom a webhook is about."""
        body = content(delivery["attempts"][0]) if delivery["attempts"] else None
        data = body.get("data") if isinstance(body, dict) else None
        named = (data.get(name) for name in ("from", "to", "phone")) if isinstance(data, dict) else ()
        return next(
            (self.names[digits(one)] for one in named if isinstance(one, str) and digits(one) in self.names), ""
        )

    def last_look(self) -> Look:
        """The last one into the books."""
        return self.looks[-1]


def attempt_key(delivery: Seen, attempt: Seen) -> Key:
    """What the timeline calls an attempt."""
    return "attempt", f"{delivery['id']}/{attempt['number']}"


def call_key(call_id: str) -> Key:
    """What the timeline calls a call."""
    return "call", call_id


def addressed(call: Seen) -> list[str]:
    """The digits of whom a call names."""
    body = call["body"]
    if not isinstance(body, dict):
        return []
    several = body.get("recipients")
    named = [one.get("phone") for one in several if isinstance(one, dict)] if isinstance(several, list) else []
    return [digits(phone) for phone in (body.get("to"), *named) if isinstance(phone, str)]


def accepted(attempt: Seen) -> bool:
    """Was it answered 2xx?"""
    return attempt["status"] is not None and 200 <= attempt["status"] < 300


def content(attempt: Seen) -> Any:
    """What an attempt was about, as JSON; None where that cannot be read."""
    try:
        return json.loads(attempt["requestText"])
    except ValueError:
        return None
