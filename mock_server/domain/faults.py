"""Fault rules: which call or webhook goes wrong, how, and when. A rule is data; whether it strikes follows from it alone.

A rule sees each thing that it is `on` and that it matches. It strikes what it sees unless

| it is       | because                                                                            |
| ----------- | ---------------------------------------------------------------------------------- |
| too early   | the first `after` are let through                                                  |
| spent       | it has struck `times` times                                                        |
| unlucky     | its draw for this number of things seen is not below `probability`                 |
| second      | an older rule has struck in the same place already                                 |

and it sees nothing once `for_seconds` of the organization's time have passed, or while it is not `active`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.instant import Instant


class Place(StrEnum):
    """Where on its way a thing is struck. One rule strikes in one place; in different places several may."""

    PACE = "pace"  # a call: how long it takes
    ANSWER = "answer"  # a call: what is answered, and whether it is carried out
    COURSE = "course"  # a webhook: whether, when and how often it goes out
    CONTENT = "content"  # a webhook: what goes out


META_ERROR = "metaError"
"""The effect that strikes a message rather than an answer."""

EFFECTS: Mapping[str, Place] = {
    "latency": Place.PACE,
    "status": Place.ANSWER,
    "rateLimit": Place.ANSWER,
    "hang": Place.ANSWER,
    "reset": Place.ANSWER,
    "close": Place.ANSWER,
    "truncate": Place.ANSWER,
    "malformed": Place.ANSWER,
    "html": Place.ANSWER,
    "drip": Place.ANSWER,
    "lostResponse": Place.ANSWER,
    META_ERROR: Place.ANSWER,
    "drop": Place.COURSE,
    "delay": Place.COURSE,
    "duplicate": Place.COURSE,
    "reorder": Place.COURSE,
    "badSignature": Place.CONTENT,
    "wrongSecret": Place.CONTENT,
    "missingSignature": Place.CONTENT,
    "staleTimestamp": Place.CONTENT,
    "tamperedBody": Place.CONTENT,
    "respaced": Place.CONTENT,
    "unknownEvent": Place.CONTENT,
    "extraFields": Place.CONTENT,
    "oversized": Place.CONTENT,
}
"""Every effect but `truncate` of a webhook, which shares its name with one of a call; see `place`."""

WEBHOOK = "webhook:"
"""How the `on` of a rule about webhooks begins."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What goes wrong. `settings` are the effect's own, by name, as they were ordered."""

    type: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Struck:
    """A rule struck. `rule_id` is None where a call asked for its own fault."""

    rule_id: str | None
    label: str | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class FaultRule:
    """`number` counts the rules of an organization and says which stream of draws is this rule's.

    `match` holds name and pattern (`*`, `?` and `[…]` as in file names); all must fit. `until` is None for ever.
    """

    id: str
    number: int
    created_at: Instant
    on: str
    effect: Effect
    match: tuple[tuple[str, str], ...] = ()
    after: int = 0
    times: int | None = None
    probability: float = 1.0
    for_seconds: float | None = None
    until: Instant | None = None
    label: str | None = None
    active: bool = True
    seen: int = 0
    hits: int = 0

    @property
    def place(self) -> Place:
        """Where it strikes."""
        return place(self.on, self.effect.type)

    @property
    def spent(self) -> bool:
        """Has it struck as often as it may?"""
        return self.times is not None and self.hits >= self.times

    def sees(self, names: tuple[str, str], fields: Mapping[str, tuple[str, ...]], now: Instant) -> bool:
        """Is this what the rule is about? `fields` has the spellings of each value: one is enough to fit."""
        if self.on not in names or not self.active or (self.until is not None and now >= self.until):
            return False
        return all(_fits(fields.get(name, ()), pattern) for name, pattern in self.match)

    def looked(self, draw: Callable[[FaultRule], float], *, free: bool) -> FaultRule:
        """The rule after one more thing seen; it has one more hit if it strikes. `free`: is its place still free?"""
        saw = replace(self, seen=self.seen + 1)
        early = saw.seen <= saw.after
        if not free or early or saw.spent or (saw.probability < 1 and draw(saw) >= saw.probability):
            return saw
        return replace(saw, hits=saw.hits + 1)

    def struck(self) -> Struck:
        """What is written down when it strikes."""
        return Struck(self.id, self.label, self.effect)


def is_webhook(on: str) -> bool:
    """Is a rule on this about webhooks, rather than calls?"""
    return on.startswith(WEBHOOK)


def names_of(on: str) -> tuple[str, str]:
    """What a rule may be on to see this operation or `webhook:<event>`: itself, or all of its direction."""
    return on, f"{WEBHOOK}*" if is_webhook(on) else "*"


def place(on: str, effect: str) -> Place:
    """Where this effect strikes. Half a body is half a body, but a webhook's is its content."""
    return Place.CONTENT if effect == "truncate" and is_webhook(on) else EFFECTS[effect]


def fits_direction(on: str, effect: str) -> bool:
    """Calls cannot be duplicated, and a webhook is not answered by us."""
    return (place(on, effect) in {Place.COURSE, Place.CONTENT}) == is_webhook(on)


def effects_for(on: str) -> tuple[str, ...]:
    """The effects that a rule on this may have."""
    return tuple(effect for effect in EFFECTS if fits_direction(on, effect))


def _fits(spellings: tuple[str, ...], pattern: str) -> bool:
    return any(fnmatchcase(value, pattern) for value in spellings)
