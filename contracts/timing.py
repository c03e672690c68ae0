"""Time: the one module that looks at a clock or waits. Everything else is given one of these."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since some moment, the time of day, and waiting."""

    def elapsed(self) -> float:
        """Seconds since some moment; only differences mean something."""
        return time.monotonic()

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Do nothing for so long."""
        if seconds > 0:
            time.sleep(seconds)
