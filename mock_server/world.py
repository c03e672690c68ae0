"""One organization's world: everything that belongs to it and to nobody else. There are no globals.

A `Unit` is one transaction in a world. Services open one with `with world.unit() as unit:`; opened inside another it
joins that one, so services can call each other and still change all or nothing.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from mock_server.clock import Clock, Hand  # noqa: TC001 (the codec reads the hints of Numbers)
from mock_server.domain.events import Platform
from mock_server.domain.tasks import Task, TaskKind
from mock_server.feed import Feed
from mock_server.hanging import Holds
from mock_server.ids import Dice
from mock_server.store.protocol import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from mock_server.agenda import Agenda
    from mock_server.domain.endpoints import Endpoint
    from mock_server.domain.events import EventKind
    from mock_server.domain.instant import Instant
    from mock_server.domain.policy import Policy
    from mock_server.domain.rate_limits import RateLimit
    from mock_server.store.protocol import Store
    from mock_server.webhooks.dispatcher import Dispatcher


@dataclass(frozen=True, slots=True)
class Org:
    """Who this is. `seed` names what the world starts from, `rng_seed` where its dice start."""

    id: str
    name: str
    seed: str
    rng_seed: str
    created_at: Instant

    @property
    def slug(self) -> str:
        """The name as part of a URL."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What of a world changes and is no record: time, chance, the rate limit. They are kept with the records, as one."""

    hand: Hand
    story: int
    journal: int
    rate_limit: RateLimit | None
    rate_full_at: Instant
    began_at: Instant
    latest_change: Instant


class World:
    """The collaborators of one organization. `wake` is called when something new waits or the clock was set, outside the
    lock, and `sent` after each outbound message that was taken in.
    """

    def __init__(self, org: Org, clock: Clock, dice: Dice, policy: Policy, store: Store) -> None:
        self.org = org
        self.clock = clock
        self.dice = dice
        self.policy = policy
        self.store = store
        self.rate_limit = policy.rate_limit
        self.rate_full_at: Instant = 0
        self.journal_dice = Dice(f"{dice.seed}/journal")
        self.lock = store.lock
        self.wake: Callable[[], None] = _nothing
        self.sent: Callable[[], None] = _nothing
        self.agenda: Agenda
        self.dispatcher: Dispatcher
        self.told: Mapping[str, Mapping[EventKind, str]] = {}
        """Which events each vendor's webhooks tell of, and what it calls them."""
        self.began_at = clock.now()
        self.closed = False
        """Gone or reset: nothing of it runs any more."""
        self.feed = Feed()
        self.hung = Holds()
        self._news = threading.Condition()
        self._waiting = 0
        self.current_unit: Unit | None = None
        self.latest_change: Instant = 0
        """When something last happened here; the clock cannot be set to before it."""
        store.beside(Numbers, self._numbers, self._renumber)

    def _numbers(self) -> Numbers:
        return Numbers(
            hand=self.clock.hand,
            story=self.dice.drawn,
            journal=self.journal_dice.drawn,
            rate_limit=self.rate_limit,
            rate_full_at=self.rate_full_at,
            began_at=self.began_at,
            latest_change=self.latest_change,
        )

    def _renumber(self, numbers: Numbers) -> None:
        self.clock.hand = numbers.hand
        self.dice.drawn, self.journal_dice.drawn = numbers.story, numbers.journal
        self.rate_limit, self.rate_full_at = numbers.rate_limit, numbers.rate_full_at
        self.began_at, self.latest_change = numbers.began_at, numbers.latest_change

    def unit(self) -> Unit | _Joined:
        """A transaction for this thread: a new one, or the one it is already in."""
        self.lock.acquire()
        if self.current_unit is not None:
            return _Joined(self.current_unit)
        self.current_unit = Unit(self)
        return self.current_unit

    def event_name(self, endpoint: Endpoint, kind: EventKind) -> str:
        """What the endpoint's vendor calls this; what happens on the web is named so."""
        name = self.told[endpoint.vendor][kind]
        return name if endpoint.platform is Platform.WHATSAPP else f"{endpoint.platform}.{name}"

    def journal_id(self) -> str:
        """An id for a line in a log: from a stream of its own, so that reading never moves the story's dice."""
        with self.lock:
            return self.journal_dice.record_id(self.clock.now())

    def clear_journal(self) -> None:
        """Forget the API calls so far."""
        self.aside(_clear_journal)

    def aside(self, note: Callable[[Store], None]) -> None:
        """Write something down that is not part of the story: a journal entry, when a key was last used."""
        with self.lock:
            if self.current_unit is not None:  # it shares the fate of what is going on
                note(self.store)
                return
            self.store.begin()
            note(self.store)
            self.keep()
        self.tell()

    def keep(self) -> bool:
        """Commit what was done, for whoever listens too. Was anything? The lock is held."""
        if self.feed.recording:
            self.feed.add(self, self.store.changes())
        return self.store.commit()

    def clock_moved(self) -> None:
        """Somebody set the clock."""
        self._say("clock", self.agenda.reading())
        self.wake()

    def began_again(self) -> None:
        """This world has taken the place of another."""
        self._say("org", self.org)

    def _say(self, what: str, record: Any) -> None:
        """For whoever listens: something happened that is no change of a record."""
        if self.feed.recording:
            with self.lock:
                self.feed.add(self, [Change(what, self.org.id, record)])
        self.tell()

    def tell(self) -> None:
        """Something is new; whoever waits for that looks again."""
        if self._waiting:  # whoever begins to wait after this looks first, and sees what is new
            with self._news:
                self._news.notify_all()
        if self.feed.recording:
            self.feed.wake()

    @property
    def heard(self) -> bool:
        """Does anybody wait for news, or listen?"""
        return self._waiting > 0 or self.feed.recording

    def happened_elsewhere(self) -> None:
        """Another process changed something: whoever waits looks again, whoever listens has missed it."""
        if self.feed.recording:
            with self.lock:
                self.feed.miss()
        self.tell()

    def wait_for(self, happened: Callable[[], bool], timeout: float) -> bool:
        """Wait until this is so, looking whenever something is new. False after `timeout` real seconds."""
        with self._news:
            self._waiting += 1
            try:
                return self._news.wait_for(happened, timeout)
            finally:
                self._waiting -= 1


