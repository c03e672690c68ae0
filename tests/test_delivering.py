"""Deliveries from end to end, over a transport that takes notes: schedule, order, deactivation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mock_server.domain.deliveries import DeliveryStatus
from mock_server.domain.endpoints import DisabledReason
from mock_server.domain.instant import HOUR, SECOND, parse
from mock_server.orgs import NewOrg
from mock_server.services import endpoints, messages

if TYPE_CHECKING:
    from conftest import FakeTransport

    from mock_server.domain.deliveries import Delivery
    from mock_server.domain.endpoints import Endpoint
    from mock_server.orgs import Orgs
    from mock_server.webhooks.transport import Post
    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")
S = DeliveryStatus
PATIENCE = 10.0
"""Seconds after which something that should happen at once counts as not happening."""


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    """One endpoint, for all events."""
    return endpoints.add(world, "http://127.0.0.1:9/hook", (), None)


@pytest.fixture
def running(orgs: Orgs) -> World:
    """An organization on a running clock."""
    return orgs.create(NewOrg(scale=1.0))[0]


def current(world: World, delivery: Delivery) -> Delivery:
    """The delivery as it stands."""
    found = world.store.deliveries.get(delivery.id)
    assert found is not None
    return found


def receive(world: World, text: str = "Hi") -> None:
    """A contact writes: the first time that opens a conversation too."""
    messages.receive_text(world, sender="+15551234567", text=text, channel_id=None, profile_name=None)


def test_four_attempts_and_then_it_has_failed(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Answered 500 each time: at 0, 30, 150 and 750 seconds, with the same body and delivery id."""
    transport.answer = lambda _: 500
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(None)
    failed = current(world, delivery)
    assert [(a.at - START) / SECOND for a in failed.attempts] == [0, 30, 150, 750]
    assert [a.number for a in failed.attempts] == [1, 2, 3, 4]
    assert (failed.status, failed.next_attempt_at) == (S.FAILED, None)
    assert len({post.body for post in transport.posts}) == 1
    assert {dict(post.headers)["X-Flowella-Delivery"] for post in transport.posts} == {delivery.id}
    assert world.clock.now() == START + 750 * SECOND


