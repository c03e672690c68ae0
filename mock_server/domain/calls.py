"""WhatsApp calls from a contact."""

from dataclasses import dataclass

from mock_server.domain.channels import Channel
from mock_server.domain.instant import Instant


@dataclass(frozen=True, slots=True)
class Call:
    """`wacid` is WhatsApp's id of it, `event` its word for what happened: `connect` or `terminate`."""

    id: str
    wacid: str
    contact_id: str
    channel: Channel
    phone: str
    event: str
    profile_name: str | None
    created_at: Instant
