"""Time. The only module that reads the machine's clocks.

An organization's clock is three numbers: at real instant `since` it showed `base`, and it runs at `scale`. Scale 1 is real
time, N is N times as fast, 0 stands still: a manual clock is a clock of scale 0 that somebody moves by hand.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
class _Hand:
    base: Instant
    since: Instant
    scale: float

    def shows(self, real: Instant) -> Instant:
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
        self._hand = _Hand(since if start is None else start, since, scale)

    def now(self) -> Instant:
        """The organization's present."""
        hand = self._hand
        return hand.shows(self._real()) if hand.scale else hand.base

    @property
    def scale(self) -> float:
        """Seconds that pass here for each real one."""
        return self._hand.scale

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
        real = self._real()
        present = self._hand.shows(real) if now is None else now
        self._hand = _Hand(present, real, self.scale if scale is None else scale)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Hold the clock still, so that it can be moved from one due time to the next; then let it run as before."""
        scale = self.scale
        self.set(scale=0.0)
        try:
            yield
        finally:
            self.set(scale=scale)
