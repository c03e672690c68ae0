"""Contacts: people with a phone number. The number is the key of an upsert (vendor: contacts-upsert)."""

from dataclasses import dataclass, replace
from typing import Any

from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Contact:
    """`key` is the number's wa_id: one per person. `opted_out_on` holds the ids of channels with an active opt-out."""

    id: str
    key: str
    phone: str
    wa_id: str | None
    name: str | None
    email: str | None
    created_at: Instant
    updated_at: Instant
    opted_out_on: tuple[str, ...] = ()

    @property
    def is_opted_out(self) -> bool:
        """True while any channel has an active opt-out (D11)."""
        return bool(self.opted_out_on)


EDITABLE = ("name", "email", "wa_id")


def edit(contact: Contact, changes: dict[str, Any], at: Instant) -> Contact:
    """Apply the supplied fields: omitted keeps, None clears; `updated_at` moves only when something changed (D10)."""
    edited = replace(contact, **{field: value for field, value in changes.items() if field in EDITABLE})
    return contact if edited == contact else replace(edited, updated_at=at)


def set_opt_out(contact: Contact, channel_id: str, active: bool, at: Instant) -> Contact:
    """Mark the contact as opted out, or in again, on one channel."""
    others = tuple(c for c in contact.opted_out_on if c != channel_id)
    return replace(contact, opted_out_on=(*others, channel_id) if active else others, updated_at=at)
