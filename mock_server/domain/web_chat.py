"""The chat window on a web page: visitors without a phone number, and what is said there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mock_server.domain.instant import Instant


class Speaker(StrEnum):
    """Who wrote: the visitor, a support agent, the AI."""

    USER = "user"
    HUMAN = "human"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class WebMessage:
    """`visitor_id` holds a conversation together. `media_type` image or document where a file came along."""

    id: str
    visitor_id: str
    speaker: Speaker
    text: str
    created_at: Instant
    media_type: str | None = None
    media_url: str | None = None
    media_file_name: str | None = None
    more_data: dict[str, Any] | None = None
    member_id: str | None = None
