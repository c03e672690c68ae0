"""Contacts: people with a phone number. The number is the key of an upsert (vendor: contacts-upsert)."""

import re
from dataclasses import dataclass, replace
from typing import Any

from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Contact:
    """`key` is the number's wa_id: one per person. `opted_out_on` holds the ids of channels with an active opt-out.

    `written` is the number as it was first spelt, `source` what made the contact where something says so; `has_unread` is
    true from a message of theirs until one of ours.
    """

    id: str
    key: str
    phone: str
    wa_id: str | None
    name: str | None
    email: str | None
    created_at: Instant
    updated_at: Instant
    opted_out_on: tuple[str, ...] = ()
    written: str | None = None
    source: str | None = None
    tags: tuple[str, ...] = ()
    has_unread: bool = False

    @property
    def is_opted_out(self) -> bool:
        """True while any channel has an active opt-out (D11)."""
        return bool(self.opted_out_on)


_PLACEHOLDER = re.compile(r"\{\{\s*(first_name|full_name|email|phone_number|whatsapp_id)\s*\}\}")


def personalized(text: str, contact: Contact) -> str:
    """The text with `{{first_name}}` and its kind filled in from the contact; what is not known is left out (D68)."""
    name = contact.name or ""
    known = {
        "first_name": name.split(" ")[0],
        "full_name": name,
        "email": contact.email or "",
        "phone_number": contact.written or contact.phone,
        "whatsapp_id": contact.key,
    }
    return _PLACEHOLDER.sub(lambda match: known[match[1]], text)


EDITABLE = ("name", "email", "wa_id")


def edit(contact: Contact, changes: dict[str, Any], at: Instant) -> Contact:
    """Apply the supplied fields: omitted keeps, None clears; `updated_at` moves only when something changed (D10)."""
    edited = replace(contact, **{field: value for field, value in changes.items() if field in EDITABLE})
    return contact if edited == contact else replace(edited, updated_at=at)


def set_opt_out(contact: Contact, channel_id: str, active: bool, at: Instant) -> Contact:
    """Mark the contact as opted out, or in again, on one channel."""
    others = tuple(c for c in contact.opted_out_on if c != channel_id)
    return replace(contact, opted_out_on=(*others, channel_id) if active else others, updated_at=at)
