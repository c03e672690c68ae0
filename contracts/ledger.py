"""The book of promises. Each one ends as held, violated, not reached or not allowed; what is not looked at is not held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HELD, VIOLATED, NOT_REACHED, NOT_ALLOWED = "held", "violated", "not reached", "not allowed"
_UNSEEN = "nothing of this kind was seen"

STATES = (HELD, VIOLATED, NOT_REACHED, NOT_ALLOWED)


@dataclass(slots=True)
class Entry:
    """One promise. `looked` counts what was judged; `required` says whether the verdict needs it."""

    name: str
    promise: str
    provenance: str
    source: str
    state: str = NOT_REACHED
    reason: str = _UNSEEN
    looked: int = 0
    required: bool = True


class Ledger:
    """The promises of one check, by name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __getitem__(self, name: str) -> Entry:
        """The promise of that name. What is not in the book may be looked at all the same: it counts for nothing."""
        return self._entries.get(name) or Entry(name, "", "", "")

    def looked(self, name: str, times: int = 1) -> None:
        """Something was judged, and as far as that goes the promise holds."""
        entry = self[name]
        entry.looked += times
        if entry.state == NOT_REACHED:
            entry.state, entry.reason = HELD, ""

    def violated(self, name: str) -> None:
        """It was broken at least once; nothing mends that."""
        entry = self[name]
        entry.looked += 1
        entry.state, entry.reason = VIOLATED, ""

    def not_reached(self, name: str, reason: str, *, required: bool = True) -> None:
        """It could not be looked at, or not to the end. A violation that was seen stays one."""
        entry = self[name]
        if entry.state != VIOLATED:
            entry.state, entry.reason, entry.required = NOT_REACHED, reason, required

    def not_allowed(self, name: str, reason: str) -> None:
        """The profile forbids looking."""
        entry = self[name]
        if entry.state != VIOLATED:
            entry.state, entry.reason, entry.required = NOT_ALLOWED, reason, False

    def excuse(self, reason: str) -> None:
        """What was simply never seen is not required."""
        for entry in self:
            if entry.state == NOT_REACHED and entry.reason == _UNSEEN:
                entry.reason, entry.required = reason, False

    def missing(self) -> list[Entry]:
        """What the verdict needs and could not be looked at."""
        return [entry for entry in self if entry.state == NOT_REACHED and entry.required]

    def counts(self) -> dict[str, int]:
        """How many promises ended how."""
        states = [entry.state for entry in self]
        return {state: states.count(state) for state in STATES}
