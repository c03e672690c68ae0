"""Work that nobody asked for: what the pump does when its time has come, and what it leaves alone."""

from __future__ import annotations

import gc
from itertools import pairwise
from typing import TYPE_CHECKING
from weakref import ref

import pytest

from mock_server.agenda import SLICE, Pump
from mock_server.domain.deliveries import DeliveryStatus
from mock_server.orgs import NewOrg
from mock_server.services import endpoints

if TYPE_CHECKING:
    from conftest import FakeTransport

    from mock_server.domain.deliveries import Delivery
    from mock_server.orgs import Orgs
    from mock_server.webhooks.transport import Post
    from mock_server.world import World

PATIENCE = 10.0
"""Seconds after which something that should happen at once counts as not happening."""


@pytest.fixture
def running(orgs: Orgs) -> World:
    """An organization on a running clock."""
    return orgs.create(NewOrg(scale=1.0))[0]


def send_test(world: World) -> Delivery:
    """An event that is due at once, to an endpoint of its own."""
    return endpoints.send_test(world, endpoints.add(world, "http://127.0.0.1:9/hook", (), None).id)


def settles(world: World, delivery: Delivery, *, attempts: int = 1, status: str = DeliveryStatus.SUCCEEDED) -> bool:
    """Does it come to this, sooner or later?"""

    def settled() -> bool:
        found = world.store.deliveries.get(delivery.id)
        return found is not None and (len(found.attempts), found.status) == (attempts, status)

    return world.wait_for(settled, PATIENCE)


def test_a_slice_at_a_time(world: World, transport: FakeTransport) -> None:
    """One turn does what is due now, a slice of it at most."""
    for _ in range(SLICE + 5):
        send_test(world)
    world.agenda.run_due()
    assert len(transport.posts) == SLICE
    world.agenda.run_due()
    world.agenda.run_due()
    assert len(transport.posts) == SLICE + 5


def test_what_is_due_later_waits(world: World, transport: FakeTransport) -> None:
    """On a clock that stands a retry does not come, however often one looks."""
    transport.answer = lambda _: 500
    send_test(world)
    world.agenda.run_due()
    world.agenda.run_due()
    assert (len(transport.posts), world.agenda.pending()) == (1, 1)
    assert world.agenda.real_seconds_until_due() is None


def test_the_work_is_left_to_an_advance(world: World, transport: FakeTransport) -> None:
    """While the clock is being advanced nothing is done beside it, and there is nothing to wake up for."""
    depths: list[int] = []
    waits: list[float | None] = []
    depth = 0

    def answer(_: Post) -> int:
        nonlocal depth
        depth += 1
        world.agenda.run_due()
        depths.append(depth)
        waits.append(world.agenda.real_seconds_until_due())
        depth -= 1
        return 200

    transport.answer = answer
    for _ in range(3):
        send_test(world)
    world.agenda.advance(None)
    assert (depths, waits) == ([1, 1, 1], [None, None, None])


def test_a_closed_agenda_does_nothing(orgs: Orgs, running: World, transport: FakeTransport) -> None:
    """Of a world that was reset nothing is posted any more, even if the pump was about to."""
    send_test(running)
    orgs.reset(running.org.id)
    assert running.agenda.real_seconds_until_due() is None
    running.agenda.run_due()
    assert transport.posts == []


def test_what_is_due_is_done(orgs: Orgs, running: World, world: World) -> None:
    """On running clocks and on clocks that stand, what was due before the pump came and what falls due afterwards."""
    before = send_test(running)
    orgs.run(Pump())
    assert settles(running, before)
    assert settles(running, send_test(running))
    assert settles(world, send_test(world))


def test_something_earlier_wakes_it_earlier(orgs: Orgs, running: World, transport: FakeTransport) -> None:
    """While a retry waits its half minute, what is due at once is done at once."""
    orgs.run(Pump())
    transport.answer = lambda _: 500
    assert settles(running, send_test(running), status=DeliveryStatus.PENDING)
    transport.answer = lambda _: 200
    assert settles(running, send_test(running))
    assert running.agenda.pending() == 1


def test_retries_come_by_themselves_on_a_fast_clock(orgs: Orgs, transport: FakeTransport) -> None:
    """At ten thousand times real speed the four attempts take less than a second, each no earlier than it is due."""
    fast = orgs.create(NewOrg(scale=10_000.0))[0]
    orgs.run(Pump())
    transport.answer = lambda _: 500
    delivery = send_test(fast)
    assert settles(fast, delivery, attempts=4, status=DeliveryStatus.FAILED)
    found = fast.store.deliveries.get(delivery.id)
    assert found is not None
    instants = [attempt.at for attempt in found.attempts]
    waits = [later - earlier for earlier, later in pairwise(instants)]
    assert all(wait >= due for wait, due in zip(waits, fast.policy.retries, strict=True))


def test_a_world_that_hardly_moves_stops_nobody(orgs: Orgs, running: World, transport: FakeTransport) -> None:
    """A retry that is due in a million years of real time is waited for like any other, and others go on meanwhile."""
    slow = orgs.create(NewOrg(scale=1e-12))[0]
    orgs.run(Pump())
    transport.answer = lambda _: 500
    assert settles(slow, send_test(slow), status=DeliveryStatus.PENDING)
    transport.answer = lambda _: 200
    assert settles(running, send_test(running))


def test_stopping_ends_the_thread(orgs: Orgs, running: World) -> None:
    """After stop nothing is done any more."""
    pump = Pump()
    orgs.run(pump)
    assert settles(running, send_test(running))
    orgs.stop()
    pump._thread.join(PATIENCE)
    assert not pump._thread.is_alive()


def test_worlds_that_are_gone_are_not_kept(orgs: Orgs, running: World, transport: FakeTransport) -> None:
    """Neither a dropped one nor what a reset one was: not until the retry would be due that nobody wants any more."""
    transport.answer = lambda _: 500
    orgs.run(Pump())
    worlds = [orgs.create(NewOrg(scale=1.0))[0] for _ in range(2)]
    for world in worlds:
        assert settles(world, send_test(world), status=DeliveryStatus.PENDING)
    orgs.drop(worlds[0].org.id)
    orgs.reset(worlds[1].org.id)
    known = [ref(world) for world in worlds]
    del world, worlds
    gc.collect()
    assert [one() for one in known] == [None, None]


def test_what_is_far_off_is_noted_once(running: World, orgs: Orgs, transport: FakeTransport) -> None:
    """However often something earlier wakes it while a retry waits."""
    pump = Pump()
    orgs.run(pump)
    transport.answer = lambda _: 500
    assert settles(running, send_test(running), status=DeliveryStatus.PENDING)
    transport.answer = lambda _: 200
    for _ in range(20):
        assert settles(running, send_test(running))
    assert len(pump._wakes) <= len(orgs.all())
