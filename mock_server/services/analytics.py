"""Outbound message analytics, from counters kept as messages move (D15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_server.domain.errors import Invalid
from mock_server.domain.instant import DAY, SECOND, iso
from mock_server.domain.messages import Direction
from mock_server.domain.tallies import NONE, WIDTHS, Report, Tally, added, cover, moved, tally_id
from mock_server.ids import time_prefix

if TYPE_CHECKING:
    from mock_server.domain.instant import Instant
    from mock_server.domain.messages import Message, MessageStatus
    from mock_server.domain.tallies import Counts
    from mock_server.world import Unit, World

DEFAULT_PERIOD = 30 * DAY
_MILLISECOND = SECOND // 1000


def count(unit: Unit, message: Message, old: MessageStatus | None) -> None:
    """An outbound message is new (`old` None) or has moved from `old`."""
    for width in WIDTHS:
        key = tally_id(width, message.created_at)
        tally = unit.store.tallies.get(key)
        counts = moved(tally.counts if tally else NONE, old, message.status)
        unit.store.tallies.put(Tally(key, counts))


def report(world: World, start: Instant | None, end: Instant | None) -> Report:
    """The period [start, end); by default the last 30 days, this millisecond included. Raises Invalid for end < start."""
    with world.unit() as unit:
        end = (unit.now // _MILLISECOND + 1) * _MILLISECOND if end is None else end
        start = end - DEFAULT_PERIOD if start is None else start
        if end < start:
            raise Invalid("endDate", f"{iso(end)} is before startDate, {iso(start)}")
        counts = NONE
        first, last = max(start, world.began_at), min(end, unit.now + 1)
        for width, at in cover(first, last):
            counts = added(counts, _tallied(unit, width, at) if width else _looked_at(unit, at, last))
        return Report(start, end, counts)


def _tallied(unit: Unit, width: int, at: Instant) -> Counts:
    tally = unit.store.tallies.get(tally_id(width, at))
    return tally.counts if tally else NONE


def _looked_at(unit: Unit, start: Instant, end: Instant) -> Counts:
    """The rest of a second: ids begin with their time, so only this second's messages are read."""
    end = min(end, (start // SECOND + 1) * SECOND)
    counts = NONE
    for message in unit.store.messages.newest(before=time_prefix(end + _MILLISECOND)):
        if message.created_at < start:
            break
        if message.direction is Direction.OUTBOUND and message.created_at < end:
            counts = moved(counts, None, message.status)
    return counts
