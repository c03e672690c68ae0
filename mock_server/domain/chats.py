"""A chat: what stands between one contact and one of our numbers, as WhatsApp itself sees it.

The service window, the opt-out and the current conversation all belong to this pair, so they are kept in one record and
a send reads one row.
"""

from dataclasses import dataclass

from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Chat:
    """`conversation_id` is the one in use, `opt_out_id` the latest opt-out record, active or revoked."""

    id: str
    contact_id: str
    channel_id: str
    conversation_id: str | None = None
    opt_out_id: str | None = None
    last_inbound_at: Instant | None = None


def chat_id(contact_id: str, channel_id: str) -> str:
    """The pair itself is the id."""
    return f"{contact_id}/{channel_id}"


def window_closes_at(chat: Chat, window: int) -> Instant | None:
    """When free-form messages stop being allowed; None while the contact has never written (facts 2.1)."""
    return None if chat.last_inbound_at is None else chat.last_inbound_at + window


def window_open(chat: Chat, at: Instant, window: int) -> bool:
    """May a free-form message go out now? `window` in microseconds, 24 h on WhatsApp."""
    closes = window_closes_at(chat, window)
    return closes is not None and at < closes
