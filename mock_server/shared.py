"""A directory for many processes on one PostgreSQL: nothing is known here that the database does not say just now.

A process keeps a `World` for each organization it has met, and looks up each time which world is the organization's and
how it stands. Whoever changes a world sees to its work in the same transaction (`_Foreman`): a job that calls the world
up when the next task is due, wherever a worker is. On a clock that stands nothing is called up; `advance` does it all.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from mock_server.clock import monotonic_now
from mock_server.domain.instant import SECOND
from mock_server.domain.tasks import TaskKind
from mock_server.lasting import LastingDirectory, store_of, world_id
from mock_server.store.protocol import Unavailable
from mock_server.store.sql import jobs
from mock_server.store.sql.database import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.directory import Plan
    from mock_server.domain.instant import Instant
    from mock_server.store.sql.database import Database
    from mock_server.world import Numbers, World

log = logging.getLogger("flowella_mock.shared")

OVERDUE = 10 * SECOND
"""A world that was to be called up so long ago, in real time, is called up again: whoever had the job has died."""

WATCH_SECONDS = 0.1
"""How late those who wait for something hear of what another process did."""

LOOK_SECONDS = 0.02
"""While `advance` waits for what workers have on the wire."""


class SharedDirectory(LastingDirectory):
    """See the top of the file."""

    def __init__(self, database: Database, rng_seed: str) -> None:
        super().__init__(database, rng_seed)
        self._cache = threading.Lock()
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="flowella-mock-watcher", daemon=True)

    def open(self, build: Callable[[World], World], adopted: Callable[[World], None]) -> None:
        self._build, self._adopted = build, adopted
        self._watcher.start()

    def close(self) -> None:
        self._closing.set()
        if self._watcher.is_alive():
            self._watcher.join(1)
        super().close()

    def _watch(self) -> None:
        """For those who wait or listen here: what do others do?"""
        while not self._closing.wait(WATCH_SECONDS):
            try:
                for world in [world for world in tuple(self._worlds.values()) if world.heard]:
                    self._look_after(world)
            except Unavailable as error:
                log.warning("nobody can see what others do: %s", error)

    def _look_after(self, world: World) -> None:
        found = self.registry.find(world.org.id)
        if found is None:
            world.feed.close()
        elif found.world != world_id(world):
            self._current(found).began_again()
            world.tell()
        elif store_of(world).refresh(found):
            world.happened_elsewhere()

    def find(self, org_id: str) -> World | None:
        found = self.registry.find(org_id)
        if found is None:
            self._worlds.pop(org_id, None)
            return None
        return self._current(found)

    def known(self, org_id: str, number: int) -> World | None:
        """The organization's world, if it is the one with this number; whoever takes its lock finds out how it stands."""
        world = self._worlds.get(org_id)
        if world is None or world_id(world) != number:
            world = self.find(org_id)
        return world if world is not None and world_id(world) == number else None

    def whose(self, digest: str) -> World | None:
        found = self.registry.whose(digest)
        return None if found is None else self._current(found)

    def everyone(self) -> list[World]:
        return [self._current(found) for found in self.registry.everyone()]

    def move_in(self, world: World, plan: Plan | None = None) -> None:
        self._employ(world)
        super().move_in(world, plan)

    def issued(self, digest: str, world: World) -> None:
        """It is in the database."""

    def _current(self, found: Any) -> World:
        """The world of this row, as it stands by now."""
        with self._cache:
            world = self._worlds.get(found.id)
            if world is None or world_id(world) != found.world:
                old, world = world, self.wake(found.world)
                self._employ(world)
                if old is not None:
                    old.closed = True
                    old.hung.let_go()
                    world.feed, old.feed = old.feed, world.feed
                self._worlds[found.id] = world
        store_of(world).refresh(found)
        return world

    def _employ(self, world: World) -> None:
        if store_of(world).watch is None:
            store_of(world).watch = _Foreman(world)


class _Foreman:
    """Has a world's work done by others. Told of the world's numbers in its transaction."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = store_of(world)
        self._advancing: Session | None = None
        world.dispatcher.hand_over = self._hand_over
        world.dispatcher.settled_elsewhere = self._wait_for_workers

    def read(self) -> None:
        """A clock that is held by nobody who lives is let go."""
        if self._world.clock.held and self._advancing is None:
            session = self._store.database.session
            if session is not None and not jobs.claimed(session, self._store.world_id):
                self._world.clock.let_go()

    def writing(self, before: Numbers, after: Numbers) -> None:
        """Call the world up in time for what is due next."""
        if before.hand != after.hand:
            self._clock_set(after)
        clock = self._world.clock
        if clock.held or not clock.scale:
            return
        anew = before.hand != after.hand or self._store.called
        due = self._store.queue.next_due() if anew else self._store.queue.earliest_put()
        at = None if due is None else clock.real_instant_of(due)
        if at is not None and self._is_news(at):
            self._call_up(at)
        self._store.called = False

    def _is_news(self, at: Instant) -> bool:
        known = self._store.wake_at
        return known is None or at < known or known < monotonic_now() - OVERDUE

    def _call_up(self, at: Instant) -> None:
        session = self._store.database.session
        if session is not None:
            self._store.wake_at = at
            jobs.defer(session, jobs.WAKE, at, org=self._world.org.id, world=self._store.world_id, at=at)

    def _clock_set(self, after: Numbers) -> None:
        self._store.wake_at = None
        if after.hand.paused is not None and self._advancing is None:
            self._advancing = Session(self._store.database.engine.connect())
            jobs.claim(self._advancing, self._store.world_id)
            self._advancing.connection.commit()
        elif after.hand.paused is None and self._advancing is not None:
            advancing, self._advancing = self._advancing, None
            jobs.unclaim(advancing, self._store.world_id)
            advancing.connection.close()

    def _hand_over(self, delivery_id: str, endpoint: str) -> bool:
        """On a running clock an attempt goes into its endpoint's lane, where any worker takes it."""
        clock, session = self._world.clock, self._store.database.session
        if clock.held or not clock.scale or session is None:
            return False
        slot = self._store.lanes.push(endpoint, delivery_id, self._world.policy.deliveries_in_flight)
        self._store.touched_books = True
        if slot is not None:
            about = {"org": self._world.org.id, "world": self._store.world_id, "endpoint": endpoint, "slot": slot}
            jobs.defer(session, jobs.LANE, monotonic_now(), **about)
        return True

    def _wait_for_workers(self) -> None:
        """Before a running clock is moved by hand: take back what nobody has begun, and wait for the rest."""
        if not self._world.clock.hand.paused:
            return
        with self._world.unit() as unit:
            for delivery_id in self._store.lanes.recall():
                unit.schedule(TaskKind.DELIVERY, delivery_id, unit.now)
        patience = int(self._world.policy.attempt_timeout / LOOK_SECONDS)
        while self._on_the_wire() and patience:
            threading.Event().wait(LOOK_SECONDS)
            patience -= 1

    def _on_the_wire(self) -> int:
        with self._world.lock:
            return self._store.lanes.count()