class Unit:
    """One transaction. `now` stands still in it, and never lies before what happened already: machines' clocks differ."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.now = max(world.clock.now(), world.latest_change)
        self._drawn = world.dice.drawn
        self._afterwards: list[Callable[[], None]] = []
        self._scheduled = False
        self.store.begin()

    def new_id(self) -> str:
        """An id nobody has had."""
        return self.world.dice.record_id(self.now)

    def schedule(self, kind: TaskKind, subject: str, due: Instant, detail: Any = None) -> None:
        """Have it done when it falls due on this world's clock."""
        self.store.tasks.put(Task(due, kind, subject, detail))
        self._scheduled = True

    def unschedule(self, kind: TaskKind, subject: str) -> None:
        """Have it done no more, if it was to be done."""
        self.store.tasks.delete(Task(self.now, kind, subject).id)

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do this once the transaction is committed and the lock released; never if it is rolled back."""
        self._afterwards.append(action)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        changed = False
        if kind is None:
            changed = self.world.keep()
            if changed:
                self.world.latest_change = max(self.world.latest_change, self.now)
        else:
            self.store.rollback()
            self.world.dice.drawn = self._drawn
        self.world.current_unit = None
        self.world.lock.release()
        if kind is None:
            for action in self._afterwards:
                action()
        if changed:  # else there is nothing new to look at
            if self._scheduled:
                self.world.wake()
            self.world.tell()


class _Joined:
    """A unit inside a unit: the outer one decides."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def __enter__(self) -> Unit:
        return self._unit

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unit.world.lock.release()


def _clear_journal(store: Store) -> None:
    for entry in list(store.requests.newest()):
        store.requests.delete(entry.id)


def _nothing() -> None:
    """Nobody listens yet."""
