"""The feed of an organization: numbered entries in a ring, and listeners that are a place in it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from mock_server.domain.accounts import Account
from mock_server.feed import BOOKKEEPING, Feed, Gap
from mock_server.store.kinds import collections
from mock_server.store.protocol import Change
from mock_server.web.control.events import KINDS

if TYPE_CHECKING:
    from mock_server.world import World


def listening(size: int = 5) -> Feed:
    """A feed that somebody listens to."""
    feed = Feed(size)
    feed.begin()
    feed.join(print)
    return feed


def add(feed: Feed, world: World, count: int) -> None:
    """So many changes."""
    for number in range(count):
        feed.add(world, [Change("accounts", str(number), Account())])


def seen(feed: Feed, place: int) -> list[int | tuple[int, int | None]]:
    """What comes after this place: the ids of entries, and gaps with how many are missing."""
    return [(found.id, found.missed) if isinstance(found, Gap) else found.id for found in feed.after(place)]


def test_numbers_grow_and_reading_goes_on(world: World) -> None:
    """From any place on, each entry once, in order."""
    feed = listening()
    add(feed, world, 3)
    assert (seen(feed, 0), seen(feed, 2), seen(feed, 3)) == ([1, 2, 3], [3], [])


def test_who_falls_behind_is_told_how_much_is_missing(world: World) -> None:
    """The ring keeps the newest five; the rest is a gap."""
    feed = listening()
    add(feed, world, 12)
    assert seen(feed, 0) == [(7, 7), 8, 9, 10, 11, 12]
    assert seen(feed, 7) == [8, 9, 10, 11, 12]
    assert seen(feed, 99) == [(12, None)]


def test_falling_behind_in_the_middle_of_reading(world: World) -> None:
    """Entries that go while somebody reads are a gap too, and nothing comes twice."""
    feed = listening()
    add(feed, world, 5)
    reading = feed.after(0)
    assert next(reading).id == 1
    add(feed, world, 7)
    assert [found.id for found in reading] == [7, 8, 9, 10, 11, 12]


def test_nothing_is_taken_down_for_nobody(world: World) -> None:
    """Not before the first has come; and once the last has left, until the ring has turned over."""
    feed = Feed(5)
    assert not feed.recording
    feed.begin()
    feed.join(print)
    add(feed, world, 20)
    feed.leave(print)
    add(feed, world, 4)
    assert feed.recording
    assert seen(feed, 20) == [21, 22, 23, 24]
    add(feed, world, 1)
    assert not feed.recording
    assert seen(feed, 20) == [(25, 5)]
    feed.begin()
    add(feed, world, 1)
    assert seen(feed, 20) == [(25, 5), 26]


def test_one_entry_for_each_record_that_a_transaction_touched(world: World) -> None:
    """As it is at the end, in the order in which they were first touched; nothing after a rollback."""
    place = world.feed.begin()
    with suppress(ZeroDivisionError), world.unit() as unit:
        unit.store.accounts.put(Account())
        raise ZeroDivisionError
    with world.unit() as unit:
        unit.store.accounts.put(Account(meta_connected=False))
        unit.store.api_keys.delete(next(unit.store.api_keys.newest()).id)
        unit.store.accounts.put(Account())
    changes = [entry.change for entry in world.feed.after(place) if not isinstance(entry, Gap)]
    assert [(change.collection, change.record) for change in changes] == [("accounts", Account()), ("api_keys", None)]


def test_listeners_are_woken_once_the_lock_is_free(world: World) -> None:
    """Whoever is woken may look at the world from another thread."""
    free: list[bool] = []

    def wake() -> None:
        thread = threading.Thread(target=lambda: free.append(world.lock.acquire(timeout=1)))
        thread.start()
        thread.join()

    world.feed.begin()
    world.feed.join(wake)
    with world.unit() as unit:
        unit.store.accounts.put(Account(meta_connected=False))
        assert free == []
    assert free == [True]


def test_every_collection_has_a_kind_or_is_bookkeeping() -> None:
    """A new collection is something to listen to, or is said not to be."""
    assert set(collections()) - BOOKKEEPING == KINDS.keys() - {"clock", "org"}
