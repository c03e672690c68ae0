"""Opting out and in, per channel (D11, D17)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.domain.contacts import Contact, set_opt_out
from mock_server.domain.events import EventKind, OptOutMade
from mock_server.domain.optouts import OptOut, OptOutSource
from mock_server.domain.phones import parse
from mock_server.services import channels, contacts
from mock_server.services.outbox import announce

if TYPE_CHECKING:
    from mock_server.domain.chats import Chat
    from mock_server.world import Unit, World


def set_by_api(world: World, *, phone: str, channel_id: str, reason: str | None) -> OptOut:
    """Opt a number out on a channel; an unknown number becomes a contact. Raises Invalid, NotFound."""
    number = parse(phone)
    with world.unit() as unit:
        channel = channels.find(unit, channel_id)
        contact = contacts.find_or_create(unit, number)
        return opt_out(world, contact, channel.id, reason=reason, source=OptOutSource.API)


def clear_by_api(world: World, *, phone: str, channel_id: str) -> OptOut | None:
    """Opt a number in again. The record as it now stands; None when there never was one."""
    number = parse(phone)
    with world.unit() as unit:
        channel = channels.find(unit, channel_id)
        contact = contacts.find(unit, number)
        return opt_in(world, contact, channel.id) if contact else None


def opt_out(world: World, contact: Contact, channel_id: str, *, reason: str | None, source: OptOutSource) -> OptOut:
    """Twice keeps one record and announces once."""
    with world.unit() as unit:
        chat = contacts.chat(unit, contact.id, channel_id)
        record = _record(unit, chat)
        if record is not None and record.active:
            return record
        record = OptOut(unit.new_id(), contact.id, channel_id, reason, source, unit.now)
        contact = set_opt_out(contact, channel_id, active=True, at=unit.now)
        unit.store.opt_outs.put(record)
        unit.store.chats.put(replace(chat, opt_out_id=record.id))
        unit.store.contacts.put(contact)
        announce(unit, EventKind.OPTOUT_CREATED, OptOutMade(record, contact))
        return record


def opt_in(world: World, contact: Contact, channel_id: str) -> OptOut | None:
    """Revoke the active opt-out, if there is one. Announces nothing: the vendor has no event for it."""
    with world.unit() as unit:
        record = _record(unit, contacts.chat(unit, contact.id, channel_id))
        if record is None or not record.active:
            return record
        revoked = replace(record, revoked_at=unit.now)
        unit.store.opt_outs.put(revoked)
        unit.store.contacts.put(set_opt_out(contact, channel_id, active=False, at=unit.now))
        return revoked


def _record(unit: Unit, chat: Chat) -> OptOut | None:
    return unit.store.opt_outs.get(chat.opt_out_id) if chat.opt_out_id else None
