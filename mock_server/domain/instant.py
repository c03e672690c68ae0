"""Points in time as whole microseconds since 1970-01-01 UTC.

Integers, so that 0.3 s + 1.2 s is exactly 1.5 s and the same run gives the same bytes. Vendors' JSON shows milliseconds.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

Instant = Annotated[int, "instant"]
"""Microseconds since the Unix epoch, UTC. The label tells whoever reads the type hints how to write it down."""

Duration = Annotated[int, "duration"]
"""Microseconds."""

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

EARLIEST: Instant = -62_135_596_800 * SECOND
"""0001-01-01T00:00:00Z."""

LATEST: Instant = 253_402_300_799 * SECOND
"""9999-12-31T23:59:59Z: the last second that ISO-8601 can write with four digits."""


def seconds(value: float) -> int:
    """A duration in seconds as microseconds, rounded to the nearest."""
    return round(value * SECOND)


def iso(instant: Instant) -> str:
    """`2026-11-21T10:00:00.000Z`: UTC with milliseconds, the form of Flowella's own samples. Calendars end with 9999."""
    whole, fraction = divmod(min(max(instant, EARLIEST), LATEST), SECOND)
    return f"{_to_the_second(whole)}.{fraction // 1000:03d}Z"


@lru_cache(maxsize=1024)
def _to_the_second(whole: int) -> str:
    """Kept, because much happens in the same second, and pages show the same ones again."""
    return datetime.fromtimestamp(whole, UTC).isoformat()[:19]


def iso_or_none(instant: Instant | None) -> str | None:
    """`iso`, and null for what has not happened."""
    return None if instant is None else iso(instant)


def parse(text: str) -> Instant:
    """An ISO-8601 date (midnight UTC) or date-time (UTC where no zone is given) as an Instant.

    Raises ValueError when the text is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds
