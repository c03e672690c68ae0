"""Counting messages without reading them: pieces of a period, counts that move, rates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.instant import DAY, HOUR, SECOND
from mock_server.domain.messages import MessageStatus
from mock_server.domain.tallies import NONE, WIDTHS, Report, added, cover, moved, tally_id

S = MessageStatus
MINUTE = 60 * SECOND


@pytest.mark.parametrize(
    ("start", "end", "pieces"),
    [
        (0, 0, []),
        (0, DAY, [(DAY, 0)]),
        (HOUR, 3 * HOUR, [(HOUR, HOUR), (HOUR, 2 * HOUR)]),
        (DAY - MINUTE - SECOND, DAY + HOUR, [(SECOND, DAY - MINUTE - SECOND), (MINUTE, DAY - MINUTE), (HOUR, DAY)]),
        (5, SECOND + 7, [(0, 5), (0, SECOND)]),
        (5, 9, [(0, 5)]),
        (SECOND - 1, 2 * SECOND, [(0, SECOND - 1), (SECOND, SECOND)]),
    ],
)
def test_cover(start: int, end: int, pieces: list[tuple[int, int]]) -> None:
    """The widest whole spans that fit, and rests of less than a second at the edges."""
    assert list(cover(start, end)) == pieces


@given(st.integers(0, 3 * DAY), st.integers(0, 3 * DAY))
def test_the_pieces_are_the_period(start: int, length: int) -> None:
    """Each begins where the one before ends, and few are enough."""
    pieces, at = list(cover(start, start + length)), start
    for width, begin in pieces:
        assert begin == at
        assert width == 0 or (width in WIDTHS and begin % width == 0)
        at = begin + width if width else min(start + length, (begin // SECOND + 1) * SECOND)
    assert at == start + length
    assert len(pieces) <= 2 * (1 + 59 + 59 + 23) + 3


def test_a_span_has_a_name_of_its_own() -> None:
    """Of its width, and shared by every instant in it."""
    assert tally_id(HOUR, HOUR) == tally_id(HOUR, 2 * HOUR - 1) == f"{HOUR}:1"
    assert tally_id(HOUR, 2 * HOUR) == f"{HOUR}:2"


def test_counts_move_with_their_messages() -> None:
    """A new one is counted, one that moves changes its place, and all together stay as many."""
    counts = moved(moved(NONE, None, S.PENDING), None, S.PENDING)

    assert counts == (2, 0, 0, 0, 0)
    assert moved(counts, S.PENDING, S.SENT) == (1, 1, 0, 0, 0)
    assert moved(moved(counts, S.PENDING, S.READ), S.PENDING, S.FAILED) == (0, 0, 0, 1, 1)
    assert added((1, 2, 3, 4, 5), (10, 20, 30, 40, 50)) == (11, 22, 33, 44, 55)
    with pytest.raises(ValueError, match="shorter"):
        added(NONE, (1, 2))


@pytest.mark.parametrize(
    ("counts", "rates"),
    [
        (NONE, (0.0, 0.0, 0.0)),
        ((3, 0, 0, 0, 0), (0.0, 0.0, 0.0)),
        ((2, 1, 3, 2, 4), (0.5, 0.4, 0.3333)),  # of 12: 10 on their way, 5 there, 2 of these read, 4 failed
        ((0, 2, 0, 1, 0), (0.3333, 1.0, 0.0)),
    ],
)
def test_rates(counts: tuple[int, ...], rates: tuple[float, ...]) -> None:
    """Delivered of those sent, read of those delivered, failed of all; rounded to four places."""
    report = Report(0, DAY, counts)

    assert report.total == sum(counts)
    assert report.rates() == dict(zip(("deliveryRate", "readRate", "failureRate"), rates, strict=True))
