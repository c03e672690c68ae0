"""Doing what is due. One agenda per world, on that world's clock; one pump per server, on real time.

Everything that waits is a task in the world's store. A task is taken and done in one transaction. Two things can make an
agenda work: the pump, which wakes when the next task is due in real time, and `advance`, which moves the clock by hand
from one due time to the next and at each waits until the deliveries of that instant are settled, so that what happens
is in order and complete when it returns.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from sortedcontainers import SortedList

from mock_server.clock import END, Reading, monotonic_now
from mock_server.domain.errors import Conflict, Invalid
from mock_server.domain.instant import SECOND, Instant, iso, seconds
from mock_server.store.protocol import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_server.domain.tasks import Task, TaskKind
    from mock_server.world import World

    Runner = Callable[[World, Task], None]
    _Wake = tuple[Instant, int, "ref[Agenda]"]

log = logging.getLogger("flowella_mock.agenda")

SLICE = 200
"""Tasks that one world may do before the pump looks at the next world."""

LONGEST_SLEEP = 3_600
"""Real seconds after which the pump looks again at a world where nothing is due for ages."""


RETRY_SECONDS = 1
"""After the store has failed."""


class Agenda:
    """What waits in one world. `settled` returns when no webhook is on the wire."""

    def __init__(self, world: World, runners: Mapping[TaskKind, Runner], settled: Callable[[], None]) -> None:
        self._world = world
        self._runners = runners
        self._settled = settled
        self._turn = threading.Lock()

    @property
    def advancing(self) -> bool:
        """Is somebody moving the clock by hand right now?"""
        return self._world.clock.held

    def require_rest(self) -> None:
        """Raises Conflict while somebody is moving the clock by hand."""
        if self.advancing:
            raise _busy()

    def pending(self) -> int:
        """How many tasks wait."""
        with self._world.lock:
            return self._world.store.tasks.count()

    def next_due(self) -> Instant | None:
        """When the next one is due."""
        with self._world.lock:
            return self._world.store.tasks.next_due()

    def reading(self) -> Reading:
        """The clock, and what waits for it."""
        clock = self._world.clock
        with self._world.lock:
            return Reading(clock.mode, clock.now(), clock.scale, self.pending(), self.next_due())

    def real_seconds_until_due(self) -> float | None:
        """How long the pump may sleep; None when time stands still before it, nothing waits, or `advance` is at it."""
        if self._world.closed or self.advancing:
            return None
        due = self.next_due()
        return None if due is None else self._world.clock.real_seconds_until(due)

    def run_due(self, most: int = SLICE) -> None:
        """A slice of what is due now, for the pump. Does nothing while `advance` has the turn: it does the work."""
        if self._world.closed or self.advancing or not self._turn.acquire(blocking=False):
            return
        try:
            for _ in range(most):
                if self._run_next() is None:
                    return
        finally:
            self._turn.release()

    def advance(self, to: Instant | None) -> Counter[str]:
        """Move the clock to `to`, or until nothing waits (None), doing all that falls due on the way, in order.

        Returns how many tasks of each kind were done. Raises Invalid for an instant in the past, Conflict when another
        advance is under way (a webhook receiver that advances the clock would wait for itself) or idleness never comes.
        """
        if to is not None and to < self._world.clock.now():
            raise Invalid("to", f"{iso(to)} is before the present, {iso(self._world.clock.now())}; time moves forward")
        with self._world.lock:
            self.require_rest()
            self._world.clock.hold()
        try:
            with self._turn:
                return self._run_until(to)
        finally:
            with self._world.lock:
                self._world.clock.let_go()
            self._world.clock_moved()

    def _run_until(self, to: Instant | None) -> Counter[str]:
        ran: Counter[str] = Counter()
        self._settled()
        last = END if to is None else to
        while (due := self.next_due()) is not None and due <= last and not self._world.closed:
            self._move(due)
            self._run_instant(ran, endless=to is None)
            self._settled()
        if to is not None:
            self._move(to)
        return ran

    def _move(self, to: Instant) -> None:
        with self._world.lock:
            self._world.clock.set(now=max(to, self._world.clock.now()))

    def _run_instant(self, ran: Counter[str], *, endless: bool) -> None:
        """All that is due now. Gives up on work that makes new work, due at once or, where no end is set, ever."""
        limit = self._world.policy.work_until_idle
        here = 0
        while (kind := self._run_next()) is not None:
            ran[kind] += 1
            here += 1
            if (ran.total() if endless else here) > limit:
                raise Conflict(f"Not idle after {limit:,} pieces of work; something makes new work each time")

    def _run_next(self) -> TaskKind | None:
        """Take and do the first due task; its kind, or None when nothing is due."""
        task: Task | None = None
        try:
            with self._world.unit() as unit:
                task = unit.store.tasks.pop_due(unit.now)
                if task is not None:
                    self._runners[task.kind](self._world, task)
        except Unavailable:
            raise  # nothing of it is kept: it still waits
        except Exception:
            if task is None:
                raise
            log.exception("task %s failed and is dropped", task.id, extra={"org": self._world.org.id})
            with self._world.unit() as unit:
                unit.store.tasks.delete(task.id)
        return task.kind if task else None


def _busy() -> Conflict:
    return Conflict("This clock is being advanced by another call; wait for its answer")


class Pump:
    """Wakes agendas when their next task is due in real time. One thread, however many worlds.

    It keeps none of them, so a world that is gone is not kept in memory until its next retry would have been due; and it
    notes one time for each, so that what is far off is not noted anew at every wake before it.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wakes: SortedList = SortedList()  # of _Wake
        self._next: WeakKeyDictionary[Agenda, _Wake] = WeakKeyDictionary()
        self._turns = count()
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name="flowella-mock-pump", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the task at hand."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout=1)

    def trouble(self) -> str | None:
        """Why nothing that falls due is done, or None."""
        well = self._thread.is_alive() and not self._stopping
        return None if well else "the pump does not run: nothing that waits is done"

    def notify(self, agenda: Agenda) -> None:
        """Something changed in this world; look whether it wants waking earlier."""
        delay = agenda.real_seconds_until_due()
        if delay is not None:
            self._wake(agenda, min(delay, LONGEST_SLEEP))

    def _wake(self, agenda: Agenda, delay: float) -> None:
        at = monotonic_now() + seconds(delay)
        with self._condition:
            noted = self._next.get(agenda)
            if noted is not None:
                if noted[0] <= at:
                    return
                self._wakes.remove(noted)
            self._next[agenda] = wake = (at, next(self._turns), ref(agenda))
            self._wakes.add(wake)
            self._condition.notify()

    def _loop(self) -> None:
        while self._serve_one():
            pass

    def _serve_one(self) -> bool:
        agenda = self._wait_for_one()
        if agenda is None:
            return False
        try:
            agenda.run_due()
            self.notify(agenda)
        except Unavailable:
            log.exception("the store does not work; trying again in %d s", RETRY_SECONDS)
            self._wake(agenda, RETRY_SECONDS)
        return True

    def _wait_for_one(self) -> Agenda | None:
        with self._condition:
            while not self._stopping:
                ahead = self._wakes[0][0] - monotonic_now() if self._wakes else None
                if ahead is not None and ahead <= 0:
                    agenda: Agenda | None = self._wakes.pop(0)[2]()
                    if agenda is not None:
                        del self._next[agenda]
                        return agenda
                    continue
                self._condition.wait(None if ahead is None else ahead / SECOND)
        return None
