"""A clock that nobody waits for."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.timing import Clock


class FakeClock(Clock):
    """Waiting takes no time and is written down."""

    def __init__(self) -> None:
        self.at, self.waits = 0.0, list[float]()

    def elapsed(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 10, tzinfo=UTC)

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self.at += seconds
            self.waits.append(seconds)
