"""All or nothing: whichever write of a service fails, the world is as if nobody had asked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.domain.conversations import ConversationStatus
from mock_server.domain.deliveries import Attempt, DeliveryStatus
from mock_server.domain.instant import SECOND
from mock_server.domain.journeys import DELIVERED_AND_READ
from mock_server.domain.messages import Direction, MessageStatus
from mock_server.domain.rate_limits import RateLimit
from mock_server.domain.tasks import Task, TaskKind
from mock_server.domain.templates import TemplateStatus
from mock_server.services import (
    accounts,
    api_keys,
    channels,
    contacts,
    conversations,
    deliveries,
    endpoints,
    messages,
    optouts,
    templates,
)
from mock_server.store.memory import MemoryCollection, MemoryStore, MemoryTasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeTransport

    from mock_server.store.protocol import Collection, R
    from mock_server.world import World

HOOK = "http://127.0.0.1:9/hook"
KNOWN, OPTED_OUT, STRANGER = "+15551234567", "+15551234568", "+15551234569"


class Sabotage(Exception):
    """The write that was to fail."""


@pytest.fixture
def lived_in(world: World, transport: FakeTransport) -> World:
    """Somebody wrote and was answered, somebody opted out, one webhook was delivered and others wait for their retry."""
    endpoints.add(world, HOOK, (), None)
    messages.receive_text(world, sender=KNOWN, text="Hi", channel_id=None, profile_name="Ada")
    world.agenda.advance(world.clock.now() + SECOND)
    transport.answer = lambda _: 503
    optouts.set_by_api(world, phone=OPTED_OUT, channel_id=newest(world.store.channels).id, reason=None)
    messages.receive_text(world, sender=OPTED_OUT, text="STOP", channel_id=None, profile_name=None)
    messages.send_text(world, to=KNOWN, text="Hello", channel_id=None)
    world.agenda.advance(world.clock.now() + SECOND)
    return world


def newest(collection: Collection[R]) -> R:
    """The record that was made last."""
    return next(collection.newest())


def waiting(world: World) -> str:
    """The id of a delivery that waits for its retry."""
    return next(d.id for d in world.store.deliveries.newest() if d.status is DeliveryStatus.PENDING)


def outbound(world: World) -> str:
    """The id of a message that was sent."""
    return next(m.id for m in world.store.messages.newest() if m.direction is Direction.OUTBOUND)


def attempt(world: World, status: int) -> Attempt:
    """An attempt answered just now."""
    return Attempt(2, world.clock.now(), status, None, 0.1, (), b"{}", b"")


SERVICES: dict[str, Callable[[World], object]] = {
    "send to a stranger": lambda w: messages.send_text(w, to=STRANGER, text="x", channel_id=None),
    "send to somebody known": lambda w: messages.send_text(w, to=KNOWN, text="x", channel_id=None),
    "receive from a stranger": lambda w: messages.receive_text(
        w, sender=STRANGER, text="x", channel_id=None, profile_name="Grace"
    ),
    "receive STOP": lambda w: messages.receive_text(w, sender=KNOWN, text="stop", channel_id=None, profile_name=None),
    "receive START": lambda w: messages.receive_text(
        w, sender=OPTED_OUT, text="start", channel_id=None, profile_name=None
    ),
    "force": lambda w: messages.force(w, outbound(w), MessageStatus.READ, None),
    "step of a journey": lambda w: messages.take_step(
        w, Task(w.clock.now(), TaskKind.JOURNEY, outbound(w), DELIVERED_AND_READ[1:])
    ),
    "new contact": lambda w: contacts.upsert(w, STRANGER, {"name": "Grace"}),
    "edited contact": lambda w: contacts.upsert(w, KNOWN, {"name": "Grace"}),
    "opt out": lambda w: optouts.set_by_api(w, phone=STRANGER, channel_id=newest(w.store.channels).id, reason=None),
    "opt in": lambda w: optouts.clear_by_api(w, phone=OPTED_OUT, channel_id=newest(w.store.channels).id),
    "close": lambda w: conversations.set_status(w, newest(w.store.conversations).id, ConversationStatus.CLOSED),
    "new template": lambda w: templates.create(
        w,
        {
            "name": "brand_new",
            "language": "en_US",
            "category": "UTILITY",
            "status": "PENDING",
            "components": [],
            "waba_id": None,
        },
    ),
    "review": lambda w: templates.set_status(w, newest(w.store.templates).id, TemplateStatus.REJECTED, "SCAM"),
    "new default channel": lambda w: channels.create(
        w, name=None, phone=STRANGER, waba_id=None, is_default=True, connected=True
    ),
    "new endpoint": lambda w: endpoints.add(w, "http://127.0.0.1:9/new", (), None),
    "endpoint off": lambda w: endpoints.update(w, newest(w.store.endpoints).id, url=None, events=None, active=False),
    "endpoint removed": lambda w: endpoints.remove(w, newest(w.store.endpoints).id),
    "new secret": lambda w: endpoints.rotate_secret(w, newest(w.store.endpoints).id),
    "test event": lambda w: endpoints.send_test(w, newest(w.store.endpoints).id),
    "redelivery": lambda w: deliveries.redeliver(w, newest(w.store.deliveries).id),
    "success": lambda w: deliveries.record(w, waiting(w), HOOK, attempt(w, 200)),
    "failure": lambda w: deliveries.record(w, waiting(w), HOOK, attempt(w, 500)),
    "new key": lambda w: api_keys.add(w, "CI", "flo_" + "z" * 24),
    "revoked key": lambda w: api_keys.drop(w, newest(w.store.api_keys).id),
    "account": lambda w: accounts.update(w, {"meta_connected": False, "rate_limit": RateLimit(1, 1)}),
}


def everything(world: World) -> dict[str, Any]:
    """All that a world consists of, its indexes and its place in the random stream included."""
    store = world.store
    assert isinstance(store, MemoryStore)
    assert isinstance(store.tasks, MemoryTasks)
    collections = {name: found for name, found in vars(store).items() if isinstance(found, MemoryCollection)}
    return {
        **{name: (dict(found._rows), list(found._order)) for name, found in collections.items()},
        "unique": {(n, i): dict(by) for n, found in collections.items() for i, by in found._unique.items()},
        "listed": {
            (name, index, value): list(ids)
            for name, found in collections.items()
            for index, by_value in found._listed.items()
            for value, ids in by_value.items()
        },
        "tasks": (dict(store.tasks._waiting), store.tasks.next_due()),
        "world": [getattr(world, name) for name in ("latest_change", "rate_limit", "rate_full_at", "current_unit")],
        "now": (world.clock.now(), world.dice.drawn),
    }


def fail_at_write(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, the write with this number, counted over all collections and the task queue, fails."""
    writes = 0

    def sabotaged(original: Callable[..., None]) -> Callable[..., None]:
        def write(*args: object) -> None:
            nonlocal writes
            writes += 1
            if writes == number:
                raise Sabotage
            original(*args)

        return write

    for owner, name in [(o, n) for o in (MemoryCollection, MemoryTasks) for n in ("put", "delete")]:
        monkeypatch.setattr(owner, name, sabotaged(getattr(owner, name)))


@pytest.mark.parametrize("name", SERVICES)
def test_a_failure_leaves_nothing(
    name: str, lived_in: World, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first write, the second, and so on: whichever fails, all is as before; when none does, something changes."""
    before = everything(lived_in)
    posts = len(transport.posts)
    failures = 0
    while True:
        with monkeypatch.context() as patch:
            fail_at_write(failures + 1, patch)
            try:
                SERVICES[name](lived_in)
            except Sabotage:
                failures += 1
                assert everything(lived_in) == before
                continue
        break
    assert failures > 0
    assert everything(lived_in) != before
    assert len(transport.posts) == posts


@pytest.mark.parametrize("name", SERVICES)
def test_a_failure_around_it_leaves_nothing(name: str, lived_in: World) -> None:
    """Called inside a unit that fails afterwards, a service that went well is undone with it."""
    before = everything(lived_in)
    with suppress(Sabotage), lived_in.unit():
        SERVICES[name](lived_in)
        raise Sabotage
    assert everything(lived_in) == before
