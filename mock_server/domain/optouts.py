"""Opt-outs per channel, and the words that set and clear them.

The words count, in any case, as the whole message or as its first word (vendor: /app/opt-outs); "please stop" does not.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from mock_server.domain.instant import Instant


class OptOutSource(StrEnum):
    """Who asked for it."""

    API = "api"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class OptOut:
    """A record of one opt-out; `revoked_at` is None while it is active."""

    id: str
    contact_id: str
    channel_id: str
    reason: str | None
    source: OptOutSource
    created_at: Instant
    revoked_at: Instant | None = None

    @property
    def active(self) -> bool:
        """Does it still block sends?"""
        return self.revoked_at is None


class Keyword(StrEnum):
    """What a word asks for."""

    STOP = "stop"
    START = "start"


_WORDS = {
    Keyword.STOP: "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT ALTO ARRÊTER PARAR BEENDEN 停止",
    Keyword.START: "START SUBSCRIBE",
}
KEYWORDS: dict[str, Keyword] = {word.casefold(): keyword for keyword, words in _WORDS.items() for word in words.split()}

_FIRST_WORD = re.compile(r"[\W_]*([^\W_]+)")


def keyword(text: str) -> Keyword | None:
    """The keyword that this message is or starts with, if any."""
    first = _FIRST_WORD.match(unicodedata.normalize("NFC", text))
    return KEYWORDS.get(first[1].casefold()) if first else None
