"""The token bucket: never more than the burst at once, never more than the rate in the long run, and not less either."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.domain.instant import SECOND
from mock_server.domain.rate_limits import RateLimit, admit

limits = st.builds(RateLimit, st.integers(1, 2_000), st.integers(1, 20))
gaps = st.lists(st.integers(0, 3) | st.integers(0, 100_000) | st.integers(0, 2 * SECOND), max_size=80)


def admitted(limit: RateLimit, calls: list[int]) -> list[int]:
    """The instants of those calls that pass a bucket full at first."""
    passed, full_at = [], 0
    for now in calls:
        state = admit(full_at, limit, now)
        if state is not None:
            passed.append(now)
            full_at = state
    return passed


@given(limits, gaps)
@example(RateLimit(3, 2), [0] * 10)
def test_never_more_than_the_burst_at_once(limit: RateLimit, gaps: list[int]) -> None:
    """At no instant do more calls pass than the burst; on a full bucket exactly that many do."""
    passed = admitted(limit, list(accumulate(gaps)))
    assert all(passed.count(at) <= limit.burst for at in passed)
    assert admitted(limit, [7] * (limit.burst + 5)) == [7] * limit.burst


@given(limits, gaps)
@example(RateLimit(50, 1), [20_000] * 80)
@example(RateLimit(300, 1), [3_333] * 80)
@example(RateLimit(3, 5), [100_000] * 80)
def test_never_more_than_burst_and_rate_in_any_window(limit: RateLimit, gaps: list[int]) -> None:
    """Between any two calls, both counted, no more pass than the burst and what the rate gives in that time."""
    passed = admitted(limit, list(accumulate(gaps)))
    for first, start in enumerate(passed):
        for last, end in enumerate(passed[first:], start=first):
            allowed = limit.burst + Fraction(end - start, SECOND) * Fraction(limit.per_second)
            assert last - first + 1 <= allowed


@pytest.mark.parametrize("per_second", [1_500_000, 3_000_000, 1e12])
def test_no_rate_is_so_high_that_there_is_no_limit(per_second: float) -> None:
    """Faster than the clock ticks, the burst is still all that passes at one instant."""
    assert len(admitted(RateLimit(per_second, 3), [7] * 10)) == 3


@pytest.mark.parametrize("per_second", [0.5, 1, 3, 7, 50, 300, 1_000])
def test_the_rate_is_given(per_second: float) -> None:
    """Somebody who asks all the time gets the rate, but for a thousandth."""
    span = 4 * SECOND
    passed = admitted(RateLimit(per_second, 2), list(range(0, span, 200)))
    assert len(passed) >= 4 * per_second * 0.999


@given(limits)
def test_a_rest_fills_the_bucket_again(limit: RateLimit) -> None:
    """After the burst and as long as it takes at this rate, the whole burst passes again."""
    rest = -(-limit.burst * SECOND // int(limit.per_second)) + limit.burst
    assert len(admitted(limit, [0] * limit.burst + [rest] * limit.burst)) == 2 * limit.burst


def test_a_refused_call_costs_nothing() -> None:
    """However often one is refused, the next call passes when it would have anyway."""
    limit = RateLimit(2, 1)
    assert admitted(limit, [0, *range(1, 500_000, 1_000), 500_000]) == [0, 500_000]
