"""Units: one transaction each, joined when nested, with the world's lock held until they are over."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mock_server.domain.accounts import Account
from mock_server.domain.tasks import TaskKind
from mock_server.orgs import NewOrg

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_server.orgs import Orgs
    from mock_server.world import Unit, World


def lock_is_free(world: World) -> bool:
    """Could another thread take the lock now?"""
    taken = []

    def take() -> None:
        taken.append(world.lock.acquire(blocking=False))
        if taken[0]:
            world.lock.release()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return taken[0]


def fail_after(world: World, work: Callable[[Unit], None]) -> None:
    """Do this in a unit that fails in the end."""
    with suppress(ZeroDivisionError), world.unit() as unit:
        work(unit)
        raise ZeroDivisionError


def test_the_lock_is_held_in_a_unit_and_no_longer(world: World) -> None:
    """Nobody else gets in while a unit is open, nested or not; afterwards it is free, after a failure too."""
    with world.unit():
        with world.unit():
            assert not lock_is_free(world)
        assert not lock_is_free(world)
    assert lock_is_free(world)
    with pytest.raises(ZeroDivisionError), world.unit(), world.unit():
        raise ZeroDivisionError
    assert lock_is_free(world)


def test_a_unit_in_a_unit_joins_it(world: World) -> None:
    """It is the same one; what it did is undone with the outer one, though it ended well itself."""

    def work(outer: Unit) -> None:
        with world.unit() as inner:
            assert inner is outer
            inner.store.accounts.put(Account(meta_connected=False))
        assert outer.store.accounts.get("account") == Account(meta_connected=False)

    before = world.store.accounts.get("account")
    fail_after(world, work)
    assert world.store.accounts.get("account") == before


def test_units_after_one_another_are_their_own(world: World) -> None:
    """The failure of the second takes nothing of the first."""
    with world.unit() as unit:
        unit.store.accounts.put(Account(meta_connected=False))
    fail_after(world, lambda unit: unit.store.accounts.put(Account()))
    assert world.store.accounts.get("account") == Account(meta_connected=False)


def test_what_is_left_for_afterwards(world: World) -> None:
    """It is done in order, once the lock is free and all is stored, before the pump hears of what waits."""
    seen: list[object] = []
    world.wake = lambda: seen.append("woken")
    with world.unit() as unit:
        unit.schedule(TaskKind.JOURNEY, "first", unit.now)
        unit.store.accounts.put(Account(meta_connected=False))
        with world.unit() as inner:
            inner.afterwards(lambda: seen.append(lock_is_free(world)))
        unit.afterwards(lambda: seen.append(world.store.accounts.get("account")))
        assert seen == []
    assert seen == [True, Account(meta_connected=False), "woken"]


def test_nothing_happens_after_a_rollback(world: World) -> None:
    """Neither what was left for afterwards nor the pump is called, then or later."""
    seen: list[str] = []
    world.wake = lambda: seen.append("woken")

    def leave(unit: Unit) -> None:
        unit.schedule(TaskKind.JOURNEY, "first", unit.now)
        unit.afterwards(lambda: seen.append("afterwards"))

    fail_after(world, leave)
    with world.unit() as unit:
        unit.store.accounts.put(Account(meta_connected=False))
    assert seen == []
    with world.unit() as unit, world.unit() as inner:
        inner.schedule(TaskKind.JOURNEY, "first", unit.now)
        assert seen == []
    assert seen == ["woken"]


def test_only_what_waits_wakes_the_pump(world: World) -> None:
    """Neither reading nor a change that leaves nothing to be done later; a clock that is set does."""
    seen: list[str] = []
    world.wake = lambda: seen.append("woken")
    with world.unit() as unit:
        unit.store.accounts.get("account")
    with world.unit() as unit:
        unit.store.accounts.put(Account(meta_connected=False))
    assert seen == []
    world.clock_moved()
    assert seen == ["woken"]


def test_ids_are_drawn_again_after_a_rollback(world: World) -> None:
    """A world with failures gives the same ids as one without."""
    ids: list[str] = []
    fail_after(world, lambda unit: ids.append(unit.new_id()))
    with world.unit() as unit:
        ids.append(unit.new_id())
    assert ids[0] == ids[1]


def test_time_stands_in_a_unit(orgs: Orgs) -> None:
    """On a running clock too, all that a unit does happens at one instant; its end is the time of the latest change."""
    running = orgs.create(NewOrg(scale=1_000_000.0))[0]
    with running.unit() as unit:
        opened = unit.now
        while running.clock.now() == opened:
            pass
        assert unit.now == opened
        unit.schedule(TaskKind.JOURNEY, "nobody", unit.now)
    assert running.latest_change == opened


def test_reading_is_no_change(world: World) -> None:
    """A unit that writes nothing leaves the time of the latest change alone, and so does a note beside the story."""
    before = (world.latest_change, world.dice.drawn)
    world.clock.set(now=world.clock.now() + 1)
    with world.unit() as unit:
        unit.store.accounts.get("account")
    world.aside(lambda store: store.accounts.put(Account()))
    world.journal_id()
    assert (world.latest_change, world.dice.drawn) == before


def test_a_note_inside_a_unit_does_not_keep_its_changes(world: World) -> None:
    """What is written down beside the story may be written in the middle of it; a rollback still undoes the story."""

    def work(unit: Unit) -> None:
        unit.store.accounts.put(Account(meta_connected=False))
        world.aside(lambda store: store.requests.delete("nothing"))

    before = world.store.accounts.get("account")
    fail_after(world, work)
    assert world.store.accounts.get("account") == before
