"""Counting outbound messages as they move, so that analytics never have to read them (D15).

Counts are kept per day, hour, minute and second of creation. A period is covered by the largest whole ones that fit into it,
and what is left at its edges, less than a second each, by looking at the messages themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.domain.instant import DAY, HOUR, SECOND, Instant
from mock_server.domain.messages import MessageStatus

COUNTED = (
    MessageStatus.PENDING,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
    MessageStatus.FAILED,
)
WIDTHS = (DAY, HOUR, 60 * SECOND, SECOND)

Counts = tuple[int, ...]
"""One number per status of COUNTED, in that order."""

_PLACE = {status: place for place, status in enumerate(COUNTED)}

NONE: Counts = (0,) * len(COUNTED)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages created in one span of time are in which status now."""

    id: str
    counts: Counts


def tally_id(width: int, instant: Instant) -> str:
    """The span of this width that the instant lies in."""
    return f"{width}:{instant // width}"


def moved(counts: Counts, old: MessageStatus | None, new: MessageStatus) -> Counts:
    """The counts after one message moved; `old` None is a new message."""
    changed = list(counts)
    changed[_PLACE[new]] += 1
    if old is not None:
        changed[_PLACE[old]] -= 1
    return tuple(changed)


def added(left: Counts, right: Counts) -> Counts:
    """Both together."""
    return tuple(a + b for a, b in zip(left, right, strict=True))


def cover(start: Instant, end: Instant) -> Iterator[tuple[int, Instant]]:
    """The period [start, end) as (width, start) pieces, widest possible first come; width 0 is a rest to be looked at.

    A rest reaches to the next whole second, or to `end`.
    """
    at = start
    while at < end:
        width = next((w for w in WIDTHS if at % w == 0 and at + w <= end), 0)
        yield width, at
        at = at + width if width else min(end, (at // SECOND + 1) * SECOND)


@dataclass(frozen=True, slots=True)
class Report:
    """Outbound messages created in [start, end) by the status they have now."""

    start: Instant
    end: Instant
    counts: Counts

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)

    def rates(self) -> dict[str, float]:
        """Shares rounded to four places, 0 where there is nothing to divide by (D15)."""
        pending, _, delivered, read, failed = self.counts
        return {
            "deliveryRate": _share(delivered + read, self.total - pending),
            "readRate": _share(read, delivered + read),
            "failureRate": _share(failed, self.total),
        }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
