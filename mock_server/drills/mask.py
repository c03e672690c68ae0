"""Keys, numbers and ids do not leave a drill: people are numbered, and a report is the same each time it is made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mock_server.drills.manners import digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SECRETS = re.compile(r"\b(?:flo|fiq|whsec)_[A-Za-z0-9_]{6,}")
_BEARER = re.compile(r"(?i)(bearer\s+)[^\s'\"<,}]+")
_NUMBERS = re.compile(r"(?<![\w.])\+[1-9]\d(?:[\s().-]{0,2}\d){5,14}(?!\d)")
_WAMIDS = re.compile(r"wamid\.[A-Za-z0-9+/=_-]{8,}")
_IDS = re.compile(r"\bc[a-z0-9]{24}\b")
_HOSTS = re.compile(r"https?://[^\s/]+")


class Mask:
    """`names` are the digits of known numbers and what to call them."""

    def __init__(self, names: Mapping[str, str], secrets: Iterable[str] = ()) -> None:
        self._names = names
        self._secrets = [secret for secret in secrets if secret]
        self._ids: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text, with all of it hidden."""
        for secret in self._secrets:
            text = text.replace(secret, "<key>")
        text = _BEARER.sub(r"\1<key>", _SECRETS.sub("<key>", text))
        text = _WAMIDS.sub("wamid.<hidden>", text)
        text = _NUMBERS.sub(lambda found: self._names.get(digits(found[0]), "<number>"), text)
        text = _HOSTS.sub("<host>", text)
        return _IDS.sub(lambda found: self._ids.setdefault(found[0], f"<id {len(self._ids) + 1}>"), text)
