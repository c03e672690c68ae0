"""WhatsApp's limits as pure rules: what is let through, what is not, and when it is again."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_messages import a_message

from mock_server import limits as words
from mock_server.domain.instant import DAY, HOUR, SECOND
from mock_server.domain.limits import (
    OFF,
    Limits,
    Marketed,
    MarketingCap,
    Meter,
    PairRate,
    Throughput,
    after_channel_use,
    after_marketing,
    after_pair_send,
    expired,
    reached,
    still_counts,
)
from mock_server.domain.messages import MessageStatus
from mock_server.domain.policy import USUAL_LIMITS, Policy

START = 1_800_000_000 * SECOND
META = PairRate(every=6 * SECOND, burst=45)
gaps = st.lists(st.integers(0, SECOND) | st.integers(0, 20 * SECOND), max_size=80)


def _sent(limit: PairRate, calls: list[int]) -> list[int]:
    """The instants of those messages that pass."""
    meter, passed = Meter("m"), []
    for now in calls:
        after = after_pair_send(meter, limit, now)
        if after is not None:
            passed.append(now)
            meter = after
    return passed


def test_one_every_six_seconds_goes_on_for_ever() -> None:
    """The long-run rate is never refused; a moment too early is, once the burst is over."""
    steady = [START + k * 6 * SECOND for k in range(200)]

    assert _sent(META, steady) == steady
    assert _sent(META, [START, START + 6 * SECOND - 1, START + 12 * SECOND - 2]) == [START, START + 6 * SECOND - 1]


def test_a_burst_is_forty_five_and_is_waited_out() -> None:
    """45 within six seconds, then nothing until 45 times six seconds have passed since the first."""
    burst = [START + k * 1000 for k in range(60)]
    paid = START + 45 * 6 * SECOND

    assert _sent(META, burst) == burst[:45]
    assert _sent(META, [*burst[:45], paid - 1, paid]) == [*burst[:45], paid]


def test_twenty_at_once_cost_two_minutes() -> None:
    """Meta's own example: the burst borrows from the future, also when it was not used up."""
    twenty = [START] * 20

    assert _sent(META, [*twenty, START + 6 * SECOND, START + 119 * SECOND]) == twenty
    assert _sent(META, [*twenty, START + 120 * SECOND]) == [*twenty, START + 120 * SECOND]


@given(st.builds(PairRate, st.integers(1, 10 * SECOND), st.integers(1, 50)), gaps)
def test_never_more_than_a_burst_and_never_more_than_the_rate(limit: PairRate, gaps: list[int]) -> None:
    """Any k messages of one burst, and of the whole, take at least as long as the rate says, but for one burst."""
    passed = _sent(limit, list(accumulate(gaps, initial=START)))

    for first, at in enumerate(passed):
        assert sum(at <= other < at + limit.every for other in passed) <= 2 * limit.burst
        assert all((k - limit.burst) * limit.every <= later - at for k, later in enumerate(passed[first:]))


def test_throughput_is_so_many_in_a_second_and_then_one_by_one() -> None:
    """80 at once, the next after an eightieth of a second."""
    limit, meter, passed = Throughput(80), Meter("m"), 0
    for _ in range(100):
        after = after_channel_use(meter, limit, START)
        passed, meter = passed + (after is not None), after or meter

    assert passed == 80
    assert after_channel_use(meter, limit, START + 12_499) is None
    assert after_channel_use(meter, limit, START + 12_500) is not None
    assert after_channel_use(Meter("m"), Throughput(3), START) == Meter("m", clear_at=START + 333_333)


@given(st.integers(1, 5), st.lists(st.integers(0, 30 * HOUR), max_size=30))
def test_the_marketing_cap_holds_in_every_window(messages: int, gaps: list[int]) -> None:
    """No 24 hours with more than the cap, no refusal below it, and no more remembered than needed."""
    cap, record, times = MarketingCap(messages, DAY), Marketed("c"), list[int]()
    for now in accumulate(gaps, initial=START):
        after = after_marketing(record, cap, now)
        recent = [at for at in times if now - at < DAY]
        assert (after is None) == (len(recent) >= messages)
        if after is not None:
            record = after
            times.append(now)
            assert record.times == (*recent, now)


def test_who_was_reached_longest_ago_has_the_newest_id() -> None:
    """Ids count down, so that the store's newest is the first to leave the window, exactly 24 hours later."""
    early, late = reached("zzz", START), reached("aaa", START + 1)

    assert early.id > late.id
    assert (early.contact_id, early.at) == ("zzz", START)
    assert still_counts(early, START + DAY - 1)
    assert not still_counts(early, START + DAY)


def test_switches_say_what_they_mean() -> None:
    """Left out keeps, null and false are off, true is WhatsApp's numbers, an object some of one's own."""
    every = dict.fromkeys(words.shown(OFF), True)

    assert set(words.shown(OFF).values()) == {None}
    assert words.changed(OFF, every, USUAL_LIMITS) == USUAL_LIMITS == Policy().usual_limits
    assert words.changed(USUAL_LIMITS, dict.fromkeys(every), USUAL_LIMITS) == OFF
    assert words.changed(USUAL_LIMITS, dict.fromkeys(every, False), USUAL_LIMITS) == OFF
    changed = words.changed(USUAL_LIMITS, {"pairRate": {"burst": 3}, "throughput": None}, USUAL_LIMITS)
    assert (changed.pair_rate, changed.throughput) == (PairRate(6 * SECOND, 3), None)
    assert changed.marketing_cap == USUAL_LIMITS.marketing_cap
    assert words.shown(changed)["pairRate"] == {"perSeconds": 6, "burst": 3}


@given(
    st.fixed_dictionaries({"perSeconds": st.integers(1, 10**9).map(lambda n: n / 1000), "burst": st.integers(1, 99)})
)
def test_what_is_set_is_shown(wanted: dict[str, float]) -> None:
    """A value comes back as it was given, and giving back what is shown changes nothing."""
    limits = words.changed(Limits(), {"pairRate": wanted}, USUAL_LIMITS)

    assert words.shown(limits)["pairRate"] == wanted
    assert words.changed(OFF, words.shown(USUAL_LIMITS), USUAL_LIMITS) == USUAL_LIMITS


def test_the_marketing_cap_ends_with_its_window() -> None:
    """To the microsecond."""
    cap, full = MarketingCap(2, DAY), Marketed("c", (START, START + 1))

    assert after_marketing(full, cap, START + DAY - 1) is None
    assert after_marketing(full, cap, START + DAY) == Marketed("c", (START + 1, START + DAY))


@pytest.mark.parametrize("status", MessageStatus)
def test_who_waits_for_a_phone_expires(status: MessageStatus) -> None:
    """A message not yet delivered, from its instant on; one without such an instant never."""
    message = replace(a_message(status), expires_at=9)

    assert [expired(message, now) for now in (8, 9, 10)] == [False, *[status in {"PENDING", "SENT"}] * 2]
    assert not expired(a_message(status), 10**18)
