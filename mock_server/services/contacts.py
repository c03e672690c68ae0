"""Contacts and the chats that hang on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_server.domain.chats import Chat, chat_id
from mock_server.domain.contacts import Contact, edit
from mock_server.domain.errors import AlreadyThere, NotFound, Unreachable
from mock_server.domain.magic import NOT_ON_WHATSAPP
from mock_server.domain.phones import Phone, parse

if TYPE_CHECKING:
    from mock_server.world import Unit, World


def upsert(world: World, phone: str, changes: dict[str, Any]) -> Contact:
    """Create or update by number (D10). `changes` holds the supplied ones of name, email, wa_id; None clears."""
    number = parse(phone)
    with world.unit() as unit:
        contact = find(unit, number)
        if contact is None:
            fresh = _new(unit, number)
            contact = edit(fresh, changes, unit.now)
        else:
            contact = edit(contact, changes, unit.now)
        unit.store.contacts.put(contact)
        return contact


def find(unit: Unit, number: Phone) -> Contact | None:
    """Whoever has this number, in whichever spelling."""
    return unit.store.contacts.one("key", number.wa_id)


def find_or_create(unit: Unit, number: Phone, name: str | None = None, source: str | None = None) -> Contact:
    """Sending to an unknown number makes it a contact, as does a message from one."""
    contact = find(unit, number)
    if contact is None:
        contact = _new(unit, number, name)
        contact = replace(contact, source=source) if source else contact
        unit.store.contacts.put(contact)
    return contact


def known(unit: Unit, number: Phone) -> Contact:
    """Whoever has this number. Raises NotFound for a stranger."""
    contact = find(unit, number)
    if contact is None:
        raise NotFound("contact", number.wa_id)
    return contact


def verify_and_create(
    world: World, number: Phone, *, written: str, name: str | None, email: str | None, tags: tuple[str, ...]
) -> Contact:
    """A new contact whose number is on WhatsApp. Raises Unreachable, AlreadyThere."""
    with world.unit() as unit:
        if number.e164 == NOT_ON_WHATSAPP:
            raise Unreachable(f"{number.e164} is not on WhatsApp")
        existing = find(unit, number)
        if existing is not None:
            raise AlreadyThere(f"{number.e164} is contact {existing.id} already", existing)
        fresh = _new(unit, number, name)
        contact = replace(fresh, email=email, tags=tags, written=written, source="api")
        unit.store.contacts.put(contact)
        return contact


def mark_unread(unit: Unit, contact: Contact, *, unread: bool) -> Contact:
    """Is there something of theirs that nobody has answered?"""
    if contact.has_unread == unread:
        return contact
    contact = replace(contact, has_unread=unread)
    unit.store.contacts.put(contact)
    return contact


def chat(unit: Unit, contact_id: str, channel_id: str) -> Chat:
    """What stands between this contact and this channel, so far."""
    return unit.store.chats.get(chat_id(contact_id, channel_id)) or Chat(
        chat_id(contact_id, channel_id), contact_id, channel_id
    )


def _new(unit: Unit, number: Phone, name: str | None = None) -> Contact:
    return Contact(
        id=unit.new_id(),
        key=number.wa_id,
        phone=number.e164,
        wa_id=number.wa_id,
        name=name,
        email=None,
        created_at=unit.now,
        updated_at=unit.now,
    )
