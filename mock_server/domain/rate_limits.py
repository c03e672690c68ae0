"""A token bucket in one number (the generic cell rate algorithm): when the bucket would be full again.

Each admitted call moves that instant by one emission interval; a call is refused while it lies further ahead than the
burst allows. No timer fills anything, so it works on any clock, a frozen one too.
"""

import math
from dataclasses import dataclass

from mock_server.domain.instant import SECOND, Instant


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`per_second` calls on average, `burst` at once (D6)."""

    per_second: float = 50
    burst: int = 100


def admit(full_at: Instant, limit: RateLimit, now: Instant) -> Instant | None:
    """The bucket's new state when a call at `now` passes, None when it is over the limit."""
    return spaced(full_at, math.ceil(SECOND / limit.per_second), limit.burst, now)


def spaced(full_at: Instant, interval: int, burst: int, now: Instant) -> Instant | None:
    """The same with the interval between two calls, in microseconds."""
    start = max(full_at, now)
    if start - now > (burst - 1) * interval:
        return None
    return start + interval
