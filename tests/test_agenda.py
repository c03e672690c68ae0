"""Doing what is due: in order, at its exact instant, and to the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mock_server.agenda import Agenda
from mock_server.domain.errors import Conflict, Invalid
from mock_server.domain.instant import HOUR, SECOND, parse, seconds
from mock_server.domain.tasks import Task, TaskKind
from mock_server.orgs import NewOrg

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.orgs import Orgs
    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")


class Work:
    """An agenda over a world, whose tasks only note when they ran. `then` is done by each on top of that."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ran: list[tuple[int, str]] = []
        self.then: Callable[[Task], object] = lambda _: None
        self.agenda = Agenda(world, dict.fromkeys(TaskKind, self._run), lambda: None)

    def schedule(self, subject: str, due: int, kind: TaskKind = TaskKind.JOURNEY) -> None:
        """Have it done at this many seconds from the start."""
        with self.world.unit() as unit:
            unit.schedule(kind, subject, START + seconds(due))

    def _run(self, world: World, task: Task) -> None:
        self.ran.append(((world.clock.now() - START) // SECOND, task.subject))
        self.then(task)


@pytest.fixture
def work(world: World) -> Work:
    """Nothing scheduled yet."""
    return Work(world)


def test_tasks_run_in_due_order_at_their_exact_instants(work: Work) -> None:
    """By due time, then as scheduled; each finds the clock at its own due time."""
    for subject, due in zip("abcdefg", [5, 1, 30, 1, 0, 5, 750], strict=True):
        work.schedule(subject, due)
    work.agenda.advance(START + HOUR)
    assert work.ran == [(0, "e"), (1, "b"), (1, "d"), (5, "a"), (5, "f"), (30, "c"), (750, "g")]
    assert work.world.clock.now() == START + HOUR


def test_advancing_stops_where_it_was_told(work: Work) -> None:
    """What is due at the very end is done, what is due later waits, and the clock shows the end."""
    for subject, due in zip("abc", [10, 20, 21], strict=True):
        work.schedule(subject, due)
    assert work.agenda.advance(START + 20 * SECOND) == {TaskKind.JOURNEY: 2}
    assert (work.agenda.pending(), work.agenda.next_due()) == (1, START + 21 * SECOND)
    assert work.world.clock.now() == START + 20 * SECOND
    assert work.agenda.advance(START + 20 * SECOND) == {}


def test_until_idle(work: Work) -> None:
    """It goes from one due time to the next and stays at the last; what ran is counted by kind."""
    for subject, due in zip("abc", [10, 20, 3_000], strict=True):
        work.schedule(subject, due)
    work.schedule("x", 5, TaskKind.DELIVERY)
    assert work.agenda.advance(None) == Counter({TaskKind.JOURNEY: 3, TaskKind.DELIVERY: 1})
    assert work.world.clock.now() == START + 3_000 * SECOND
    assert (work.agenda.pending(), work.agenda.next_due()) == (0, None)
    assert work.agenda.advance(None) == {}


def test_new_work_on_the_way_takes_its_place(work: Work) -> None:
    """A task may schedule others, for the same instant, between those that wait, or behind the end."""
    plans = {"a": [("now", 10), ("between", 15), ("beyond", 31)], "between": [("again", 16)]}

    def then(task: Task) -> None:
        for plan in plans.get(task.subject, []):
            work.schedule(*plan)

    work.then = then
    work.schedule("a", 10)
    work.schedule("b", 20)
    work.agenda.advance(START + 30 * SECOND)
    assert work.ran == [(10, "a"), (10, "now"), (15, "between"), (16, "again"), (20, "b")]
    assert work.agenda.pending() == 1


def test_overdue_work_is_done_now(work: Work) -> None:
    """Due before it was scheduled, it runs at once, and does not turn the clock back."""
    work.schedule("late", -100)
    work.agenda.advance(None)
    assert work.ran == [(0, "late")]


def test_a_failing_task_is_dropped_and_the_rest_goes_on(work: Work, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged with its id and not tried again; nothing that it had done is left, and the others run."""

    def then(task: Task) -> None:
        if task.subject == "bad":
            work.schedule("child", 15)
            raise ZeroDivisionError

    work.then = then
    for subject, due in zip(["a", "bad", "b", "c"], [10, 10, 10, 20], strict=True):
        work.schedule(subject, due)
    work.agenda.advance(None)
    assert work.ran == [(10, "a"), (10, "bad"), (10, "b"), (20, "c")]
    assert work.agenda.pending() == 0
    assert "journey:bad" in caplog.text


def test_time_moves_forward_only(work: Work) -> None:
    """An instant in the past is Invalid, names both times, and moves nothing."""
    work.schedule("a", -5)
    with pytest.raises(Invalid, match=r"2026-11-21T09:59:59\.000Z.*2026-11-21T10:00:00\.000Z"):
        work.agenda.advance(START - SECOND)
    assert (work.ran, work.world.clock.now()) == ([], START)


def test_advancing_inside_an_advance_is_a_conflict(work: Work) -> None:
    """It would wait for itself; the outer one is not disturbed, and the clock is free again afterwards."""
    refused = []

    def then(_: Task) -> None:
        with pytest.raises(Conflict) as refusal:
            work.agenda.advance(None)
        refused.append(refusal.value)

    work.then = then
    work.schedule("a", 1)
    work.schedule("b", 2)
    assert work.agenda.advance(None).total() == 2
    assert len(refused) == 2
    assert work.agenda.advance(None) == {}


def test_endless_work_is_a_conflict(work: Work) -> None:
    """A world that makes new work each time is left alone after so many pieces, and can be advanced again."""

    def then(task: Task) -> None:
        if len(work.ran) < 999:  # so that this test ends in any case
            work.schedule(task.subject, len(work.ran))

    work.world.policy = replace(work.world.policy, work_until_idle=50)
    work.then = then
    work.schedule("a", 0)
    with pytest.raises(Conflict, match="Not idle after 5"):
        work.agenda.advance(None)
    assert len(work.ran) == 51
    assert work.agenda.advance(START + 60 * SECOND).total() == 10


@pytest.mark.parametrize("to", [None, START + SECOND])
def test_endless_work_in_one_instant_is_a_conflict_too(work: Work, to: int | None) -> None:
    """When all the new work is due at once, time never moves on; that ends as well, and as soon."""

    def then(task: Task) -> None:
        if len(work.ran) < 999:  # so that this test ends in any case
            work.schedule(task.subject, 0)

    work.world.policy = replace(work.world.policy, work_until_idle=50)
    work.then = then
    work.schedule("a", 0)
    with pytest.raises(Conflict):
        work.agenda.advance(to)
    assert len(work.ran) < 999


def test_a_running_clock_stands_while_it_is_advanced(orgs: Orgs) -> None:
    """Each task still finds its exact instant; afterwards the clock runs on, and the pump hears when to wake."""
    work = Work(orgs.create(NewOrg(scale=60.0))[0])
    told: list[object] = []
    base = work.world.clock.now()
    with work.world.unit() as unit:
        for offset in (HOUR, 2 * HOUR, 3 * HOUR):
            unit.schedule(TaskKind.JOURNEY, str(offset), base + offset)
    seen = []
    work.then = lambda _: seen.append((work.world.clock.now() - base, work.agenda.real_seconds_until_due()))
    work.world.wake = lambda: told.append(work.agenda.real_seconds_until_due())
    work.agenda.advance(base + 2 * HOUR)
    assert seen == [(HOUR, None), (2 * HOUR, None)]
    assert work.world.clock.scale == 60
    assert told[:-1] == [None] * (len(told) - 1)
    assert told[-1] == pytest.approx(60, abs=30)
