"""Adding channels, and which of them is the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_server.domain.errors import Conflict, Invalid
from mock_server.services import channels

if TYPE_CHECKING:
    from mock_server.domain.channels import Channel
    from mock_server.world import World


def add(world: World, phone: str | None = None, *, is_default: bool = False) -> Channel:
    """A new channel about which little is said."""
    return channels.create(world, name=None, phone=phone, waba_id=None, is_default=is_default, connected=True)


def defaults(world: World) -> list[str]:
    """The ids of the default channels."""
    return [channel.id for channel in world.store.channels.newest() if channel.is_default]


def test_a_channel_needs_no_number(world: World) -> None:
    """Where none is named it gets one that nobody has, however many there are already."""
    before = world.store.channels.count()
    phones = {add(world).phone for _ in range(12)}
    assert len(phones) == 12
    assert len({channel.phone for channel in world.store.channels.newest()}) == before + 12


def test_a_number_is_one_channels(world: World) -> None:
    """A second one with the same number, however spelled, is refused and names it."""
    add(world, "+15551234567")
    with pytest.raises(Conflict, match=r"\+15551234567"):
        add(world, "1 (555) 123-4567")


def test_there_is_always_one_default(world: World) -> None:
    """A new default takes the place of the old one, another channel does not, and none can step down by itself."""
    (old,) = defaults(world)
    other = add(world, "+15551234567")
    assert defaults(world) == [old]
    new = add(world, "+15551234568", is_default=True)
    assert defaults(world) == [new.id]
    channels.update(world, other.id, name=None, is_default=True, connected=None)
    assert defaults(world) == [other.id]
    with pytest.raises(Invalid):
        channels.update(world, other.id, name=None, is_default=False, connected=None)
    assert defaults(world) == [other.id]
