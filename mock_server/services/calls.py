"""A contact calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain import wamids
from mock_server.domain.calls import Call
from mock_server.domain.events import EventKind
from mock_server.domain.phones import parse
from mock_server.services import channels, contacts
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from mock_server.world import World


def receive(world: World, *, sender: str, event: str, channel_id: str | None, profile_name: str | None) -> Call:
    """A WhatsApp call. It opens the service window as a message does, and is no part of the conversation."""
    number = parse(sender, "from")
    with world.unit() as unit:
        channel = channels.find(unit, channel_id) if channel_id else channels.default(unit)
        contact = contacts.find_or_create(unit, number, profile_name)
        unit.store.chats.put(replace(contacts.chat(unit, contact.id, channel.id), last_inbound_at=unit.now))
        inner = unit.world.dice.upper_hex(wamids.INBOUND_INNER_LENGTH)
        wamid = wamids.encode(wamids.Wamid(contact.key, False, inner))
        call = Call(
            id=unit.new_id(),
            wacid=wamid.replace("wamid.", "wacid."),
            contact_id=contact.id,
            channel=channel,
            phone=contact.phone,
            event=event,
            profile_name=profile_name,
            created_at=unit.now,
        )
        unit.store.calls.put(call)
        announce(unit, EventKind.CALL, call)
        return call
