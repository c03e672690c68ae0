"""Time. The only module that reads the machine's clocks.

An organization's clock is three numbers: at real instant `since` it showed `base`, and it runs at `scale`. Scale 1 is real
time, N is N times as fast, 0 stands still: a manual clock is a clock of scale 0 that somebody moves by hand.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mock_server.domain.instant import Instant, parse

Mode = Literal["real", "manual", "scaled"]


def monotonic_now() -> Instant:
    """Microseconds since the epoch by a clock that never jumps: set once at import, then carried by the monotonic one."""
    return _STARTED_AT + (time.monotonic_ns() - _STARTED_MONOTONIC) // 1000


_STARTED_AT: Instant = time.time_ns() // 1000
_STARTED_MONOTONIC = time.monotonic_ns()

END: Instant = parse("2059-01-01")
"""Where clocks stop: ids begin with eight letters of time (D8), and those last until then."""


@dataclass(frozen=True, slots=True)
class Hand:
    """At real instant `since` it showed `base`. `paused` is the scale it goes on with, while somebody holds it still."""

    base: Instant
    since: Instant
    scale: float
    paused: float | None = None

    def shows(self, real: Instant) -> Instant:
        """What the clock shows at this real instant."""
        return min(self.base + int((real - self.since) * self.scale), END)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock showed, and what waited for it then."""

    mode: Mode
    now: Instant
    scale: float
    pending: int
    next_due_at: Instant | None


class Clock:
    """One organization's time. Reading is safe from any thread; setting is the agenda's business."""

    def __init__(self, scale: float = 1.0, start: Instant | None = None, real: Callable[[], Instant] = monotonic_now):
        self._real = real
        since = real()
        self.hand = Hand(since if start is None else start, since, scale)
        """All there is to this clock; whoever keeps it keeps the time."""

    def now(self) -> Instant:
        """The organization's present."""
        hand = self.hand
        return hand.shows(self._real()) if hand.scale else hand.base

    @property
    def scale(self) -> float:
        """Seconds that pass here for each real one."""
        return self.hand.scale

    @property
    def mode(self) -> Mode:
        """The scale in a word."""
        return "manual" if self.scale == 0 else "real" if self.scale == 1 else "scaled"

    def real_seconds_until(self, instant: Instant) -> float | None:
        """How long to wait for it, at least 0; None on a clock that stands before it."""
        ahead = instant - self.now()
        if ahead <= 0:
            return 0.0
        return ahead / self.scale / 1_000_000 if self.scale else None

    def set(self, *, scale: float | None = None, now: Instant | None = None) -> None:
        """Change the speed, or the present."""
        real, hand = self._real(), self.hand
        present = hand.shows(real) if now is None else now
        self.hand = Hand(present, real, hand.scale if scale is None else scale, hand.paused)

    @property
    def held(self) -> bool:
        """Does somebody hold it still?"""
        return self.hand.paused is not None

    def hold(self) -> None:
        """Have it stand still, so that it can be moved from one due time to the next."""
        real, hand = self._real(), self.hand
        self.hand = Hand(hand.shows(real), real, 0.0, hand.scale)

    def let_go(self) -> None:
        """Let it run as before, from where it is by now."""
        real, hand = self._real(), self.hand
        if hand.paused is not None:
            self.hand = Hand(hand.shows(real), real, hand.paused)

    def real_instant_of(self, instant: Instant) -> Instant | None:
        """When it will show this, or did at the latest; None on a clock that stands before it."""
        wait = self.real_seconds_until(instant)
        return None if wait is None else self._real() + int(min(wait, _AGES) * 1_000_000)


_AGES = 10.0**9
"""Seconds: long enough for anything that waits."""
