"""Channels: which sender a call means, and the Settings screen behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.channels import Channel
from mock_server.domain.errors import Conflict, Invalid, MetaNotConnected, NotFound
from mock_server.domain.phones import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.world import Unit, World


def find(unit: Unit, channel_id: str) -> Channel:
    """The channel with this id. Raises NotFound."""
    channel = unit.store.channels.get(channel_id)
    if channel is None:
        known = ", ".join(c.id for c in unit.store.channels.newest()) or "none"
        raise NotFound("channel", channel_id, f"its channels are: {known}")
    return channel


def sender(unit: Unit, channel_id: str | None) -> Channel:
    """The named channel, or the organization's default one, able to send. Raises NotFound, MetaNotConnected."""
    channel = find(unit, channel_id) if channel_id else default(unit)
    if not channel.connected:
        raise MetaNotConnected(f"Channel {channel.id} ({channel.phone})")
    return channel


def default(unit: Unit) -> Channel:
    """The channel that stands in where none is named. Raises NotFound when there is none."""
    for channel in unit.store.channels.newest():
        if channel.is_default:
            return channel
    raise NotFound("channel", "default", "add one in Settings")


def create(
    world: World, *, name: str | None, phone: str | None, waba_id: str | None, is_default: bool, connected: bool
) -> Channel:
    """A new WhatsApp sender. The first one is the default whatever was asked; a new default takes the old one's place."""
    with world.unit() as unit:
        count = unit.store.channels.count()
        taken = {c.phone for c in unit.store.channels.newest()}
        number = parse(phone).e164 if phone else next(n for n in _made_up_numbers() if n not in taken)
        if number in taken:
            raise Conflict(f"phone: {number} is another channel's number already")
        channel = Channel(
            id=unit.new_id(),
            name=name or f"Channel {count + 1}",
            phone=number,
            phone_number_id=world.dice.digits(15),
            waba_id=waba_id or world.dice.digits(15),
            is_default=is_default or count == 0,
            connected=connected,
            created_at=unit.now,
        )
        return _put(unit, channel)


def update(
    world: World, channel_id: str, *, name: str | None, is_default: bool | None, connected: bool | None
) -> Channel:
    """Rename it, make it the default, or lose and regain its connection to Meta."""
    with world.unit() as unit:
        channel = find(unit, channel_id)
        if is_default is False:
            raise Invalid("isDefault", "make another channel the default instead; there is always one")
        changed = replace(
            channel,
            name=channel.name if name is None else name,
            is_default=channel.is_default or bool(is_default),
            connected=channel.connected if connected is None else connected,
        )
        return _put(unit, changed)


def _made_up_numbers() -> Iterator[str]:
    """Numbers that are nobody's, for channels that do not care."""
    return (f"+1555010{number:04d}" for number in range(1, 10_000))


def _put(unit: Unit, channel: Channel) -> Channel:
    """Store it; there is one default."""
    if channel.is_default:
        for other in list(unit.store.channels.newest()):
            if other.is_default and other.id != channel.id:
                unit.store.channels.put(replace(other, is_default=False))
    unit.store.channels.put(channel)
    return channel
