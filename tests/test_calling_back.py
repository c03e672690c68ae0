"""Receivers that call back while they are being posted to: no lock is held then, and only the clock is out of reach."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mock_server.domain.deliveries import DeliveryStatus
from mock_server.domain.errors import Conflict
from mock_server.services import endpoints, messages

if TYPE_CHECKING:
    from conftest import FakeTransport

    from mock_server.domain.endpoints import Endpoint
    from mock_server.webhooks.transport import Post
    from mock_server.world import World


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    """One endpoint, for all events."""
    return endpoints.add(world, "http://127.0.0.1:9/hook", (), None)


def receive(world: World) -> None:
    """A contact writes."""
    messages.receive_text(world, sender="+15551234567", text="Hi", channel_id=None, profile_name=None)


def test_nothing_is_posted_while_the_lock_is_held(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Whoever is being posted to can have the world's lock, in another thread, at first attempts and at retries."""
    free = []

    def take() -> None:
        if world.lock.acquire(timeout=2):
            free.append(True)
            world.lock.release()

    def answer(_: Post) -> int:
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
        return 200 if len(transport.posts) > 2 else 500

    transport.answer = answer
    endpoints.send_test(world, endpoint.id)
    receive(world)
    world.agenda.advance(None)
    assert len(free) == len(transport.posts) == 5


def test_a_receiver_may_answer(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """Sending a message from inside the webhook of another works, and it goes its own way."""

    def answer(post: Post) -> int:
        if dict(post.headers)["X-Flowella-Event"] == "message.received":
            messages.send_text(world, to="+15551234567", text="Thanks", channel_id=None)
        return 200

    transport.answer = answer
    receive(world)
    world.agenda.advance(None)
    kinds = [dict(post.headers)["X-Flowella-Event"] for post in transport.posts]
    assert kinds == ["conversation.opened", "message.received", "message.sent", "message.delivered", "message.read"]


def test_a_receiver_may_remove_its_endpoint(world: World, endpoint: Endpoint, transport: FakeTransport) -> None:
    """What it is being posted is still recorded, what waits is abandoned, and nothing breaks."""

    def answer(_: Post) -> int:
        endpoints.remove(world, endpoint.id)
        return 500

    transport.answer = answer
    receive(world)
    world.agenda.advance(None)
    assert len(transport.posts) == 1
    assert [(d.status, len(d.attempts)) for d in world.store.deliveries.newest()] == [
        (DeliveryStatus.ABANDONED, 0),
        (DeliveryStatus.ABANDONED, 1),
    ]


def test_a_receiver_that_advances_the_clock_is_refused(
    world: World, endpoint: Endpoint, transport: FakeTransport
) -> None:
    """It would wait for itself; the advance that posted to it goes on."""
    refused = []

    def answer(_: Post) -> int:
        with pytest.raises(Conflict) as refusal:
            world.agenda.advance(None)
        refused.append(refusal.value)
        return 200

    transport.answer = answer
    delivery = endpoints.send_test(world, endpoint.id)
    world.agenda.advance(None)
    found = world.store.deliveries.get(delivery.id)
    assert found is not None
    assert (found.status, len(refused)) == (DeliveryStatus.SUCCEEDED, 1)
