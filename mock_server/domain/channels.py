"""Channels: a WhatsApp sender, one business phone number of one WhatsApp Business Account."""

from dataclasses import dataclass

from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Channel:
    """`phone` in E.164. `phone_number_id` and `waba_id` are Meta's own numeric ids, not the channel's."""

    id: str
    name: str
    phone: str
    phone_number_id: str
    waba_id: str
    is_default: bool
    connected: bool
    created_at: Instant
