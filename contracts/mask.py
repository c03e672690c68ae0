"""Keys and phone numbers do not leave this process. A report may be published; a key in it would be a key lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.settings import digits

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY, NUMBER = "<key>", "<number>"

_SECRETS = re.compile(r"\b(?:flo|fiq|whsec|flwl_live)_(?!([a-z])\1+\b)[A-Za-z0-9_]{6,}")
_BEARER = re.compile(r"(?i)(bearer\s+)(?![$'\"]|(?:\w+_)?([a-z])\2+\b)[^\s'\"<,}]+")
_NUMBERS = re.compile(r"(?<![\w.])\+[1-9]\d(?:[\s().-]{0,2}\d){5,14}(?!\d)")
_WAMIDS = re.compile(r"wamid\.[A-Za-z0-9+/=_-]{8,}")  # the number is inside, in base64
_FIELDS = frozenset(
    {"phone", "to", "from", "waId", "phone_number", "whatsapp_id", "whatsappNumber", "normalized_phone"}
)


class Mask:
    """Hides what it was told of, and what looks like it."""

    def __init__(self, secrets: Iterable[str | None], numbers: Iterable[str]) -> None:
        self._secrets = sorted((s for s in secrets if s), key=len, reverse=True)
        self._numbers: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None
        for number in numbers:
            self.learn(number)

    def learn(self, number: str) -> None:
        """From now on this number is hidden in every spelling."""
        known = digits(number)
        if len(known) >= 7 and known not in self._numbers:
            self._numbers[known] = None
            self._pattern = None

    def learn_secret(self, secret: str) -> None:
        """From now on this is hidden."""
        self._secrets = sorted({*self._secrets, secret}, key=len, reverse=True)

    def learn_from(self, value: Any) -> None:
        """Every number in the fields of a body that hold numbers."""
        if isinstance(value, list):
            for item in value:
                self.learn_from(item)
        elif isinstance(value, dict):
            for name, child in value.items():
                if name in _FIELDS and isinstance(child, str):
                    self.learn(child)
                self.learn_from(child)

    def __call__(self, text: str) -> str:
        """The text, with all of it hidden."""
        for secret in self._secrets:
            text = text.replace(secret, KEY)
        text = _SECRETS.sub(KEY, text)
        text = _BEARER.sub(rf"\1{KEY}", text)
        text = _WAMIDS.sub("wamid.<hidden>", text)
        if self._known is not None:
            text = self._known.sub(NUMBER, text)
        return _NUMBERS.sub(NUMBER, text)

    @property
    def _known(self) -> re.Pattern[str] | None:
        if self._pattern is None and self._numbers:
            spelled = (r"[\s().-]{0,2}".join(known) for known in sorted(self._numbers, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<!\w)\+?(?:{'|'.join(spelled)})(?!\d)")
        return self._pattern
