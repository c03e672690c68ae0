"""What two servers call the same thing: ids by first sight, in both directions."""

from __future__ import annotations

import re
from urllib.parse import quote_plus, unquote_plus

_TOKEN = re.compile(r"[A-Za-z0-9+/=._~-]{6,}")
_NUMBERS = frozenset({"waid", "wa_id", "whatsapp_id"})
_FORMS = (
    ("a wamid", re.compile(r"wamid\..+", re.DOTALL)),
    ("a UUID", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
    ("a cuid", re.compile(r"c[a-z0-9]{20,31}")),
    ("a number", re.compile(r"\d+")),
)


class Pairs:
    """Left and right ids. First seen, first paired; a pair stays."""

    def __init__(self) -> None:
        self._rights: dict[str, str] = {}
        self._lefts: dict[str, str] = {}
        self.ours: set[str] = set()
        """Left ids that this session made."""

    def agree(self, left: str, right: str, *, made: bool) -> bool:
        """Whether both ids name one thing, as far as anybody knows. Strangers become a pair."""
        if left not in self._rights and right not in self._lefts:
            self._rights[left], self._lefts[right] = right, left
            if made:
                self.ours.add(left)
        return self._rights.get(left) == right

    def right_of(self, left: object) -> str | None:
        """What the right one calls it."""
        return self._rights.get(left) if isinstance(left, str) else None

    def translated(self, text: str) -> str:
        """The text with the right one's ids in it."""
        return _TOKEN.sub(lambda found: self._rights.get(found[0], found[0]), text)

    def translated_query(self, query: str) -> str:
        """The same for a query string, whose values are quoted; what holds no id stays as it is, byte for byte."""
        return "&".join(self._parameter(part) for part in query.split("&"))

    def _parameter(self, part: str) -> str:
        name, equals, value = part.partition("=")
        right = self._rights.get(unquote_plus(value))
        return f"{name}{equals}{quote_plus(right)}" if right else part


def is_id(name: str, value: object) -> bool:
    """Whether a field names a thing of the server's. WhatsApp ids are phone numbers, which are the same everywhere."""
    if not isinstance(value, str) or name.lower() in _NUMBERS:
        return False
    return name == "id" or name.endswith(("Id", "_id", "Cursor"))


def form(value: str) -> str:
    """What kind of id it is."""
    return next((name for name, pattern in _FORMS if pattern.fullmatch(value)), "an id")