def test_the_tenth_failure_in_a_row_deactivates(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Counted over events: four, four and two attempts; what waits then is abandoned and nothing is posted again."""
    transport.answer = lambda _: 500
    deliveries = [endpoints.send_test(world, endpoint.id)]
    world.agenda.advance(START + 800 * SECOND)
    deliveries += [endpoints.send_test(world, endpoint.id)]
    world.agenda.advance(START + 1_600 * SECOND)
    deliveries += [endpoints.send_test(world, endpoint.id)]
    world.agenda.advance(START + 1_610 * SECOND)
    deliveries += [endpoints.send_test(world, endpoint.id)]
    world.agenda.advance(START + 1_610 * SECOND)
    assert world.agenda.pending() == 0
    done = [current(world, delivery) for delivery in deliveries]
    assert [len(d.attempts) for d in done] == [4, 4, 1, 1]
    assert [d.status for d in done] == [S.FAILED, S.FAILED, S.ABANDONED, S.ABANDONED]
    assert [d.next_attempt_at for d in done] == [None] * 4
    disabled = world.store.endpoints.get(endpoint.id)
    assert disabled is not None
    assert (disabled.active, disabled.failures_in_row) == (False, 10)
    assert (disabled.disabled_at, disabled.disabled_reason) == (START + 1_610 * SECOND, DisabledReason.FAILURES)
    receive(world)
    world.agenda.advance(START + HOUR)
    assert (len(transport.posts), world.agenda.pending()) == (10, 0)


def test_a_success_sets_the_count_back(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Three failures and a success each time never deactivate it."""
    for _ in range(4):
        statuses = iter([500, 302, 404, 299])
        transport.answer = lambda _, left=statuses: next(left)  # type: ignore[misc]
        delivery = endpoints.send_test(world, endpoint.id)
        world.agenda.advance(None)
        assert current(world, delivery).status is S.SUCCEEDED
        assert [a.status for a in current(world, delivery).attempts] == [500, 302, 404, 299]
    assert world.store.endpoints.get(endpoint.id) == endpoint


def test_events_arrive_in_order_on_a_manual_clock(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """One after the other, as they happened; the second is posted when the first is answered."""
    transport.answer = lambda _: None
    for text in "abc":
        receive(world, text)
    thread = threading.Thread(target=world.agenda.advance, args=(START + SECOND,))
    thread.start()
    for number in range(1, 5):
        assert world.wait_for(lambda expected=number: len(transport.hanging) == 1, PATIENCE)  # type: ignore[misc]
        assert len(transport.posts) == number
        assert thread.is_alive()
        transport.release()
    thread.join(PATIENCE)
    kinds = [dict(post.headers)["X-Flowella-Event"] for post in transport.posts]
    assert kinds == ["conversation.opened", "message.received", "message.received", "message.received"]
    assert [text in transport.posts[at].body.decode() for at, text in enumerate(['"a"', '"b"', '"c"'], 1)] == [True] * 3


def test_the_older_endpoint_is_told_first(world: World, transport: FakeTransport) -> None:
    """One event goes to each endpoint that wants it, in the order in which they were added; all get the same id."""
    for name in "abc":
        endpoints.add(world, f"http://127.0.0.1:9/{name}", (), None)
    receive(world)
    world.agenda.advance(world.clock.now())
    assert [post.url[-1] for post in transport.posts] == list("abcabc")
    assert len({post.body for post in transport.posts}) == 2


def test_a_hanging_endpoint_delays_nobody_else(running: World, transport: FakeTransport) -> None:
    """On a running clock one endpoint may have eight posts on the wire; the others get theirs meanwhile."""
    hung = endpoints.add(running, "http://127.0.0.1:9/hung", (), None)
    quick = endpoints.add(running, "http://127.0.0.1:9/quick", (), None)
    transport.answer = lambda post: None if post.url == hung.url else 200
    waiting = [endpoints.send_test(running, hung.id) for _ in range(20)]
    served = [endpoints.send_test(running, quick.id) for _ in range(20)]
    running.agenda.run_due()
    assert [current(running, delivery).status for delivery in served] == [S.SUCCEEDED] * 20
    assert len(transport.hanging) == running.policy.deliveries_in_flight == 8
    assert {current(running, delivery).status for delivery in waiting} == {S.PENDING}
    for left in (8, 4, 0):
        transport.release()
        assert len(transport.hanging) == left
    assert [current(running, delivery).status for delivery in waiting] == [S.SUCCEEDED] * 20


def test_what_is_abandoned_in_the_queue_is_not_posted(running: World, transport: FakeTransport) -> None:
    """Switched off while its deliveries queue, the endpoint gets none of them; those on the wire are still recorded."""
    hung = endpoints.add(running, "http://127.0.0.1:9/hung", (), None)
    transport.answer = lambda _: None
    deliveries = [endpoints.send_test(running, hung.id) for _ in range(12)]
    running.agenda.run_due()
    endpoints.update(running, hung.id, url=None, events=None, active=False)
    transport.release(500)
    assert len(transport.posts) == 8
    assert [len(current(running, delivery).attempts) for delivery in deliveries] == [1] * 8 + [0] * 4
    assert {current(running, delivery).status for delivery in deliveries} == {S.ABANDONED}
    assert running.agenda.pending() == 0


def test_a_broken_transport_does_not_stop_time(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """A receiver in this process that raises costs its own delivery an attempt at most; an advance comes to its end."""

    def answer(_: Post) -> int:
        raise ZeroDivisionError

    transport.answer = answer
    endpoints.send_test(world, endpoint.id)
    thread = threading.Thread(target=world.agenda.advance, args=(START + SECOND,), daemon=True)
    thread.start()
    thread.join(PATIENCE / 5)
    assert not thread.is_alive()
