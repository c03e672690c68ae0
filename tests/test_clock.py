"""Clocks that run, stand, and are moved, over a machine's clock that these tests turn by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.clock import END, Clock, monotonic_now
from mock_server.domain.instant import SECOND


class Machine:
    """The machine's clock. `tick` is how far it moves on each time it is read."""

    def __init__(self, tick: int = 0) -> None:
        self.now = 1_000 * SECOND
        self.tick = tick

    def __call__(self) -> int:
        self.now += self.tick
        return self.now


def test_a_real_clock_shows_the_machines_time() -> None:
    """Unless told where to start, it starts now and keeps pace."""
    machine = Machine()
    clock = Clock(real=machine)
    assert (clock.now(), clock.mode) == (machine.now, "real")
    machine.now += 5 * SECOND
    assert clock.now() == machine.now


def test_a_manual_clock_stands() -> None:
    """Real time passes, this one does not, until it is set."""
    machine = Machine()
    clock = Clock(scale=0, start=7, real=machine)
    machine.now += 1_000 * SECOND
    assert (clock.now(), clock.mode) == (7, "manual")
    clock.set(now=99)
    machine.now += 1_000 * SECOND
    assert clock.now() == 99


@pytest.mark.parametrize(("scale", "expected"), [(60.0, 300), (0.5, 2.5), (1.0, 5)])
def test_a_scaled_clock_runs_at_its_pace(scale: float, expected: float) -> None:
    """N seconds here for each real one, from where it started."""
    machine = Machine()
    clock = Clock(scale=scale, start=7 * SECOND, real=machine)
    machine.now += 5 * SECOND
    assert clock.now() == (7 + expected) * SECOND
    assert clock.mode == ("real" if scale == 1 else "scaled")


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, 60.0, 1e6]), st.integers(0, 10**10)), max_size=10))
def test_changing_the_pace_moves_nothing(paces: list[tuple[float, int]]) -> None:
    """At the moment of the change the clock shows what it showed; from then on it runs at the new pace."""
    machine = Machine()
    clock = Clock(scale=1.0, start=0, real=machine)
    for scale, real in paces:
        shown = clock.now()
        clock.set(scale=scale)
        assert (clock.now(), clock.scale) == (shown, scale)
        machine.now += real
        assert clock.now() == min(shown + int(real * scale), END)


def test_setting_the_present_keeps_the_pace() -> None:
    """It goes on from there as fast as before."""
    machine = Machine()
    clock = Clock(scale=2.0, start=0, real=machine)
    clock.set(now=100 * SECOND)
    machine.now += SECOND
    assert clock.now() == 102 * SECOND


@pytest.mark.parametrize("scale", [0.0, 1.0, 60.0])
def test_a_clock_is_held_still_and_let_go(scale: float) -> None:
    """Inside it stands and can be moved; afterwards it runs at its pace from where it was left."""
    machine = Machine()
    clock = Clock(scale=scale, start=0, real=machine)
    clock.hold()
    machine.now += 50 * SECOND
    assert (clock.now(), clock.scale, clock.held) == (0, 0, True)
    clock.set(now=9 * SECOND)
    assert (clock.now(), clock.held) == (9 * SECOND, True)
    clock.let_go()
    assert not clock.held
    assert (clock.now(), clock.scale) == (9 * SECOND, scale)
    machine.now += SECOND
    assert clock.now() == 9 * SECOND + scale * SECOND


def test_letting_go_of_what_nobody_holds_changes_nothing() -> None:
    """It runs on at its pace."""
    clock = Clock(scale=60.0, start=0, real=Machine())
    clock.let_go()
    assert (clock.scale, clock.held) == (60, False)


def test_setting_takes_no_time() -> None:
    """A change of pace loses none of the machine's time, however slowly it is done: the machine is read once for it."""
    machine = Machine(tick=SECOND)
    clock = Clock(scale=1.0, start=0, real=machine)
    began = machine.now
    for _ in range(10):
        clock.set(scale=1.0)
    assert clock.now() == machine.now - began


@pytest.mark.parametrize(
    ("scale", "ahead", "wait"),
    [(1.0, 5, 5.0), (60.0, 90, 1.5), (0.5, 1, 2.0), (0.0, 5, None), (0.0, 0, 0.0), (1.0, 0, 0.0), (1.0, -5, 0.0)],
)
def test_how_long_to_wait(scale: float, ahead: int, wait: float | None) -> None:
    """In real seconds; nothing for what is past, and for ever on a clock that stands before it."""
    clock = Clock(scale=scale, start=100 * SECOND, real=Machine())
    assert clock.real_seconds_until((100 + ahead) * SECOND) == wait


def test_time_has_an_end() -> None:
    """A fast clock stops where ids would lose their order, and stays there when its pace is changed."""
    machine = Machine()
    clock = Clock(scale=1e6, start=END - SECOND, real=machine)
    machine.now += 10 * SECOND
    assert clock.now() == END
    clock.set(scale=1.0)
    machine.now += 10 * SECOND
    assert clock.now() == END


def test_the_machines_time_never_goes_back() -> None:
    """Reading after reading, it is the same or later."""
    readings = [monotonic_now() for _ in range(1_000)]
    assert readings == sorted(readings)
