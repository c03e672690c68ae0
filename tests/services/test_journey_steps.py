"""Messages on their way: each step at its instant, and what happens when somebody moves a message by hand meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_server.domain.errors import Conflict, NotFound
from mock_server.domain.instant import SECOND, parse
from mock_server.domain.messages import MessageStatus
from mock_server.domain.tasks import TaskKind
from mock_server.services import endpoints, messages

if TYPE_CHECKING:
    from mock_server.domain.messages import Message
    from mock_server.world import World

START = parse("2026-11-21T10:00:00Z")
PHONE = "+15551234567"
S = MessageStatus


def send(world: World) -> Message:
    """We answer a contact who has just written."""
    messages.receive_text(world, sender=PHONE, text="Hi", channel_id=None, profile_name=None)
    endpoints.add(world, "http://127.0.0.1:9/hook", (), None)
    return messages.send_text(world, to=PHONE, text="Hello", channel_id=None)


def history(world: World, message: Message) -> list[tuple[str, float]]:
    """Each status reached, and how many seconds after the start."""
    found = world.store.messages.get(message.id)
    assert found is not None
    return [(status.value, (at - START) / SECOND) for status, at in found.history]


def announced(world: World) -> list[str]:
    """The events of messages, oldest first."""
    kinds = [delivery.event.kind.value for delivery in world.store.deliveries.newest()]
    return [kind.removeprefix("message.") for kind in reversed(kinds)]


def test_a_message_goes_its_way_on_time(world: World) -> None:
    """Sent after 0.3 s, delivered after 1.2 s, read after 5 s, to the microsecond, and announced each time."""
    message = send(world)
    assert world.agenda.advance(None)[TaskKind.JOURNEY] == 3
    assert history(world, message) == [("PENDING", 0), ("SENT", 0.3), ("DELIVERED", 1.2), ("READ", 5)]
    assert announced(world) == ["sent", "delivered", "read"]


@pytest.mark.parametrize(
    ("status", "rest"),
    [
        (S.DELIVERED, [("READ", 5)]),  # the journey's own delivery comes too late, its reading does not
        (S.READ, []),
        (S.FAILED, []),
    ],
)
def test_moved_by_hand_on_the_way(
    world: World, status: MessageStatus, rest: list[tuple[str, float]], caplog: pytest.LogCaptureFixture
) -> None:
    """Steps that have become illegal change nothing, announce nothing and are no error; legal ones still come."""
    message = send(world)
    world.agenda.advance(START + SECOND)
    messages.force(world, message.id, status, None)
    world.agenda.advance(None)
    assert history(world, message) == [("PENDING", 0), ("SENT", 0.3), (status.value, 1), *rest]
    assert announced(world) == ["sent", status.value.lower(), *(step.lower() for step, _ in rest)]
    assert not [entry for entry in caplog.records if entry.levelname == "ERROR"]


def test_an_illegal_move_by_hand_is_refused(world: World) -> None:
    """It changes nothing and announces nothing; an unknown message is not found."""
    message = send(world)
    world.agenda.advance(None)
    before = (history(world, message), announced(world))
    with pytest.raises(Conflict, match="READ"):
        messages.force(world, message.id, S.SENT, None)
    with pytest.raises(NotFound, match="nonsense"):
        messages.force(world, "nonsense", S.READ, None)
    world.agenda.advance(None)
    assert (history(world, message), announced(world)) == before


@pytest.mark.parametrize(("code", "expected"), [(None, 131026), (131049, 131049)])
def test_failed_by_hand(world: World, code: int | None, expected: int) -> None:
    """With WhatsApp's code as named, or else as undeliverable."""
    error = messages.force(world, send(world).id, S.FAILED, code).error
    assert error is not None
    assert error.code == expected


def test_outside_the_window_it_fails(world: World) -> None:
    """Free-form text to somebody who never wrote is taken in, and fails with 131047 without having been sent."""
    message = messages.send_text(world, to=PHONE, text="Hello", channel_id=None)
    assert message.status is S.PENDING
    world.agenda.advance(None)
    assert history(world, message) == [("PENDING", 0), ("FAILED", 0.3)]
    found = world.store.messages.get(message.id)
    assert found is not None
    assert found.error is not None
    assert found.error.code == 131047
